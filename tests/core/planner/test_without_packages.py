"""Calibrating, planning and the forecast need neither the onnx package nor ONNX Runtime."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from camclassify_core.bundle.places import default_bundle

# Makes both unimportable, also in the programs that are started.
_BLOCKED = "import sys\nfor name in ('onnx', 'onnxruntime'):\n    sys.modules[name] = None\n"
_LEAST_EFFORT = """
from camclassify_core.cli import main
from camclassify_core.planner import learn, profiling
learn._LEAST_NETWORKS, learn._LEAST_RUNS, learn._TAIL_RUNS = 6, 3, 4
profiling.QUICK = profiling.Effort(
    fused=0, plain=0, overhead=0, windows=1, footprints=1, patience=0, most_macs=2e7, threads=(1,)
)
raise SystemExit(main())
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    folder = tmp_path / "packages"
    folder.mkdir()
    Path(folder, "sitecustomize.py").write_text(_BLOCKED)
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {"PATH": os.environ["PATH"], "PYTHONPATH": path, "XDG_CACHE_HOME": str(tmp_path)}


def run(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_machine_without_them_is_calibrated_planned_for_and_forecast(
    environment: dict[str, str], tmp_path: Path
) -> None:
    missing = "import importlib.util as u; print(u.find_spec('onnx'), u.find_spec('onnxruntime'))"
    assert run(environment, "-c", missing).split() == ["None", "None"]

    calibrated = json.loads(run(environment, "-c", _LEAST_EFFORT, "calibrate", "--quick", "--json"))
    assert sorted(calibrated["error"]) == ["direct/fp32/1", "direct/int8/1"]

    designs = tmp_path / "designs.yaml"
    designs.write_text(
        "all: {runner: direct, precision: int8}\n"
        "designs:\n"
        "  - name: small\n"
        "    trunk: {width: 0.25, resolution: 64}\n"
        "    heads: [{name: people, classes: 1}]\n"
        "  - name: existing\n"
        "    trunk: {bundle: default}\n"
        "    heads: [{name: people}]\n"
    )
    planned = run(environment, "-m", "camclassify_core", "plan", str(designs), "--json")
    names = [json.loads(line).get("design", {}).get("name") for line in planned.splitlines()]
    assert names[:2] == ["small", "existing"]

    asked = [str(default_bundle()), "int8", "1"]
    times = run(environment, "-P", "-m", "camclassify_core.planner.bundle_times", *asked)
    assert json.loads(times).keys() == {"scene_ms", "object_ms"}
