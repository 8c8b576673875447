"""How many replicas, on which machines, hold a load of cameras, and how late their answers are."""

import random
from bisect import bisect
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import isfinite

from .fleet import FrameCosts, Machines
from .queueing import Kind, Queue

SAFE_LOAD = 0.7
"""Of the fullest replica: more leaves no room for a busy minute, or for a machine that fails."""
_PERCENTILE = 0.95
_POINTS = 100  # of a replica on the ring of Ray's consistent hash
_DRAWS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """So many cameras, frames a second of each, and the share of frames in which something moves."""

    cameras: int
    fps: float
    busy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """What the first `machines` of a fleet make of a load, a replica on each core.

    `load`: of the fullest replica, whose cores are all its own: 1 and more is too much. `p95_ms`: within
    which it answers 95% of its frames, unless that is too much.
    """

    machines: tuple[tuple[str, int], ...]
    replicas: int
    load: float
    p95_ms: float | None

    @property
    def holds(self) -> bool:
        """Whether that is enough."""
        return self.load <= SAFE_LOAD


def capacities(fleet: Sequence[Machines], load: Load) -> list[Capacity]:
    """For one machine of the fleet, the first two and so on, until it is enough, or there are no more."""
    found: list[Capacity] = []
    taken: list[Machines] = []
    for kind in fleet:
        for _ in range(kind.count):
            taken.append(kind)
            found.append(_capacity(taken, load))
            if found[-1].holds:
                return found
    return found


def _capacity(taken: Sequence[Machines], load: Load) -> Capacity:
    replicas = sum(each.cores for each in taken)
    cameras = fullest(load.cameras, replicas)
    queues = [queue(cameras, each.costs, load) for each in taken]
    latest = max(each.percentile(_PERCENTILE) for each in queues)
    return Capacity(
        machines=tuple(Counter(each.name for each in taken).items()),
        replicas=replicas,
        load=max(each.load for each in queues),
        p95_ms=1000 * latest if isfinite(latest) else None,
    )


def queue(cameras: float, costs: FrameCosts, load: Load) -> Queue:
    """The frames of so many cameras at a replica with a core of its own."""
    return Queue(
        rate=cameras * load.fps,
        kinds=(
            Kind(share=1 - load.busy, seconds=costs.still),
            Kind(share=load.busy, seconds=costs.busy),
        ),
    )


@cache
def fullest(cameras: int, replicas: int) -> float:
    """How many cameras the fullest replica has, on the average: a hash does not share evenly."""
    chance = random.Random(f"{cameras}/{replicas}")
    return sum(_fullest(cameras, replicas, chance) for _ in range(_DRAWS)) / _DRAWS


def _fullest(cameras: int, replicas: int, chance: random.Random) -> int:
    ring = sorted((chance.random(), each) for each in range(replicas) for _ in range(_POINTS))
    places = [place for place, _ in ring]
    owners = Counter(ring[bisect(places, chance.random()) % len(ring)][1] for _ in range(cameras))
    return max(owners.values(), default=0)
