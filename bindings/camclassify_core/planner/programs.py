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


@dataclass(frozen=True, slots=True)
class PlainLayerCosts:
    """A layer's convolutions in their order, and its `others` other operators together, as profiled."""

    convolutions: tuple[float, ...]
    rest: float
    others: int

    @property
    def total(self) -> float:
        """Of all its operators."""
        return sum(self.convolutions) + self.rest

    @property
    def operators(self) -> int:
        """How many it has."""
        return len(self.convolutions) + self.others


def footprint(files: Sequence[Path], runner: str, threads: int) -> Footprint:
    """Loads the networks in a fresh process."""
    (answer,) = _run("footprint", [runner, str(threads), *map(str, files)])
    content = json.loads(answer)
    return Footprint(memory_mb=content["memory_mb"], load_ms=tuple(content["load_ms"]))


def plain_layer_costs(
    files: Sequence[Path], *, rounds: int, seconds: float, least: int, patience: float
) -> list[list[PlainLayerCosts]]:
    """Of as many plain networks as the seconds allow, but of the least number: the costs of each layer."""
    arguments = [*map(str, (rounds, seconds, least, patience)), *map(str, files)]
    return [
        [
            PlainLayerCosts(tuple(convolutions), rest, others)
            for convolutions, rest, others in layers
        ]
        for layers in map(json.loads, _run("plain_times", arguments))
    ]


def _run(program: str, arguments: list[str]) -> list[str]:
    command = [sys.executable, "-P", "-m", f"{__package__}.{program}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit status {done.returncode}"]
        raise MeasuringError(f"{program} failed: {last[0]}")
    return done.stdout.splitlines()
