"""What presence reports: who is where now, and who came and went."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from camclassify_core.results import Box


class TransitionKind(StrEnum):
    """Direction of a transition."""

    ARRIVED = "arrived"
    LEFT = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One object came into a zone or left it.

    An object that is known as several classes (a delivery truck is a vehicle too) arrives and leaves as
    each of them, with the same track, at most once a visit.
    """

    kind: TransitionKind
    zone: str  # Zone.id
    name: str  # class
    track: int  # the object; unique within the camera, also across restarts
    score: float  # median over the latest frames, 0..1
    frame: (
        int | None
    )  # the one that shows it best among those that led to this; None: before a restart
    box: Box  # the object in that frame
    seen_at: float  # wall-clock seconds (Unix time) of that frame


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenTrack:
    """An object as it is now, to be drawn or counted."""

    id: int
    name: str  # finest class that is sure
    sure: bool  # false: the fine class is in doubt, `name` is its root
    score: float  # median over the latest frames, 0..1
    box: Box
    stationary: bool
    visible: bool  # in the latest frame; what is not may only be hidden
    zones: frozenset[str]  # Zone.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """The state of a camera after a frame.

    `counts[zone][class]` is the number of objects there; a class is present where it is above zero, and
    a class that is not there is not in the mapping. `keep` are the frames that a later transition can
    still refer to: the snapshots of others may go.
    """

    transitions: tuple[Transition, ...] = ()
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    tracks: tuple[SeenTrack, ...] = ()
    keep: frozenset[int] = frozenset()

    def present(self, zone: str, name: str) -> bool:
        """Tell whether a class is in a zone now."""
        return self.counts.get(zone, {}).get(name, 0) > 0
