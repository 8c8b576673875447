"""Looks that brought nothing: how long to wait after them, and what the user is told of them."""

import logging
from math import inf

from camclassify_core.faults import FaultLog

from ..issues import CameraIssues
from .source import SnapshotUnavailable

_LOGGER = logging.getLogger(__name__)

FAILURES_UNTIL_LOST = 2
MAX_BACKOFF = 60.0  # seconds; a look takes no longer, either
MAX_DOUBLINGS = 10


class Failures:
    """Counts the failures of one camera; each reason is told once until pictures arrive again.

    `camera`: how it is called. `lost`: whether they are so many that nothing is known any more.
    """

    def __init__(self, camera: str, issues: CameraIssues) -> None:
        """Know of no failure and of no success."""
        self.camera = camera
        self.lost = False
        self._issues = issues
        self._count = 0
        self._succeeded = False
        self._told: set[str] = set()
        self._faults = FaultLog(_LOGGER)

    def pause(self, interval: float) -> float:
        """Return the seconds until the next look: twice as many after each failure, up to a limit.

        Raises ValueError if there is no such interval.
        """
        if not 0 < interval < inf:
            raise ValueError(f"There is no pause of {interval} seconds.")
        doublings = min(self._count, MAX_DOUBLINGS)
        return max(interval, min(interval * 2.0**doublings, MAX_BACKOFF))

    def note_missing(self, error: SnapshotUnavailable) -> None:
        """Count a look that brought no picture."""
        self._add()
        if not self.lost:
            return
        self._issues.async_raise(error.reason)
        if error.reason not in self._told:
            self._told.add(error.reason)
            _LOGGER.warning("No snapshot of %s: %s", self.camera, error)

    def note_fault(self, error: BaseException) -> None:
        """Count a look that something unexpected put an end to."""
        self._add()
        kind = type(error).__name__
        if self._faults.note(f"Looking at {self.camera} failed", error):
            self._told.add(kind)
        elif self.lost and kind not in self._told:
            self._told.add(kind)
            _LOGGER.warning("Looking at %s fails again: %r", self.camera, error)

    def note_success(self) -> None:
        """Begin to count anew."""
        if self.lost or not self._succeeded:  # the issue may be one of before a reload
            self._issues.async_clear()
        if self._told:
            _LOGGER.info("Snapshots of %s arrive again", self.camera)
        self._told.clear()
        self._count = 0
        self._succeeded = True
        self.lost = False

    def _add(self) -> None:
        self._count += 1
        self.lost |= not self._succeeded or self._count >= FAILURES_UNTIL_LOST
