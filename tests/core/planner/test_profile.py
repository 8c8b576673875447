"""A profile is kept whole, and refused where it does not hold."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from camclassify_core.native import core
from camclassify_core.planner import fused_work
from camclassify_core.planner.designs import Design, Head, Trunk
from camclassify_core.planner.fingerprint import work_fingerprint
from camclassify_core.planner.predict import predict
from camclassify_core.planner.profile import VERSION, ProfileError, load, save

from .profiles import MACHINE, kept_profile

DESIGN = Design(name="a", trunk=Trunk(), heads=(Head(name="people", classes=1),))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "below" / "profile.json"
    save(kept_profile(), path)
    return path


def test_a_profile_predicts_the_same_after_being_kept(file: Path) -> None:
    assert predict(DESIGN, load(file, MACHINE)) == predict(DESIGN, kept_profile())


def test_another_machines_profile_is_refused_unless_forced(file: Path) -> None:
    other = replace(MACHINE, processor="another")
    with pytest.raises(ProfileError, match=r"another machine.*calibrate.*--force"):
        load(file, other)
    assert load(file, other, force=True).machine == MACHINE


def test_a_profile_that_was_learnt_from_other_work_is_refused_with_the_remedy(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of_larger_tiles(op: str, **question: Any) -> core.OpWork:
        """As if kernels had changed: the answer for another instruction set's."""
        return core.op_work(op, **question | {"instruction_set": "avx2"})

    asked = SimpleNamespace(op_work=of_larger_tiles)
    monkeypatch.setattr(fused_work, "core", asked)
    fused_work.asked.cache_clear()
    work_fingerprint.cache_clear()
    try:
        with pytest.raises(ProfileError, match=r"kernels did before.*calibrate"):
            load(file, MACHINE, force=True)
    finally:
        monkeypatch.undo()
        fused_work.asked.cache_clear()
        work_fingerprint.cache_clear()
    assert load(file, MACHINE)


def test_an_older_version_is_refused_with_the_remedy(file: Path) -> None:
    content = json.loads(file.read_text())
    file.write_text(json.dumps(content | {"version": 0}))
    with pytest.raises(ProfileError, match=r"version 0.*calibrate"):
        load(file, MACHINE)


@pytest.mark.parametrize("text", ["", "{", "[]", "7", f'{{"version": {VERSION}}}'])
def test_a_damaged_file_is_refused_with_the_remedy(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(ProfileError, match="calibrate"):
        load(file, MACHINE)


def test_without_a_profile_the_remedy_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="no profile yet: run `camclassify calibrate`"):
        load(tmp_path / "profile.json", MACHINE)
