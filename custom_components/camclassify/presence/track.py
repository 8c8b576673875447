"""One physical object followed over frames: what it is, how sure, whether it moves, whether it is gone."""

from collections import Counter, deque
from dataclasses import dataclass, replace
from math import inf
from statistics import median

from camclassify_core.boxes import iou
from camclassify_core.results import Box, Regime

from .agreement import Agreement
from .classes import LIVING, Classes
from .geometry import Point, blend, centre, distance, moved, size
from .visibility import Visibility

_SCORE_FRAMES = 7  # the score is the median over these
_VOTES = 30  # the fine class is the consensus over these
_VOTE_EVERY = 0.5  # seconds; frames in quick succession show the same and are one opinion
_REPEATS = (
    5  # votes that a look casts after its own: it is no new opinion each time it is remembered
)
_MAJORITY = 0.6  # of the votes, as Frigate's sub-labels
_LEAD = 3  # votes over all others together
_MIN_SPAN = 2.0  # seconds over which the votes are spread
_SAME_PLACE = 0.6  # intersection over union with where the object rests
_REST = 10.0  # seconds in one place that make an object stationary
_PAUSE = 0.5  # seconds in one place after which a vehicle is not taken to drive on unseen
_TRAVEL = 0.75  # own sizes from where it was first seen: the object moves, it does not shake
_HOLD = 6.0  # seconds unseen until a moving object has left
_HOLD_STATIONARY = 30.0  # the same for a stationary one
_MISSES = 2  # frames that must agree that a moving object has left


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A detection that was found to be this object."""

    frame: int | None  # None: before a restart
    at: float  # monotonic seconds
    wall: float  # Unix time
    name: str
    root: str
    score: float
    box: Box  # in its frame
    remembered: bool  # what it is, from an earlier frame
    steady: Box  # the same with the camera's shake taken out: what places are compared by


class Track:
    """The evidence about one object. Positions are fractions of the frame, times monotonic seconds."""

    def __init__(self, number: int, root: str, place: Box, at: float, classes: Classes) -> None:
        """Start where and when the object is first seen."""
        self.id = number
        self.root = root
        self.name = root
        self.confirmed = False
        self.present = True
        self.out_of_view = False  # the camera looked elsewhere, and has not seen it since
        self.stationary = False
        self.travelled = False
        self.misses = 0  # in a row, in the present light
        self.missed_for = 0.0  # seconds that these misses span
        self.seen_behind: frozenset[int] = frozenset()  # tracks that do not hide it
        self.agreement = Agreement()
        self.sightings: deque[Sighting] = deque(maxlen=_SCORE_FRAMES)
        self.votes: deque[str] = deque(maxlen=_VOTES)
        self.visibility = {each: Visibility() for each in Regime}
        self.born = at
        self.anchor = place
        self.rests_since = at
        self._origin: list[Point] = []
        self._strays = Agreement()
        self._velocity = (0.0, 0.0)
        self._voted_at = -inf
        self._repeats = 0
        self._looked: tuple[Regime | None, float] = (None, at)
        self._watched_since = at
        self._classes = classes

    @property
    def last(self) -> Sighting:
        """The latest sighting."""
        return self.sightings[-1]

    @property
    def seen_for(self) -> float:
        """Seconds from the first sighting to the latest."""
        return self.last.at - self.born

    @property
    def place(self) -> Box:
        """Where the object is: a stationary one stays where it rests, whatever its box does."""
        return self.anchor if self.stationary else self.last.steady

    @property
    def sure(self) -> bool:
        """Whether there is a consensus on the fine class."""
        return self.name != self.root or not self._classes.has_kinds(self.root)

    @property
    def is_known(self) -> bool:
        """Whether this is an object, not a flash, and has not left."""
        return self.confirmed and self.present

    @property
    def is_there(self) -> bool:
        """Whether it is known, and neither out of view nor not yet seen again."""
        return self.is_known and not self.out_of_view

    def score(self, name: str) -> float:
        """Return the median score of the latest frames that showed it as a class; 0 if none did.

        As a class that is implied by what it is, it is at least as sure as that.
        """
        implied = self._classes.implied
        finer = [each for each in implied(self.name) if name in implied(each)]
        return max(self._median_score(each) for each in {name, *finer})

    def _median_score(self, name: str) -> float:
        scores = [each.score for each in self.sightings if name in self._classes.implied(each.name)]
        return median(scores) if scores else 0.0

    def expected(self, now: float) -> Box:
        """Return where the object should be now, at constant velocity for up to a second."""
        if self.stationary:
            return self.anchor
        ahead = min(1.0, now - self.last.at)
        return moved(self.last.steady, self._velocity[0] * ahead, self._velocity[1] * ahead)

    def see(self, sighting: Sighting, regime: Regime, aspect: float) -> None:
        """Take a detection of this object."""
        self.out_of_view = False
        if self.sightings:
            self._measure_velocity(sighting)
        self.sightings.append(sighting)
        self._vote(sighting)
        self._look(regime, sighting.at)
        self.visibility[regime].note(self.misses, self.missed_for)
        self.misses, self.missed_for = 0, 0.0
        self.agreement.add(True, sighting.at)
        self._settle(sighting)
        self._measure_travel(aspect)

    def miss(self, now: float, regime: Regime) -> None:
        """Note that the object should have been seen and was not."""
        self.missed_for += self._look(regime, now)
        self.misses += 1
        self.agreement.add(False, now)

    def overlook(self, now: float, regime: Regime) -> None:
        """Note a frame that says nothing, because the object is hidden."""
        self._look(regime, now)

    def lose_sight(self) -> None:
        """Note that the camera turns away. The frames that showed the object are not kept."""
        self.out_of_view = True
        latest = [replace(each, frame=None) for each in self.sightings]
        self.sightings.clear()
        self.sightings.extend(latest)

    def await_again(self, now: float) -> None:
        """Note that it is looked for again, after a while: what was missed before counts no more."""
        self._looked = (None, now)
        self._watched_since = now

    def decide(self, now: float, regime: Regime) -> None:
        """Decide whether the object is confirmed, and whether it is still there."""
        if not self.present:
            self.present = self.agreement.reached(now)
        elif not self.confirmed:
            self.confirmed = self.agreement.reached(now)
        elif self._is_gone(now, regime):
            self.present = False
            self.agreement = Agreement()

    def _is_gone(self, now: float, regime: Regime) -> bool:
        """Tell whether the misses are evidence that it left.

        What rests and is hard to see, or was never seen in this light, is not gone because it is not seen.
        """
        unseen = now - max(self.last.at, self._watched_since)
        if not self._rests:
            return unseen >= _HOLD and self.misses >= _MISSES
        return unseen >= _HOLD_STATIONARY and self.visibility[regime].is_evidence(
            self.misses, self.missed_for
        )

    @property
    def _rests(self) -> bool:
        """Whether it would have to be seen moving to be gone: a vehicle, as soon as it stands still."""
        if self.stationary or self.root in LIVING:
            return self.stationary
        return self._strays.count == 0 and self.last.at - self.rests_since >= _PAUSE

    def _look(self, regime: Regime, now: float) -> float:
        """Return the seconds since the last look; misses in another light are no evidence in this."""
        before, self._looked = self._looked, (regime, now)
        if before[0] is not regime:
            self.misses, self.missed_for = 0, 0.0
        return now - before[1]

    def _vote(self, sighting: Sighting) -> None:
        if sighting.at - self._voted_at < _VOTE_EVERY:
            return
        repeats = sighting.remembered and self.votes and self.votes[-1] == sighting.name
        self._repeats = self._repeats + 1 if repeats else 0
        if self._repeats <= _REPEATS:
            self.votes.append(sighting.name)
            self._voted_at = sighting.at
            self.name = self._consensus()

    def _consensus(self) -> str:
        """Return the finest class that enough votes imply, or the present one if there is none."""
        if self.seen_for < _MIN_SPAN:
            return self.name
        support = Counter(each for vote in self.votes for each in self._classes.implied(vote))
        cast = len(self.votes)
        agreed = [
            name
            for name, votes in support.items()
            if votes >= _MAJORITY * cast and 2 * votes - cast >= _LEAD
        ]
        finest = max(agreed, key=lambda name: len(self._classes.implied(name)), default=self.name)
        return self.name if finest in self._classes.implied(self.name) else finest

    def _measure_velocity(self, sighting: Sighting) -> None:
        seconds = sighting.at - self.last.at
        if seconds <= 0:
            return
        (x0, y0), (x1, y1) = centre(self.last.steady), centre(sighting.steady)
        weight = min(1.0, 0.4 + seconds / 2)
        vx, vy = self._velocity
        self._velocity = (
            vx + weight * ((x1 - x0) / seconds - vx),
            vy + weight * ((y1 - y0) / seconds - vy),
        )

    def _settle(self, sighting: Sighting) -> None:
        """Decide whether the object rests."""
        if iou(self.anchor, sighting.steady) >= _SAME_PLACE:
            self._strays.add(False, sighting.at)
            self.anchor = blend(self.anchor, sighting.steady, 0.1)
            if sighting.at - self.rests_since >= _REST:
                self.stationary = True
                self._velocity = (0.0, 0.0)
            return
        self._strays.add(True, sighting.at)
        if self._strays.reached(sighting.at):
            self.stationary = False
            self.anchor = sighting.steady
            self.rests_since = sighting.at
            self._strays = Agreement()

    def _measure_travel(self, aspect: float) -> None:
        if len(self._origin) < 3:
            self._origin.append(centre(self.last.steady))
        latest = [centre(each.steady) for each in list(self.sightings)[-3:]]
        way = distance(_median_point(self._origin), _median_point(latest), aspect)
        if way > _TRAVEL * size(self.last.steady, aspect):
            self.travelled = True


def _median_point(points: list[Point]) -> Point:
    return median(x for x, _ in points), median(y for _, y in points)
