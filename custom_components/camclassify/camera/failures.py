"""Looks that brought nothing: when to look again, when nothing is known any more, what is told of it."""

import logging
from math import inf
from time import monotonic

from camclassify_core.faults import FaultLog

from ..issues import CameraIssues
from .picture import CameraAway, EngineAway, SnapshotUnavailable

_LOGGER = logging.getLogger(__name__)

HOLDS = 10.0  # seconds of failures for which what was known holds
HOLDS_WHILE_AWAY = 30.0  # as long as a camera takes to restart, or an engine
HOLDS_PICTURES = 3  # and as many times as long as a slow camera's last picture took
SOONEST, LATEST = 0.5, 5.0  # seconds from the start of a failed look to the next
MAX_DOUBLINGS = 10
QUIET = 600.0  # seconds for which the log tells of one camera once


class Failures:
    """Follows the failures of one camera; that of a look counts from when the look began.

    `camera`: how it is called. `lost`: whether failures have lasted so long that nothing is known any more.
    """

    def __init__(self, camera: str, issues: CameraIssues) -> None:
        """Know of no failure and of no success."""
        self.camera = camera
        self.lost = False
        self._issues = issues
        self._began = -inf
        self._since: float | None = None
        self._hold = HOLDS
        self._picture_took = 0.0
        self._in_a_row = 0
        self._succeeded = False
        self._told_at = -inf
        self._is_told = False
        self._faults = FaultLog(_LOGGER)

    def pause(self, interval: float) -> float:
        """Return the seconds until the next look: ever more between failures, up to a limit.

        Raises ValueError if there is no such interval.
        """
        if not 0 < interval < inf:
            raise ValueError(f"There is no pause of {interval} seconds.")
        if self._since is None:
            return interval
        doublings = min(max(self._in_a_row - 1, 0), MAX_DOUBLINGS)
        apart = min(max(interval, SOONEST * 2.0**doublings), LATEST)
        if not self.lost:
            apart = min(apart, self._since + self._hold - self._began)
        return max(SOONEST, self._began + apart - monotonic())

    def hurry(self) -> None:
        """Look again as soon as after the first failure: somebody says that there is something to see."""
        self._in_a_row = 0

    def note_look(self) -> None:
        """Note that a look begins."""
        self._began = monotonic()

    def note_picture(self) -> None:
        """Note that its picture is here; what is in it may still remain unknown."""
        self._picture_took = monotonic() - self._began

    def note_missing(self, error: SnapshotUnavailable) -> None:
        """Count a look that brought no picture."""
        self._add(is_away=isinstance(error, CameraAway | EngineAway))
        if self.lost:
            self._issues.async_raise(error.reason, error.placeholders)
            self._tell(f"No snapshot of {self.camera}: {error}")

    def note_fault(self, error: BaseException) -> None:
        """Count a look that something unexpected put an end to."""
        self._add(is_away=False)
        if self._faults.note(f"Looking at {self.camera} failed", error):
            self._is_told = True
        elif self.lost:
            self._tell(f"Looking at {self.camera} fails again: {error!r}")

    def note_success(self) -> None:
        """Begin to count anew."""
        if self.lost or not self._succeeded:  # the issue may be one of before a reload
            self._issues.async_clear()
        if self._is_told:
            _LOGGER.info("Snapshots of %s arrive again", self.camera)
        self._is_told = False
        self._in_a_row = 0
        self._since = None
        self._succeeded = True
        self.lost = False

    def _add(self, *, is_away: bool) -> None:
        if self._since is None:
            self._since = self._began
            self._hold = max(HOLDS, HOLDS_PICTURES * self._picture_took)
        if is_away:
            self._hold = max(self._hold, HOLDS_WHILE_AWAY)
        self._in_a_row += 1
        self.lost |= self._began - self._since >= self._hold

    def _tell(self, text: str) -> None:
        """Log a warning, once until pictures arrive again; of failures that come and go, one now and then."""
        if not self._is_told and self._began - self._told_at >= QUIET:
            self._is_told = True
            self._told_at = self._began
            _LOGGER.warning("%s", text)
