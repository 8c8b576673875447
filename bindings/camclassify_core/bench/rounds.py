"""Timing in turns: every contestant once a round, in an order that rotates.

Machines that are shared drift by tens of per cent within a minute; what happens within one round hits
all contestants alike, so that the ratio of two of them repeats within a few per cent.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter, process_time, sleep

import numpy as np
from numpy.typing import NDArray

from .contestant import Contestant

WARM_UP_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds, rounds x contestants: of wall time, and of CPU time of the whole process."""

    wall: NDArray[np.float64]
    cpu: NDArray[np.float64]


def measure(
    contestants: Sequence[Contestant],
    rounds: int,
    *,
    period: float = 0.0,
    progress: Callable[[float], None] = lambda _share: None,
) -> Times:
    """Times each one's run in turn, after a warm-up.

    `period`: seconds from the start of one run to that of the next, as if frames came at a given
    rate; 0 for a tight loop.
    """
    wall = np.zeros((rounds, len(contestants)))
    cpu = np.zeros_like(wall)
    for contestant in contestants:
        for _ in range(WARM_UP_ROUNDS):
            contestant.fill()
            contestant.run()
    for number in range(rounds):
        progress(number / rounds)
        for turn in range(len(contestants)):
            which = (number + turn) % len(contestants)
            contestants[which].fill()
            cpu_start, start = process_time(), perf_counter()
            contestants[which].run()
            wall[number, which] = perf_counter() - start
            if period:
                sleep(max(0.0, start + period - perf_counter()))
            cpu[number, which] = process_time() - cpu_start
    return Times(wall * 1000.0, cpu * 1000.0)
