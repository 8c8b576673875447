"""How often an object is seen while it is there: what makes its absence evidence."""

from dataclasses import dataclass
from math import inf, log

_CHANCE = 1e-3  # of that many misses in a row, were it still there
_BEST = 0.9  # chance of seeing what has always been seen
_DOUBT = 5  # looks in which it was not seen, assumed before there is experience
_MEMORY = 300  # frames over which the chance is estimated
_LONGER = 5.0  # times its longest absence so far; misses come in runs, and the runs vary widely
_FORGIVEN = 300.0  # seconds: an absence that was longer teaches no more patience than this one


@dataclass(slots=True)
class Visibility:
    """The experience with one object in one regime: weighted counts, the latest looks weigh most."""

    seen: float = 0.0
    looks: float = 0.0
    absence: float = 0.0  # seconds: the longest after which it was there again

    def note(self, misses: int, seconds: float) -> None:
        """Note a sighting after some misses, so many seconds after the one before."""
        fade = 1 - 1 / _MEMORY
        self.seen = self.seen * fade + 1
        self.looks = self.looks * fade + 1 + misses
        self.absence *= fade
        if misses:
            self.absence = max(self.absence, min(seconds, _FORGIVEN))

    def is_evidence(self, misses: int, seconds: float) -> bool:
        """Tell whether so many misses in a row, over so long, say that it is gone.

        They do where they are both too many and too long for one that is there; never where it was
        never seen.
        """
        return misses >= self.misses_that_tell() and seconds >= _LONGER * self.absence

    def misses_that_tell(self) -> float:
        """Return how many misses in a row say that it is gone; infinite where it was never seen."""
        if self.seen == 0:
            return inf
        chance = min(_BEST, self.seen / (self.looks + _DOUBT))
        return log(_CHANCE) / log(1 - chance)
