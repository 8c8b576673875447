"""Home Assistant imports the protocol: it may bring nothing that is not there."""

import subprocess
import sys

SCRIPT = """
import sys
there = set(sys.modules)
from camclassify_core.open_inference import inference, models, tensor
brought = set(sys.modules) - there
print(*sorted({name.partition(".")[0] for name in brought} - set(sys.stdlib_module_names)))
print(*[name for name in brought if name.endswith(("._core", ".native"))])
"""


def test_the_protocol_needs_the_standard_library_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["camclassify_core", ""]
