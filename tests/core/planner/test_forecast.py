"""The forecast comes from a process of its own, and never raises."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from camclassify_core import Precision
from camclassify_core.planner.forecast import forecast


def program(path: Path, *lines: str) -> None:
    """Puts a program in the place of Python."""
    path.write_text("\n".join(["#!/bin/sh", *lines]))
    path.chmod(0o755)


@pytest.fixture
def python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "python"
    monkeypatch.setattr(sys, "executable", str(path))
    return path


def asked() -> dict[str, object]:
    return asyncio.run(forecast(Path("bundle"), Precision.INT8, 2))


def test_the_programs_answer_is_returned(python: Path) -> None:
    program(python, """echo "{\\"asked\\": \\"$4 $5 $6\\"}" """)
    assert asked() == {"asked": "bundle int8 2"}


def test_a_program_that_fails_is_a_problem(python: Path) -> None:
    program(python, "exit 3")
    assert asked() == {"problem": "the planner gave no answer (exit status 3)"}


def test_a_program_that_hangs_is_ended(
    python: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("camclassify_core.planner.forecast._TIMEOUT", 0.5)
    program(python, f"echo $$ > {tmp_path}/pid", "exec sleep 600")
    assert "no answer" in str(asked()["problem"])
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)
