"""One object and one zone: whether it is in there, and as what."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf

from camclassify_core.results import Regime

from .agreement import Agreement
from .classes import LIVING, Classes
from .geometry import foot
from .thresholds import Thresholds
from .track import Sighting, Track
from .transitions import Transition, TransitionKind
from .zone import Zone

_UNMOVED = 0.2  # above its threshold: what something living must score that was never seen to move


@dataclass(frozen=True, slots=True)
class Watch:
    """A zone with all that is needed to judge objects in it."""

    zone: Zone
    thresholds: Thresholds
    classes: Classes

    def threshold(self, name: str, regime: Regime) -> float:
        """Return the score from which a detection counts as the class or a parent; infinite if as none."""
        return min(
            (
                self.thresholds.at(each, regime)
                for each in self.classes.implied(name)
                if self.zone.watches(each)
            ),
            default=inf,
        )

    def qualifies(self, track: Track, name: str, regime: Regime) -> bool:
        """Tell whether an object is good enough to be reported as a class.

        What lives moves. A signpost that looks like a person never does, so it needs a better score.
        """
        margin = _UNMOVED if track.root in LIVING and not track.travelled else 0.0
        return track.score(name) >= self.thresholds.at(name, regime) + margin


@dataclass(slots=True)
class Stay:
    """An object's stay in a zone.

    `here`: what it is there as, and `out_of_view`: what it was there as when the camera turned away, until
    it is seen again or has left. `reported`: the classes it arrived as.
    """

    track: Track
    watch: Watch
    inside: bool = False
    here: frozenset[str] = frozenset()
    out_of_view: frozenset[str] = frozenset()
    reported: set[str] = field(default_factory=set)
    _doubt: Agreement = field(default_factory=Agreement)

    def seat(self, before: Stay | None, regime: Regime) -> None:
        """Settle at once, with nothing to report; `before` is the stay in the zone as it was."""
        if before is not None and before.watch.zone.polygon == self.watch.zone.polygon:
            self.inside, self.reported = before.inside, set(before.reported)
        else:
            self.inside = self._foot_is_inside()
        self.reported.update(self._qualified(regime))
        self._settle()

    def take_up(self, reported: list[str]) -> None:
        """Go on where the stay was before a restart."""
        self.inside = True
        self.reported = set(reported)
        self._settle()

    def lose_sight(self) -> None:
        """Note that the camera turned away: what was here is neither here nor gone."""
        self.out_of_view |= self.here
        self.here = frozenset()

    def update(self, now: float, regime: Regime) -> Iterator[Transition]:
        """Take the track's newest state and yield what changed.

        An object that vanished and is at rest in its place again has not arrived.
        """
        if self.track.last.at == now:
            self._doubt.add(self._foot_is_inside() != self.inside, now)
            if self._doubt.reached(now):
                self.inside = not self.inside
                self._doubt = Agreement()
        qualified = self._qualified(regime) if self.track.is_there else []
        arrived = [name for name in qualified if name not in self.reported]
        self.reported.update(arrived)
        before = self.here | self.out_of_view
        self._settle()
        for name in arrived:
            yield self._transition(TransitionKind.ARRIVED, name)
        if before and not self.here and not self.out_of_view:
            for name in sorted(before):
                yield self._transition(TransitionKind.LEFT, name)
        if not self.inside:
            self.reported.clear()

    def end(self) -> Iterator[Transition]:
        """Yield what there is to report when the track has ended."""
        for name in sorted(self.here | self.out_of_view):
            yield self._transition(TransitionKind.LEFT, name)

    def _foot_is_inside(self) -> bool:
        return self.watch.zone.polygon.contains(foot(self.track.place))

    def _names(self) -> list[str]:
        names = self.watch.classes.implied(self.track.name)
        return [name for name in names if self.watch.zone.watches(name)]

    def _qualified(self, regime: Regime) -> list[str]:
        if not (self.track.is_known and self.inside):
            return []
        return [name for name in self._names() if self.watch.qualifies(self.track, name, regime)]

    def _settle(self) -> None:
        """Take from the track whether it is here, out of view, or gone."""
        known = self.track.is_known and self.inside
        names = frozenset(self._names()) & self.reported if known else frozenset()
        away = self.track.out_of_view
        self.here, self.out_of_view = (frozenset(), names) if away else (names, frozenset())

    def _transition(self, kind: TransitionKind, name: str) -> Transition:
        best = self._best(name)
        return Transition(
            kind=kind,
            zone=self.watch.zone.id,
            name=name,
            track=self.track.id,
            score=self.track.score(name),
            frame=best.frame,
            box=best.box,
            seen_at=best.wall,
        )

    def _best(self, name: str) -> Sighting:
        """Return the latest sightings' best that shows the class in the zone, if any does."""
        return max(
            self.track.sightings,
            key=lambda each: (
                name in self.watch.classes.implied(each.name),
                each.frame is not None,
                self.watch.zone.polygon.contains(foot(each.steady)),
                each.score,
            ),
        )
