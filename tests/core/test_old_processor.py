"""A processor from before SSE4.2, or a virtual machine that hides what its processor has."""

import platform
import shutil
import subprocess
import sys
from io import BytesIO

import pytest
from camclassify_core.codec import options_to_json
from camclassify_core.options import EngineOptions
from camclassify_core.worker.host import read_message
from camclassify_core.worker.protocol import Message, encode_head

EMULATOR = shutil.which("qemu-x86_64")
OLD = (EMULATOR or "", "-cpu", "core2duo", sys.executable)

pytestmark = pytest.mark.skipif(
    EMULATOR is None or platform.machine() != "x86_64",
    reason="needs an x86-64 Python and qemu-x86_64 (qemu-user), which script/setup installs",
)


def test_the_extension_loads_and_says_what_the_processor_lacks() -> None:
    script = "from camclassify_core.native import core; print(core.instruction_set())"
    done = subprocess.run([*OLD, "-c", script], capture_output=True, text=True)
    assert done.returncode == 1
    assert "UnsupportedProcessor: This processor lacks instructions" in done.stderr
    assert "SSE4.2 and POPCNT" in done.stderr


def test_the_worker_answers_that_the_processor_lacks_instructions() -> None:
    options = {"op": "configure", "id": 1, "args": options_to_json(EngineOptions())}
    done = subprocess.run(
        [*OLD, "-m", "camclassify_core.worker"],
        input=encode_head(Message(options)),
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr
    answer = read_message(BytesIO(done.stdout))
    assert answer is not None
    assert answer.header["error"] == "UnsupportedProcessor"
    assert "x86-64-v2" in answer.header["message"]


@pytest.mark.parametrize("command", [["doctor"], ["classify", "picture.jpg"]])
def test_a_command_says_in_one_line_what_the_processor_lacks(command: list[str]) -> None:
    done = subprocess.run(
        [
            *OLD,
            "-c",
            "import sys; from camclassify_core.cli import main; sys.exit(main())",
            *command,
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "This processor lacks instructions" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
