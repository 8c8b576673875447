"""What importing the package does, and does not."""

import json
import subprocess
import sys
from operator import attrgetter

import camclassify_core
import pytest

SCRIPT = """
import json, sys
from pathlib import Path
from camclassify_core import *
files = {line.split()[-1] for line in Path("/proc/self/maps").read_text().splitlines()}
print(json.dumps([sorted(sys.modules), sorted(name for name in files if ".so" in name)]))
"""


def test_importing_all_that_the_package_offers_loads_no_native_code() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, check=True)
    modules, libraries = json.loads(done.stdout)
    assert {"camclassify_core.engine", "camclassify_core.worker.client"} <= set(modules)
    assert not {"camclassify_core._core", "camclassify_core.native", "numpy", "onnxruntime"} & set(
        modules
    )
    assert libraries
    assert not [name for name in libraries if "_core." in name or "onnxruntime" in name]


def test_a_command_that_asks_nothing_of_the_engine_loads_none_of_it() -> None:
    loaded = "import sys, camclassify_core.cli; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", loaded], capture_output=True, check=True, text=True
    )
    ours = {name for name in done.stdout.split() if name.startswith("camclassify_core.")}
    assert {name.split(".")[1] for name in ours} == {"_version", "cli", "errors"}


def test_every_name_that_the_package_offers_is_found() -> None:
    assert all(getattr(camclassify_core, name) for name in camclassify_core.__all__)
    with pytest.raises(AttributeError, match="'Engines'"):
        attrgetter("Engines")(camclassify_core)
