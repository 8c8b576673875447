"""Home Assistant imports the protocol: it may bring nothing that is not there."""

import subprocess
import sys

SCRIPT = """
import sys
from camclassify_core.open_inference import inference, models, tensor
print(*sorted({name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names)))
print(*[name for name in sys.modules if name.endswith(("._core", ".native"))])
"""


def test_the_protocol_needs_the_standard_library_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )
    packages, native = done.stdout.splitlines()
    brought = {each for each in packages.split() if not each.startswith(("__", "_", "coverage"))}
    assert brought == {"camclassify_core"}
    assert native == ""
