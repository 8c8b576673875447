"""The command line, `camclassify`: one module per command.

Exit status: 0 if all went well, 1 if something failed, 2 for a wrong usage.
"""

import os
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version

from camclassify_core.errors import CamClassifyError

_COMMANDS = ("classify", "doctor", "bench", "calibrate", "plan", "bundle")
"""Modules of this package: `add_parser(commands)` adds one, its default `run(arguments)` does it."""


_EXTRAS = {
    "onnxruntime": "onnxruntime",
    **dict.fromkeys(("ai_edge_litert", "cv2", "ncnn", "openvino"), "peers"),
}
"""Which of the wheel's extras brings a package; `tools` brings the others."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit status."""
    parser = ArgumentParser(
        prog="camclassify", description="Finds people, vehicles and animals in pictures of cameras."
    )
    parser.add_argument("--version", action="version", version=version("camclassify"))
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name in _COMMANDS:
        import_module(f".{name}", __package__).add_parser(commands)
    arguments = parser.parse_args(argv)
    try:
        status: int = arguments.run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # Nobody reads on, as after `| head`; what is left unwritten must not be tried again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return _fail("interrupted")
    except CamClassifyError as error:
        return _fail(str(error))
    except ModuleNotFoundError as error:
        extra = _EXTRAS.get((error.name or "").partition(".")[0], "tools")
        return _fail(f"{error.name} is missing. Run: pip install 'camclassify[{extra}]'")
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    return status


def _fail(sentence: str) -> int:
    print(f"camclassify: {sentence}", file=sys.stderr)
    return 1
