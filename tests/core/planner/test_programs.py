"""The planner's helper programs: what networks take of memory, and what their operators take of time."""

import json
from pathlib import Path

import pytest
from camclassify_core.options import Precision
from camclassify_core.planner import footprint, plain_times
from camclassify_core.planner.designs import DesignRunner
from camclassify_core.planner.layers import Kind, Network
from camclassify_core.planner.programs import MeasuringError
from camclassify_core.planner.programs import footprint as run_footprint
from camclassify_core.planner.random_network import build
from camclassify_core.planner.sampling import calibration_networks

SMALL = next(calibration_networks(1, 2e7))


def write(folder: Path, network: Network, runner: DesignRunner, precision: Precision) -> Path:
    file = folder / f"{runner}.{precision}.onnx"
    file.write_bytes(build(network, runner, precision))
    return file


def test_every_network_that_is_loaded_takes_memory_and_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(write(tmp_path, SMALL, DesignRunner.DIRECT, Precision.FP32))
    footprint.main("direct", 1, [file, file])
    (line,) = capsys.readouterr().out.splitlines()
    told = json.loads(line)
    assert told["memory_mb"] > 1
    assert len(told["load_ms"]) == 2
    assert min(told["load_ms"]) > 0


def test_the_last_words_of_a_program_that_fails_are_told(tmp_path: Path) -> None:
    with pytest.raises(MeasuringError, match=r"footprint failed: .*missing\.onnx"):
        run_footprint([tmp_path / "missing.onnx"], "direct", 1)


@pytest.mark.parametrize("precision", list(Precision))
def test_the_convolutions_of_a_layer_are_told_apart_from_its_other_operators(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], precision: Precision
) -> None:
    file = str(write(tmp_path, SMALL, DesignRunner.ONNXRUNTIME, precision))
    plain_times.main(1, 0, 1, 0, [file, "never opened"])
    (line,) = capsys.readouterr().out.splitlines()
    convolutions = {Kind.STEM: 1, Kind.POINTWISE: 1, Kind.SEPARABLE: 2, Kind.INVERTED: 3}
    layers = json.loads(line)
    assert len(layers) == len(SMALL.layers)
    for layer, (costs, rest, others) in zip(SMALL.layers, layers, strict=True):
        assert len(costs) == convolutions.get(layer.kind, 0)
        assert all(cost > 0 for cost in costs)
        assert (rest > 0) == (others > 0)
