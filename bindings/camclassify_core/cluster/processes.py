"""The processes that come of starting Ray: those whose parents end become our children."""

import ctypes
import os
import signal
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

_PR_SET_CHILD_SUBREAPER = 36
_PATIENCE = 2.0  # seconds, between asking a process to end and ending it
_STEP = 0.05


def adopt() -> None:
    """From now on, whatever a process that we start leaves behind is our child."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def descendants(of: int | None = None) -> list[int]:
    """Process ids, parents before their children; of this process if of none."""
    found = [of or os.getpid()]
    for each in found:
        with suppress(OSError):
            for task in Path(f"/proc/{each}/task").iterdir():
                found += map(int, Path(task, "children").read_text(encoding="ascii").split())
    return found[1:]


def command_of(process: int) -> str:
    """What it was started with, or what it calls itself; nothing, once it has ended."""
    with suppress(OSError):
        words = Path(f"/proc/{process}/cmdline").read_bytes()
        return words.replace(b"\0", b" ").decode(errors="replace").strip()
    return ""


def reap() -> set[int]:
    """Takes note of the children that have ended."""
    ended = set()
    with suppress(ChildProcessError):
        while process := os.waitpid(-1, os.WNOHANG)[0]:
            ended.add(process)
    return ended


def end_all() -> None:
    """Ends all descendants: asks them to, then insists."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        deadline = monotonic() + _PATIENCE
        for process in descendants():
            with suppress(ProcessLookupError):
                os.kill(process, how)
        while monotonic() < deadline:
            reap()
            if not descendants():
                return
            sleep(_STEP)
