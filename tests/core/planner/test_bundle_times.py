"""What a bundle's networks should take is told in one line, or why it cannot be told."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from camclassify_core.bundle.places import default_bundle
from camclassify_core.machine import this_machine
from camclassify_core.native import core
from camclassify_core.planner import bundle_times
from camclassify_core.planner.existing import Part
from camclassify_core.planner.profile import Setting, save

from .profiles import kept_profile


def test_looks_take_what_their_networks_take_after_a_pause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "profile.json"
    save(replace(kept_profile(), machine=this_machine(core.instruction_set())), kept)
    monkeypatch.setattr(bundle_times, "default_path", lambda: kept)
    taken: dict[str, Part] = {}

    def ratio(part: Part, setting: Setting) -> float:
        taken[part.file.name] = part
        return 3 if part.file.name.startswith("scene") else 1

    monkeypatch.setattr(bundle_times, "ratio", ratio)
    found = bundle_times.main(default_bundle(), "int8", 1)
    assert found == pytest.approx({"scene_ms": 3 * 2 * 1.2, "object_ms": 2 * 1.2})
    assert taken["scene.int8.onnx"].heads == ("people", "vehicles", "animals")


def test_the_program_answers_with_the_problem_where_there_is_no_profile(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", bundle_times.__name__, str(default_bundle()), "int8", "1"],
        env={"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "camclassify calibrate" in json.loads(done.stdout)["problem"]
