"""The benchmark's arithmetic; its figures are no matter for tests."""

import json
import sys
from functools import partial
from pathlib import Path

import numpy as np
import onnx
import pytest
from camclassify_core.bench.comparison import compare
from camclassify_core.bench.contestant import Contestant
from camclassify_core.bench.lowering import not_lowered
from camclassify_core.bench.ratios import paired_ratio
from camclassify_core.bench.rounds import WARM_UP_ROUNDS, Times, measure
from camclassify_core.bundles import onnx_file
from camclassify_core.cli import main

from .whole_bundle import WHOLE_BUNDLE


def test_the_paired_ratio_does_not_see_what_hits_both() -> None:
    drift = np.random.default_rng(1).uniform(1, 10, 200)
    ratio = paired_ratio(3 * drift, drift)
    assert (ratio.median, ratio.low, ratio.high) == pytest.approx((3, 3, 3))


def test_the_interval_is_wide_where_rounds_disagree() -> None:
    noise = np.random.default_rng(2)
    ratio = paired_ratio(noise.uniform(1, 3, 100), noise.uniform(1, 3, 100))
    assert ratio.low < ratio.median < ratio.high


def test_everybody_runs_once_a_round_in_rotating_order() -> None:
    ran: list[str] = []
    names = ("a", "b", "c")
    times = measure([partial(ran.append, name) for name in names], rounds=3)
    timed = ran[3 * WARM_UP_ROUNDS :]
    assert timed == ["a", "b", "c", "b", "c", "a", "c", "a", "b"]
    assert times.wall.shape == times.cpu.shape == (3, 3)
    assert (times.wall > 0).all()


def contestant(name: str, precision: str, value: float) -> Contestant:
    return Contestant(name, precision, lambda: None, lambda: {"out": np.array([0.5, value])})


def test_rows_compare_with_our_fastest_in_each_precision() -> None:
    contestants = [
        contestant("peer", "fp32", 10.0),
        contestant("ours", "fp32", 10.0),
        contestant("ours", "int8", 10.5),
    ]
    times = Times(wall=np.tile([8.0, 4.0, 2.0], (20, 1)), cpu=np.ones((20, 3)))
    rows = compare("network", contestants, [False, True, True], times, [None] * 3).rows
    assert {kind: ratio.median for kind, ratio in rows[0].faster.items()} == {"fp32": 2, "int8": 4}
    assert rows[2].difference == pytest.approx(0.05)
    assert rows[1].median_ms == 4


@pytest.mark.parametrize("value", [10.2, float("nan")])
def test_who_computes_something_else_in_fp32_disagrees(value: float) -> None:
    contestants = [
        contestant("ours", "fp32 unfused", 10.0),
        contestant("ours", "int8", value),
        contestant("peer", "fp32", 10.05),
        contestant("wrong", "fp32", value),
    ]
    times = Times(wall=np.ones((20, 4)), cpu=np.ones((20, 4)))
    comparison = compare("network", contestants, [True, True, False, False], times, [None] * 4)
    assert [row.name for row in comparison.disagreeing] == ["wrong"]


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


def test_a_network_that_an_engine_cannot_be_given_says_which_operators_are_to_blame(
    tmp_path: Path,
) -> None:
    image = onnx.helper.make_tensor_value_info("image", onnx.TensorProto.FLOAT, [1, 3, 8, 8])
    result = onnx.helper.make_tensor_value_info("result", onnx.TensorProto.FLOAT, [1, 3, 8, 8])
    node = onnx.helper.make_node("Erf", ["image"], ["result"])
    graph = onnx.helper.make_graph([node], "unusual", [image], [result])
    file = tmp_path / "unusual.onnx"
    onnx.save(onnx.helper.make_model(graph), file)
    assert not_lowered(onnx_file.read(file)) == ["Erf"]


def test_peers_say_what_to_do_where_the_bundle_lacks_the_original_networks(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["bench", "--peers"]) == 1
    assert "camclassify bundle build DIR" in capsys.readouterr().err


def test_networks_of_the_bundle_can_be_given_to_every_engine() -> None:
    for name in ("scene.onnx", "object.onnx"):
        assert not_lowered(onnx_file.read(WHOLE_BUNDLE / name)) == []
