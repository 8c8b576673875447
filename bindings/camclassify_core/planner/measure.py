"""Repeatable measuring on a machine that does other things as well.

Nothing is measured in milliseconds alone: every run of a candidate stands between two runs of a fixed
reference network. A processor that shares its core, its caches or its power with others has slow spells of
milliseconds to seconds, which slow different work differently. So only rounds count whose two reference
runs were as fast as that network is on the quiet machine; others are repeated. Of those that count, the
lower quartile is taken, because a spell may still lie within a run. Windows of one candidate are spread
over time, each in another order, and each loads it anew: where its memory comes to lie changes what some
networks take by several per cent.
"""

import collections
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

type Run = Callable[[], object]
type Load = Callable[[], AbstractContextManager[Run]]
type Sample = Callable[[], Sequence[float]]

_ROUNDS = 12
_QUIET = 1.05  # times the reference's quiet time
_QUIET_SHARE = 0.04  # of the recent runs were at least as fast as that
_RECENT = 20_000  # reference runs that say how fast it is
_FIRST = 200
_AGREE = 1.04  # the most that windows of one candidate differ by, if none was disturbed


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """How long a candidate takes, in runs of the reference network.

    `ratio` is the median of the windows, `spread` their relative standard deviation, 0 for a single one.
    """

    ratio: float
    spread: float


@dataclass(frozen=True, slots=True)
class Round:
    """Seconds of two runs of the reference network, and what was sampled between them."""

    before: float
    after: float
    sampled: Sequence[float]

    @property
    def slower(self) -> float:
        """The slower of the two, which says how quiet the machine was."""
        return max(self.before, self.after)

    @property
    def unit(self) -> float:
        """Their mean, which the sample is measured in."""
        return (self.before + self.after) / 2


class Ruler:
    """Measures in runs of a reference network.

    `patience` is how many seconds it waits for quiet rounds before it takes the quietest that there were.
    """

    def __init__(self, reference: Run, *, patience: float = 4.0) -> None:
        self._reference = reference
        self.patience = patience
        self._recent: collections.deque[float] = collections.deque(maxlen=_RECENT)
        for _ in range(_FIRST):
            self._refer()

    @property
    def seconds(self) -> float:
        """What a run of the reference network takes on the quiet machine."""
        return sorted(self._recent)[int(len(self._recent) * _QUIET_SHARE)]

    def ratio(self, run: Run, rounds: int = _ROUNDS) -> float:
        """Time of a run in runs of the reference network."""
        return self.parts(lambda: (timed(run),), rounds)[0]

    def parts(self, sample: Sample, rounds: int = _ROUNDS) -> list[float]:
        """The same for several times (seconds) that `sample` takes of one run.

        They add up to what the whole run takes: each part's own lower quartile would be too low together.
        """
        kept = self.rounds(sample, rounds)
        unit = lower_quartile([each.unit for each in kept])
        parts = [lower_quartile(each) for each in zip(*(one.sampled for one in kept), strict=True)]
        whole = lower_quartile([sum(each.sampled) for each in kept])
        scale = whole / sum(parts) / unit
        return [part * scale for part in parts]

    def rounds(self, sample: Sample, rounds: int = _ROUNDS) -> list[Round]:
        """The quietest rounds of many; a first one warms up."""
        sample()
        limit = self.seconds * _QUIET
        tried: list[Round] = []
        quiet = 0
        end = time.perf_counter() + self.patience
        before = self._refer()
        while quiet < rounds and (len(tried) < rounds or time.perf_counter() < end):
            if before > limit and time.perf_counter() < end:
                before = self._refer()
                continue
            sampled = sample()
            after = self._refer()
            tried.append(Round(before, after, sampled))
            quiet += tried[-1].slower <= limit
            before = after
        tried.sort(key=lambda each: each.slower)
        return tried[:rounds]

    def _refer(self) -> float:
        took = timed(self._reference)
        self._recent.append(took)
        return took


def lower_quartile(values: Sequence[float]) -> float:
    """The value that a quarter of them is below."""
    return sorted(values)[len(values) // 4]


def compare(
    candidates: Sequence[Load],
    ruler: Ruler,
    *,
    windows: int = 3,
    rounds: int = _ROUNDS,
    progress: Callable[[float], None] = lambda share: None,
) -> list[Measurement]:
    """Measures the candidates, window by window, each window over all of them in another order.

    Those whose windows disagree were disturbed, and get as many windows again.
    """
    ratios: list[list[float]] = [[] for _ in candidates]

    def measure(index: int) -> None:
        with candidates[index]() as run:
            ratios[index].append(ruler.ratio(run, rounds))

    for window in range(windows):
        order = list(range(len(candidates)))
        shift = window * len(order) // windows
        for done, index in enumerate(order[shift:] + order[:shift]):
            measure(index)
            progress((window * len(order) + done + 1) / (windows * len(order)))
    disturbed = [index for index, each in enumerate(ratios) if max(each) > _AGREE * min(each)]
    for _ in range(windows):
        for index in disturbed:
            measure(index)
    return [_summary(each) for each in ratios]


def timed(run: Run) -> float:
    """Seconds that a run takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def _summary(ratios: list[float]) -> Measurement:
    middle = statistics.median(ratios)
    spread = statistics.stdev(ratios) / middle if len(ratios) > 1 else 0.0
    return Measurement(ratio=middle, spread=spread)
