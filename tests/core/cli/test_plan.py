"""What `camclassify plan` says of designs, from a profile that is known."""

from dataclasses import replace
from pathlib import Path

import pytest
from camclassify_core.cli import main
from camclassify_core.machine import this_machine
from camclassify_core.native import core
from camclassify_core.planner.cost_model import Overhead
from camclassify_core.planner.profile import save

from ..planner.profiles import kept_profile
from .conftest import json_lines

DESIGNS = """
all: {runner: direct, heads: [{name: people, classes: 1}]}
designs:
  - {name: alone}
  - {name: side by side, threads: 2}
"""


def arguments(folder: Path, *, gain: float) -> list[str]:
    """Two threads are as much faster as `gain` says, and predicted as exactly as one."""
    profile = replace(kept_profile(), machine=this_machine(core.instruction_set()))
    for setting, costs in list(profile.costs.items()):
        overhead = Overhead(threads=2, split=2 / gain, whole=1 / gain)
        two = replace(costs, model=replace(costs.model, overhead=overhead))
        profile.costs[replace(setting, threads=2)] = two
    save(profile, folder / "profile.json")
    (folder / "designs.yaml").write_text(DESIGNS)
    return ["plan", str(folder / "designs.yaml"), "--profile", str(folder / "profile.json")]


def test_two_threads_that_are_hardly_faster_are_not_named_the_fastest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = arguments(tmp_path, gain=1.04)
    assert main(command) == 0
    said = capsys.readouterr().out
    assert "Fastest: alone, " in said
    assert "Perhaps faster, on 2 threads: side by side, " in said
    assert main([*command, "--json"]) == 0
    last = json_lines(capsys)[-1]
    assert (last["fastest"], last["perhaps_faster"]) == ("alone", "side by side")


def test_two_threads_that_are_much_faster_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = arguments(tmp_path, gain=1.5)
    assert main(command) == 0
    said = capsys.readouterr().out
    assert "Fastest: side by side, " in said
    assert "Perhaps" not in said
    assert main([*command, "--json"]) == 0
    last = json_lines(capsys)[-1]
    assert (last["fastest"], last["perhaps_faster"]) == ("side by side", None)
