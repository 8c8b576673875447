"""How long frames wait for an engine that answers one after the other: a small model of queues.

Cameras send frames at a steady pace, but not in step: of many cameras together that is close to a Poisson
stream. A frame is cheap (nothing changed) or dear (something moves), which makes service times two points.
The mean wait is that of Allen and Cunneen (A. O. Allen, Probability, Statistics and Queueing Theory, 2nd
ed., 1990; G. Bolch et al., Queueing Networks and Markov Chains, 2nd ed., 2006): Erlang's probability of
waiting, times the mean wait of those who wait, scaled by the variability of service; with one lane that is
exact (Pollaczek and Khinchine). How long those wait is taken to be exponential (Kingman 1962, heavy traffic).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_BISECTIONS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of frames: their share of all, 0..1, and the seconds that one takes."""

    share: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Frames that come `rate` times a second, of some kinds, and are answered `lanes` at a time."""

    rate: float
    kinds: Sequence[Kind]
    lanes: int = 1

    @property
    def load(self) -> float:
        """Share of the time that a lane is busy; 1 and more: the queue grows without end."""
        return self.rate * self._mean / self.lanes

    @property
    def waits(self) -> float:
        """Share of the frames that find no lane free (Erlang C)."""
        offered = self.rate * self._mean
        if self.load >= 1:
            return 1.0
        all_busy = offered**self.lanes / math.factorial(self.lanes) / (1 - self.load)
        others = sum(offered**each / math.factorial(each) for each in range(self.lanes))
        return all_busy / (others + all_busy)

    @property
    def mean_wait(self) -> float:
        """Seconds that a frame waits for a lane."""
        if self.load >= 1:
            return math.inf
        squares = sum(each.share * each.seconds**2 for each in self.kinds)
        variability = squares / self._mean**2  # 1 + the squared coefficient of variation
        return self.waits * variability / 2 * self._mean / (self.lanes * (1 - self.load))

    def percentile(self, share: float) -> float:
        """Seconds within which so large a share of the frames is answered, wait and work together."""
        if self.load >= 1:
            return math.inf
        low, high = 0.0, max(each.seconds for each in self.kinds) + 1.0
        while self._later(high) > 1 - share:
            high *= 2
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            low, high = (middle, high) if self._later(middle) > 1 - share else (low, middle)
        return high

    @property
    def _mean(self) -> float:
        return sum(each.share * each.seconds for each in self.kinds)

    def _later(self, seconds: float) -> float:
        """Share of the frames that are answered later than that."""
        return sum(each.share * self._waits_over(seconds - each.seconds) for each in self.kinds)

    def _waits_over(self, seconds: float) -> float:
        if seconds < 0:
            return 1.0
        wait = self.mean_wait
        return self.waits * math.exp(-seconds * self.waits / wait) if wait else 0.0
