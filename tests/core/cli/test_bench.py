"""`camclassify bench` measures and draws; its figures are no matter for tests."""

import json
import sys
from pathlib import Path

import pytest
from camclassify_core.cli import main

from ..whole_bundle import WHOLE_BUNDLE


def test_disagreement_fails(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("camclassify_core.cli.bench._ROUNDS", 1)
    monkeypatch.setattr("camclassify_core.bench.comparison.MAX_DIFFERENCE", -1.0)
    assert main(["bench", str(WHOLE_BUNDLE / "object.onnx")]) == 1
    assert "network object" in capsys.readouterr().err


def test_plays_cameras(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("camclassify_core.cli.bench._PACED_SECONDS", 0.2)
    assert main(["bench", "--cameras", "2", "--paced", "10", "--json"]) == 0
    busy, static = map(json.loads, capsys.readouterr().out.splitlines())
    assert busy["scene"] == "busy"
    assert busy["cameras"] == static["cameras"] == 2
    assert min(busy["core_percent"], static["core_percent"]) > 0


def test_measures_one_network_file(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("matplotlib")
    monkeypatch.setattr("camclassify_core.cli.bench._ROUNDS", 2)
    chart = tmp_path / "chart.svg"
    assert main(["bench", str(WHOLE_BUNDLE / "object.onnx"), "--plot", str(chart)]) == 0
    assert "network object" in capsys.readouterr().out
    assert "<svg" in chart.read_text()


def test_what_a_chart_lacks_is_told_before_all_is_measured(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.delitem(sys.modules, "camclassify_core.bench.plot", raising=False)
    monkeypatch.setattr("camclassify_core.cli.bench._ROUNDS", 2)
    chart = tmp_path / "chart.svg"
    assert main(["bench", str(WHOLE_BUNDLE / "object.onnx"), "--plot", str(chart)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "pip install 'camclassify[tools]'" in captured.err
