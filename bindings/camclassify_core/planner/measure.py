"""Repeatable measuring on a machine that does other things as well.

Nothing is measured in milliseconds alone: every run of a candidate is paired with a run of a fixed
reference network right beside it, in alternating order, and what counts is the median of the ratios.
Rounds in which the thread did not run all the time are repeated, and the windows of one candidate are
spread over time.
"""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

type Run = Callable[[], object]

_WARM_UP = 2
_ROUNDS = 12
_IDLE_SHARE = 0.02  # of a round in which another process had the core
_PATIENCE = 3  # times as many rounds are tried before disturbed ones are taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """How long a candidate takes, in runs of the reference network.

    `spread` is the relative standard deviation of the windows' medians, 0 for a single window.
    """

    ratio: float
    spread: float


def compare(
    candidates: Sequence[Run],
    reference: Run,
    *,
    windows: int = 3,
    rounds: int = _ROUNDS,
    progress: Callable[[float], None] = lambda share: None,
) -> list[Measurement]:
    """Measures the candidates, window by window, each window over all of them in another order."""
    medians: list[list[float]] = [[] for _ in candidates]
    for window in range(windows):
        order = list(range(len(candidates)))
        shift = window * len(order) // windows
        for done, index in enumerate(order[shift:] + order[:shift]):
            medians[index].append(window_ratio(candidates[index], reference, rounds))
            progress((window * len(order) + done + 1) / (windows * len(order)))
    return [_summary(each) for each in medians]


def window_ratio(candidate: Run, reference: Run, rounds: int = _ROUNDS) -> float:
    """Median over rounds of the candidate's time over the reference's."""
    for _ in range(_WARM_UP):
        candidate()
        reference()
    quiet: list[float] = []
    disturbed: list[float] = []
    for turn in range(rounds * _PATIENCE):
        first, second = (candidate, reference) if turn % 2 else (reference, candidate)
        first_time, first_idle = _timed(first)
        second_time, second_idle = _timed(second)
        ratio = first_time / second_time if turn % 2 else second_time / first_time
        (disturbed if max(first_idle, second_idle) > _IDLE_SHARE else quiet).append(ratio)
        if len(quiet) == rounds:
            break
    return statistics.median(quiet if len(quiet) * 2 >= rounds else quiet + disturbed)


def run_times(run: Run, rounds: int) -> list[float]:
    """Seconds of single runs, warmed up."""
    for _ in range(_WARM_UP):
        run()
    return [_timed(run)[0] for _ in range(rounds)]


def milliseconds(run: Run, rounds: int = 30) -> float:
    """Median time of one run."""
    return 1e3 * statistics.median(run_times(run, rounds))


def _timed(run: Run) -> tuple[float, float]:
    """Seconds that a run took, and the share of them in which its thread did not run."""
    busy = time.thread_time()
    start = time.perf_counter()
    run()
    took = time.perf_counter() - start
    return took, max(0.0, 1 - (time.thread_time() - busy) / took)


def _summary(medians: list[float]) -> Measurement:
    middle = statistics.median(medians)
    spread = statistics.stdev(medians) / middle if len(medians) > 1 else 0.0
    return Measurement(ratio=middle, spread=spread)
