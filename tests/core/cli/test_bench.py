"""`camclassify bench` measures a whole bundle: its networks, pictures, snapshots, and each op."""

import pytest
from camclassify_core.cli import main

from .conftest import DOG, json_lines


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure everything once: the figures are no matter for tests."""
    monkeypatch.setattr("camclassify_core.cli.bench._ROUNDS", 1)
    monkeypatch.setattr("camclassify_core.cli.bench._PACED_SECONDS", 0.1)


def test_a_bundle_is_measured_from_its_networks_to_whole_snapshots(
    capsys: pytest.CaptureFixture[str],
) -> None:
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


def test_people_get_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--snapshot", DOG, "--cameras", "1", "--paced", "20"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("1 cameras at 20 frames a second each")
    assert "CPU ms a frame" in said
