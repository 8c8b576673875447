"""Looks at one camera again and again, and knows who is there."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from math import inf
from time import monotonic, time
from typing import NamedTuple

from camclassify_core import (
    EngineState,
    EngineUnavailable,
    Regime,
    Request,
    Result,
    SnapshotError,
    Superseded,
)
from camclassify_core.faults import FaultLog
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from ..engine.shared import SharedEngine
from ..evidence.announce import async_announce
from ..evidence.reports import Report, Reporter
from ..evidence.store import KeptSnapshot, SnapshotStore
from ..issues import (
    ISSUE_LINKED_GONE,
    ISSUE_UNKNOWN_CLASSES,
    CameraIssues,
    async_clear_camera_issues,
)
from ..listeners import Listeners
from ..presence import Attention, CameraPresence, Pace, Update
from ..presence.storage import Stored
from ..statistics import Statistics
from ..sun import sun_elevation
from ..teaching.lessons import Lessons
from .settings import CameraSettings
from .source import SnapshotUnavailable, async_make_source

_LOGGER = logging.getLogger(__name__)

FAILURES_UNTIL_UNAVAILABLE = 2
MAX_BACKOFF = 60.0  # seconds; a look takes no longer, either
MAX_DOUBLINGS = 10

LOOK_BACK = 5.0  # seconds


class Moment(NamedTuple):
    """When a snapshot was taken, in seconds of both clocks; `wall` is Unix time."""

    monotonic: float
    wall: float


type ReportListener = Callable[[Report], None]


class CameraCoordinator:
    """One camera: fetches, has classified, keeps presence, tells its entities."""

    settings: CameraSettings
    class_names: frozenset[str]

    def __init__(
        self,
        hass: HomeAssistant,
        engine: SharedEngine,
        store: SnapshotStore,
        lessons: Lessons,
        subentry: ConfigSubentry,
        stored: Stored | None,
    ) -> None:
        """Look at nothing yet."""
        self.hass = hass
        self.engine = engine
        self.subentry_id = subentry.subentry_id
        self._lessons = lessons
        self.reporter = Reporter(subentry.subentry_id, engine, store)
        self.statistics = Statistics()
        self.enabled = True
        self.update: Update | None = None
        self.result: Result | None = None
        self.snapshot = b""
        self._taken = Moment(0.0, 0.0)
        self._is_known = False
        self._frame = 0
        self._frames: dict[int, bytes] = {}
        self._failures = 0
        self._reported = False
        self._ended = False
        self._told: set[str] = set()
        self._faults = FaultLog(_LOGGER)
        self._forced = False
        self._looks_back = False
        self._applied: object = None
        self._listeners: Listeners[[]] = Listeners()
        self._report_listeners: Listeners[[Report]] = Listeners()
        self._announcers: Listeners[[str, Report]] = Listeners()
        self._announcers.async_add(partial(async_announce, hass, subentry.subentry_id))
        self._woken = asyncio.Event()
        self._issues = CameraIssues(hass, subentry)
        self._classes = engine.classes
        self._presence = CameraPresence(self._classes, stored)
        self._source = async_make_source(hass, subentry.data)
        self._source_data = subentry.data
        self.attention = Attention(Pace())
        self.async_configure(subentry)

    @property
    def picture(self) -> bytes:
        """What may be shown of the camera now: nothing while it is turned off."""
        return self.snapshot if self.enabled else b""

    @property
    def available(self) -> bool:
        """Whether what is known about this camera still holds."""
        return self.enabled and self.engine.available and not self._reported and not self._ended

    @callback
    def async_configure(self, subentry: ConfigSubentry) -> bool:
        """Apply what the user chose, from the next snapshot on; return whether anything is new."""
        wanted = subentry.data, subentry.title, self.engine.classes, self._lessons.examples
        if wanted == self._applied:
            return False
        if subentry.data != self._source_data:
            self._source.async_close()
            self._source = async_make_source(self.hass, subentry.data)
            self._source_data = subentry.data
        if self._classes != self.engine.classes:
            self._classes = self.engine.classes
            self._presence = CameraPresence(self._classes, self._presence.to_json())
        self.settings = CameraSettings.of(
            subentry, self._classes, self._lessons.names_for(self.subentry_id)
        )
        self._presence.configure(self.settings.zones, self.settings.masks, self.settings.thresholds)
        self.attention.pace = self.settings.pace
        self.class_names = frozenset(info.name for info in self._classes)
        self._issues.async_configure(subentry)
        unknown = self.settings.unknown
        self._issues.async_set(ISSUE_UNKNOWN_CLASSES, bool(unknown), classes=", ".join(unknown))
        self._applied = wanted
        self._is_known = False
        self._forced = True
        return True

    @callback
    def async_note_linked(self, *, found: int, of: int) -> None:
        """Note how many of the entities that wake the camera exist: without any it is looked at anyway."""
        pace = self.settings.pace
        self.attention.pace = replace(pace, only_when_woken=pace.only_when_woken and found > 0)
        self._issues.async_set(ISSUE_LINKED_GONE, found < of)
        if not self.attention.pace.only_when_woken:
            self.async_wake()

    @callback
    def async_drop(self) -> None:
        """Leave nothing behind of a camera that was removed."""
        async_clear_camera_issues(self.hass, self.subentry_id)
        self.hass.async_create_task(self.engine.async_forget(self.subentry_id))

    @callback
    def async_set_enabled(self, enabled: bool) -> None:
        """Turn classification on or off."""
        self.enabled = enabled
        self.async_wake()
        self.async_notify()

    @callback
    def async_wake(self, *, forced: bool = False, look_back: bool = False) -> None:
        """Look at the camera at once.

        `forced`: classify even if nothing changed. `look_back`: also what was fetched shortly before.
        """
        self._forced |= forced
        self._looks_back |= look_back
        self._woken.set()

    @callback
    def async_add_listener(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call a listener after every look."""
        return self._listeners.async_add(listener)

    @callback
    def async_add_report_listener(self, listener: ReportListener) -> CALLBACK_TYPE:
        """Call a listener with every arrival and departure, after all else is up to date."""
        return self._report_listeners.async_add(listener)

    @callback
    def async_notify(self) -> None:
        """Tell the listeners that something may have changed."""
        self._listeners.async_call()

    async def async_keep_snapshot(self) -> KeptSnapshot:
        """Keep the last snapshot, whatever is in it. There must be one. Raises OSError."""
        assert self.result is not None
        return await self.reporter.async_keep_whole(
            self.snapshot, self.update.tracks if self.update else (), self.result.regime
        )

    def to_json(self) -> Stored:
        """Return what has to outlive a restart."""
        return self._presence.to_json(untold=self.reporter.untold)

    async def async_run(self, interval: Callable[[], float | None]) -> None:
        """Look at the camera until cancelled; `interval` tells the seconds between looks."""
        self._ended = False
        try:
            while True:
                await self._async_wait(interval)
                if self.enabled:
                    await self._async_look()
        finally:
            self._ended = True
            self._source.async_close()
            self.async_notify()

    @contextmanager
    def _surviving(self) -> Iterator[None]:
        """Let nothing but the cancellation of this task end more than what it is raised in."""
        try:
            yield
        except (asyncio.CancelledError, Exception) as error:
            if (task := asyncio.current_task()) and task.cancelling():
                raise
            self._note_fault(error)

    async def _async_wait(self, interval: Callable[[], float | None]) -> None:
        """Wait for the time of the next look, or until somebody wakes the camera."""
        pause: float | None = MAX_BACKOFF
        with self._surviving():
            pause = self._pause(interval())
        if pause is None:
            with self._surviving():
                await self._async_look_away()
        try:
            async with asyncio.timeout(pause):
                await self._woken.wait()
        except TimeoutError:
            pass
        self._woken.clear()

    def _pause(self, interval: float | None) -> float | None:
        """Seconds until the next look: twice as many after each failure, up to a limit."""
        if interval is None or not self.enabled:
            return None
        if not 0 < interval < inf:
            raise ValueError(f"There is no pause of {interval} seconds.")
        doublings = min(self._failures, MAX_DOUBLINGS)
        return max(interval, min(interval * 2.0**doublings, MAX_BACKOFF))

    async def _async_look(self) -> None:
        with self._surviving():
            async with asyncio.timeout(MAX_BACKOFF):
                await self._async_try_to_look()
        self.async_notify()

    async def _async_try_to_look(self) -> None:
        taken = Moment(monotonic(), time())
        try:
            snapshot = await self._source.async_fetch()
            await self._async_look_back(snapshot, taken)
            result = await self._async_classify(snapshot)
        except SnapshotUnavailable as error:
            self._note_failure(error)
        except SnapshotError as error:
            self._note_failure(SnapshotUnavailable("bad_picture", error=str(error)))
        except Superseded:
            return
        except EngineUnavailable as error:
            if self.engine.state is EngineState.RUNNING:
                self._note_failure(SnapshotUnavailable("engine_unavailable", error=str(error)))
        else:
            await self._async_take(snapshot, result, taken)

    async def _async_look_back(self, newest: bytes, now: Moment) -> None:
        """Classify the snapshot before a wake-up, if the change gate kept it from the networks."""
        if not self._looks_back:
            return
        self._looks_back = False
        recent = now.monotonic - self._taken.monotonic <= LOOK_BACK
        if self.result and recent and not self._is_known and self.snapshot != newest:
            self._forced = True
            await self._async_take(
                self.snapshot, await self._async_classify(self.snapshot), self._taken
            )
        self._forced = True

    async def _async_take(self, snapshot: bytes, result: Result, taken: Moment) -> None:
        self._frame += 1
        self.snapshot, self.result, self._taken = snapshot, result, taken
        update = self._presence.update(
            result, frame=self._frame, monotonic=taken.monotonic, wall=taken.wall
        )
        self._frames[self._frame] = snapshot
        await self._async_write_evidence(update)
        self._note_success()
        self._publish(update)

    async def _async_look_away(self) -> None:
        """Let go of who was there, for a while without looking."""
        if self.update is not None and self.update.tracks:
            update = self._presence.look_away(monotonic=monotonic())
            await self._async_write_evidence(update)
            self._publish(update)
            self.async_notify()

    async def _async_classify(self, snapshot: bytes) -> Result:
        forced, self._forced = self._forced, False
        if self.result and snapshot == self.snapshot and (self._is_known or not forced):
            self.attention.looked(monotonic(), changed=False, cost=0.0)
            return replace(self.result, changed=False)
        try:
            result = await self.engine.client.classify(snapshot, self._request(use_gate=not forced))
        except BaseException:
            self._forced |= forced
            raise
        self._is_known = forced or result.changed
        self.statistics.add(result)
        self.attention.looked(monotonic(), changed=result.changed, cost=result.timing.total / 1000)
        return result

    def _request(self, *, use_gate: bool) -> Request:
        settings = self.settings
        regime = self.result.regime if self.result else Regime.DAY
        return Request(
            camera=self.subentry_id,
            sun_elevation=sun_elevation(self.hass),
            regions=tuple(zone.polygon.bounds for zone in settings.drawn_zones),
            masks=tuple(mask.points for mask in settings.masks),
            use_gate=use_gate,
            min_score=min(1.0, self._presence.min_score(regime)),
        )

    async def _async_write_evidence(self, update: Update) -> None:
        """Keep the snapshots of arrivals, and only those frames that may still be named."""
        self.reporter.add(update.transitions)
        wanted = update.keep | self.reporter.frames
        self._frames = {key: frame for key, frame in self._frames.items() if key in wanted}
        regime = self.result.regime if self.result else Regime.DAY
        await self.reporter.async_write(self.settings, self._frames, regime)

    @callback
    def _publish(self, update: Update) -> None:
        """Let the states be written, then tell of arrivals and departures."""
        self.update = update
        if reports := self.reporter.take():
            self.async_notify()
        for report in reports:
            self._report_listeners.async_call(report)
            self._announcers.async_call(self.settings.name, report)

    def _note_failure(self, error: SnapshotUnavailable) -> None:
        """Count a look that brought no picture; the user is told of each reason once."""
        if not self._is_lost():
            return
        self._issues.async_raise(error.reason)
        if error.reason not in self._told:
            self._told.add(error.reason)
            _LOGGER.warning("No snapshot of %s: %s", self.settings.name, error)

    def _note_fault(self, error: BaseException) -> None:
        """Count a look that something unexpected put an end to."""
        is_lost = self._is_lost()
        if self._faults.note(f"Looking at {self.settings.name} failed", error):
            self._told.add(type(error).__name__)
        elif is_lost and type(error).__name__ not in self._told:
            self._told.add(type(error).__name__)
            _LOGGER.warning("Looking at %s fails again: %r", self.settings.name, error)

    def _is_lost(self) -> bool:
        """Count a failure; return whether they are so many that nothing is known any more."""
        self._failures += 1
        self._reported |= self.update is None or self._failures >= FAILURES_UNTIL_UNAVAILABLE
        return self._reported

    def _note_success(self) -> None:
        if self._reported or self.update is None:  # the issue may be one of before a reload
            self._issues.async_clear()
        if self._told:
            _LOGGER.info("Snapshots of %s arrive again", self.settings.name)
        self._told.clear()
        self._failures = 0
        self._reported = False
