"""A profile is kept whole, and refused where it does not hold."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from camclassify_core.planner.designs import Design, Head, Trunk
from camclassify_core.planner.fingerprint import work_fingerprint
from camclassify_core.planner.fused_work import FusedWork
from camclassify_core.planner.layers import Layer
from camclassify_core.planner.predict import predict
from camclassify_core.planner.profile import ProfileError, load, save
from camclassify_core.planner.work import Work

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


def test_a_profile_that_was_learnt_from_other_counts_is_refused_with_the_remedy(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = FusedWork.of

    def twice_the_tiles(counter: FusedWork, layer: Layer) -> tuple[Work, ...]:
        return tuple(
            replace(each, counts={name: 2 * count for name, count in each.counts.items()})
            for each in of(counter, layer)
        )

    monkeypatch.setattr(FusedWork, "of", twice_the_tiles)
    work_fingerprint.cache_clear()
    try:
        with pytest.raises(ProfileError, match=r"kernels did before.*calibrate"):
            load(file, MACHINE, force=True)
    finally:
        monkeypatch.undo()
        work_fingerprint.cache_clear()
    assert load(file, MACHINE)


def test_an_older_version_is_refused_with_the_remedy(file: Path) -> None:
    content = json.loads(file.read_text())
    file.write_text(json.dumps(content | {"version": 0}))
    with pytest.raises(ProfileError, match=r"version 0.*calibrate"):
        load(file, MACHINE)


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"version": 3}'])
def test_a_damaged_file_is_refused_with_the_remedy(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(ProfileError, match="calibrate"):
        load(file, MACHINE)


def test_without_a_profile_the_remedy_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="no profile yet: run `camclassify calibrate`"):
        load(tmp_path / "profile.json", MACHINE)
