"""What `camclassify plan --cameras` says of machines."""

from dataclasses import replace
from pathlib import Path

import pytest
from camclassify_core.cli import main
from camclassify_core.machine import this_machine
from camclassify_core.native import core
from camclassify_core.planner.profile import save

from ..planner.profiles import kept_profile
from .conftest import json_lines


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    profile = replace(kept_profile(), machine=this_machine(core.instruction_set()))
    save(profile, tmp_path / "profile.json")
    return ["plan", "--profile", str(tmp_path / "profile.json"), "--cameras"]


def nodes(folder: Path, text: str) -> str:
    file = folder / "machines.yaml"
    file.write_text(text)
    return str(file)


def test_machines_like_this_one_are_added_until_they_are_enough(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "400", "--fps", "2", "--busy", "0.2", "--json"]) == 0
    found = json_lines(capsys)
    assert [each["holds"] for each in found] == [False] * (len(found) - 1) + [True]
    assert found[-1]["load"] <= 0.7


def test_it_says_what_a_frame_takes_and_which_machines_to_take(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "10"]) == 0
    said = capsys.readouterr().out
    assert "this one: a frame takes" in said
    assert "<- take this" in said


def test_machines_of_a_file_are_taken_in_its_order(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = """
machines:
  - {name: small, profile: profile.json, cores: 1}
  - {name: large, profile: profile.json, cores: 8, count: 2}
"""
    assert main([*command, "100000", "--nodes", nodes(tmp_path, text), "--json"]) == 1
    last = json_lines(capsys)[-1]
    assert last["machines"] == [["small", 1], ["large", 2]]
    assert last["replicas"] == 17
    assert not last["holds"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "machines: []",
        "machines: [{name: a}]",
        "machines: [{name: a, profile: profile.json, count: 0}]",
        "machines: [{name: a, profile: profile.json, more: 1}]",
        "machines: [",
    ],
)
def test_a_file_that_says_no_machines_is_refused(
    command: list[str], tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "10", "--nodes", nodes(tmp_path, text)]) == 1
    assert "is no file of machines" in capsys.readouterr().err


def test_options_of_designs_mean_nothing_beside_it(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "10", "--explain"]) == 2
    assert main(["plan", "--busy", "0.5"]) == 2
    assert "--cameras" in capsys.readouterr().err
