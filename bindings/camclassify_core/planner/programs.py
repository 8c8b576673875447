"""Runs the planner's helper programs, each in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from camclassify_core.errors import CamClassifyError


class MeasuringError(CamClassifyError):
    """A helper program failed; the message carries its last words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """Resident megabytes with all networks loaded, and milliseconds that loading each took."""

    memory_mb: float
    load_ms: tuple[float, ...]


def footprint(files: Sequence[Path], runner: str, threads: int) -> Footprint:
    """Loads the networks in a fresh process."""
    (answer,) = _run("footprint", [runner, str(threads), *map(str, files)])
    content = json.loads(answer)
    return Footprint(memory_mb=content["memory_mb"], load_ms=tuple(content["load_ms"]))


def plain_layer_costs(
    files: Sequence[Path], rounds: int, seconds: float
) -> list[list[tuple[list[float], float]]]:
    """Of as many plain networks as the seconds allow: for each layer its convolutions' costs and the rest."""
    arguments = [str(rounds), str(seconds), *map(str, files)]
    return [
        [(convolutions, rest) for convolutions, rest in json.loads(line)]
        for line in _run("plain_times", arguments)
    ]


def _run(program: str, arguments: list[str]) -> list[str]:
    command = [sys.executable, "-P", "-m", f"{__package__}.{program}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit status {done.returncode}"]
        raise MeasuringError(f"{program} failed: {last[0]}")
    return done.stdout.splitlines()
