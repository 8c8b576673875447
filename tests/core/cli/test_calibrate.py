"""`camclassify calibrate` measures this machine, and `plan` predicts and proves with what it found.

With hardly any effort: what the figures are is no matter for tests.
"""

import json
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from camclassify_core.cli import main
from camclassify_core.planner.profiling import Effort

from benchmarks import held_out_designs

from .conftest import json_lines

LEAST = Effort(
    fused=0,
    plain=0,
    overhead=0,
    windows=2,
    footprints=1,
    patience=0,
    most_macs=3e7,
    threads=(1,),
)
RUNNERS = ("direct", "fused", "onnxruntime")
DESIGNS = """
all:
  runner: direct
  heads:
    - {name: people, classes: 1, width: 8}
    - {name: animals, classes: 7, width: 8}
designs:
  - name: one
    trunk: {width: 0.25, resolution: 64}
  - name: larger
    precision: int8
    trunk: {width: 1, resolution: 256}
  - name: side by side
    trunk: {width: 0.25, resolution: 64}
    grouping: per_group
    execution: parallel
    threads: 2
  - name: plain
    trunk: {width: 0.25, resolution: 64}
    runner: onnxruntime
"""


@dataclass(frozen=True)
class Calibrated:
    """The profile, and what the command printed."""

    profile: Path
    said: dict[str, Any]


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory: pytest.TempPathFactory) -> Calibrated:
    profile = tmp_path_factory.mktemp("calibrated") / "new" / "profile.json"
    output = StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(output):
        patch.setattr("camclassify_core.planner.profiling.QUICK", LEAST)
        patch.setattr("camclassify_core.planner.learn._LEAST_NETWORKS", 8)
        patch.setattr("camclassify_core.planner.learn._LEAST_RUNS", 4)
        patch.setattr("camclassify_core.planner.learn._TAIL_RUNS", 4)
        assert main(["calibrate", "--quick", "--profile", str(profile), "--json"]) == 0
    return Calibrated(profile, json.loads(output.getvalue()))


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Verification that measures each design once."""
    monkeypatch.setattr("camclassify_core.planner.verify._WINDOWS", 1)
    monkeypatch.setattr("camclassify_core.planner.verify._ROUNDS", 1)
    monkeypatch.setattr("camclassify_core.planner.verify._PATIENCE", 0)


@pytest.fixture
def designs(tmp_path: Path) -> str:
    file = tmp_path / "designs.yaml"
    file.write_text(DESIGNS)
    return str(file)


def test_every_way_of_running_a_network_is_measured(calibrated: Calibrated) -> None:
    assert calibrated.said["profile"] == str(calibrated.profile)
    assert calibrated.said["reference_ms"] > 0
    assert set(calibrated.said["error"]) == {
        f"{runner}/{precision}/1" for runner in RUNNERS for precision in ("fp32", "int8")
    }
    kept = json.loads(calibrated.profile.read_text())
    assert kept["quick"] is True


def test_people_are_told_what_to_do_next(
    calibrated: Calibrated, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from camclassify_core.machine import this_machine
    from camclassify_core.native import core
    from camclassify_core.planner.profile import load

    found = load(calibrated.profile, this_machine(core.instruction_set()))
    monkeypatch.setattr("camclassify_core.planner.profiling.calibrate", lambda *_, **__: found)
    kept = calibrated.profile.with_name("again.json")
    assert main(["calibrate", "--profile", str(kept)]) == 0
    said = capsys.readouterr().out
    assert f"reference network {found.reference_ms:.2f} ms" in said
    assert "fused/int8/1" in said
    assert f"Written to {kept}. Now: camclassify plan" in said
    assert kept.read_text() == calibrated.profile.read_text()


def test_a_profile_that_cannot_be_written_is_told_before_anything_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[object] = []
    monkeypatch.setattr(
        "camclassify_core.planner.profiling.calibrate", lambda *_, **__: measured.append(1)
    )
    (tmp_path / "file").touch()
    assert main(["calibrate", "--profile", str(tmp_path / "file" / "profile.json")]) == 1
    assert "file" in capsys.readouterr().err
    assert measured == []


def test_designs_are_predicted_from_what_was_measured(
    calibrated: Calibrated, designs: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    chart = tmp_path / "chart.svg"
    profile = ["--profile", str(calibrated.profile)]
    assert main(["plan", designs, *profile, "--json", "--plot", str(chart)]) == 0
    *predictions, recommendation = json_lines(capsys)
    assert [each["design"]["name"] for each in predictions] == [
        "one",
        "larger",
        "side by side",
        "plain",
    ]
    for each in predictions:
        assert 0 < each["low_ms"] <= each["latency_ms"] <= each["high_ms"]
        assert each["memory_mb"] > 0
    quickest = min(predictions, key=lambda each: each["latency_ms"])["design"]["name"]
    assert quickest in (recommendation["fastest"], recommendation["perhaps_faster"])
    assert "larger" in chart.read_text()


def test_a_prediction_is_explained(
    calibrated: Calibrated, designs: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", designs, "--profile", str(calibrated.profile), "--explain"]) == 0
    said = capsys.readouterr().out
    assert "Fastest: " in said
    assert "What would change that:" in said
    assert said.count("larger") > 1


@pytest.mark.usefixtures("hasty")
def test_designs_are_built_and_measured(
    calibrated: Calibrated, designs: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["plan", designs, "--profile", str(calibrated.profile), "--verify"]
    assert main([*command, "--json"]) == 0
    *lines, summary = json_lines(capsys)
    verdicts = lines[5:]  # behind four predictions and a recommendation
    assert [each["design"]["name"] for each in verdicts] == [
        "one",
        "larger",
        "side by side",
        "plain",
    ]
    for each in verdicts:
        ratio = each["measured"]["ratio"]
        assert ratio > 0
        assert each["again"]["ratio"] not in (0, ratio)
        assert each["measured_mb"] > 1
        assert each["error"] == pytest.approx(each["predicted"] / ratio - 1)
    one, larger, *_ = verdicts
    assert larger["measured"]["ratio"] > one["measured"]["ratio"]
    assert summary["pairs_10"] > 0

    assert main(command) == 0
    said = capsys.readouterr().out
    assert "predicted ms" in said
    assert "fastest design named" in said
    assert "int8 (1)" in said


@pytest.mark.usefixtures("hasty")
def test_designs_that_calibration_never_saw_are_measured_for_each_runner(
    calibrated: Calibrated,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.argv", ["held_out_designs", "1", "--profile", str(calibrated.profile)])
    held_out_designs.main()
    said = capsys.readouterr().out
    for runner in RUNNERS:
        assert f"1 designs, {runner}, threads: 1" in said
