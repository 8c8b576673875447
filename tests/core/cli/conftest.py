"""The command line as a process of its own, and what it printed."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ..conftest import PHOTOGRAPHS

DOG, COFFEE = str(PHOTOGRAPHS / "dog.jpg"), str(PHOTOGRAPHS / "coffee.png")
COMMAND = Path(sys.executable).with_name("camclassify")


def json_lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The objects that were printed since the last look."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def python(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """A Python like this one."""
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, **options)


def started(arguments: Sequence[str], **options: Any) -> subprocess.Popen[str]:
    """The command, running."""
    return subprocess.Popen([COMMAND, *arguments], text=True, **options)
