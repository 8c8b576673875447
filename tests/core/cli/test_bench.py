"""`camclassify bench` measures and draws; its figures are no matter for tests."""

import json
import sys
from pathlib import Path

import pytest
from camclassify_core.cli import main

from ..whole_bundle import WHOLE_BUNDLE
from .conftest import DOG, json_lines


def test_disagreement_fails(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("camclassify_core.cli.bench._ROUNDS", 1)
    monkeypatch.setattr("camclassify_core.bench.comparison.MAX_DIFFERENCE", -1.0)
    assert main(["bench", str(WHOLE_BUNDLE / "object.onnx")]) == 1
    assert "network object" in capsys.readouterr().err


def test_networks_in_fp32_are_found_to_answer_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("camclassify_core.cli.bench._ROUNDS", 1)
    assert main(["bench", "--bundle", str(WHOLE_BUNDLE), "--snapshot", DOG]) == 0


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


def test_a_bundle_is_measured_from_its_networks_to_whole_snapshots(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("camclassify_core.cli.bench._ROUNDS", 1)
    assert main(["bench", "--json", "--snapshot", DOG, "--ops"]) == 0
    lines = json_lines(capsys)
    comparisons = list(dict.fromkeys(line["comparison"] for line in lines if "comparison" in line))
    assert comparisons == [
        "network scene",
        "network object",
        "decode, gate and resize",
        "snapshot to detections",
    ]
    busy, static = (line for line in lines if line.get("comparison") == "snapshot to detections")
    assert busy["precision"] == "int8"
    assert static["precision"] == "static scene"
    assert min(static["median_ms"], busy["median_ms"]) > 0
    ops = [line for line in lines if "op" in line]
    assert {"Stem", "Pointwise", "PooledHead", "Predictor"} <= {line["type"] for line in ops}
    assert min(line["milliseconds"] for line in ops) >= 0


def test_people_get_a_table(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("camclassify_core.cli.bench._ROUNDS", 1)
    monkeypatch.setattr("camclassify_core.cli.bench._PACED_SECONDS", 0.1)
    assert main(["bench", "--snapshot", DOG, "--cameras", "1", "--paced", "20"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("1 cameras at 20 frames a second each")
    assert "CPU ms a frame" in said
