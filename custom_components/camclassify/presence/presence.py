"""Presence: from the detections of one camera to who is in which zone."""

from collections.abc import Iterable, Mapping

from camclassify_core.results import ClassInfo, Regime, Result

from .geometry import Polygon
from .thresholds import ByRegime
from .transitions import Update
from .zone import Zone

type JsonObject = dict[str, object]


class CameraPresence:
    """Follows the objects of one camera and says when they come into zones and leave them.

    Feed every result in the order of the snapshots. Nothing here reads a clock.
    """

    def __init__(self, classes: Iterable[ClassInfo], stored: JsonObject | None = None) -> None:
        """Start with nobody there, or with what `stored` (of `to_json`) says was there."""

    def configure(
        self,
        zones: Iterable[Zone],
        masks: Iterable[Polygon] = (),
        thresholds: Mapping[str, ByRegime] | None = None,
    ) -> None:
        """Apply zones, masks and the camera's own thresholds; takes effect with the next frame.

        Objects keep their identity. A zone that is redrawn around an object reports it as arrived.
        """

    def min_score(self, regime: Regime) -> float:
        """Return the score down to which detections are of use: ask the engine for these.

        A little below the lowest threshold, because an object that is known to be there stays there on
        weaker evidence than it needed to arrive.
        """
        return 0.3

    def update(self, result: Result, *, frame: int, monotonic: float, wall: float) -> Update:
        """Take the answer to a snapshot.

        `frame` is a number that grows by one or more with each snapshot; `monotonic` (seconds) is when
        the snapshot was taken, `wall` the same moment in Unix time.
        """
        return Update()

    def look_away(self, *, monotonic: float, wall: float) -> Update:
        """Let what moves leave after its hold time: for a camera that is no longer looked at."""
        return Update()

    def to_json(self) -> JsonObject:
        """Return what has to outlive a restart, as JSON values."""
        return {}
