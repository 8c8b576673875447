"""Looks at one camera again and again, and knows who is there."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from math import inf
from time import monotonic, time

from camclassify_core import (
    EngineState,
    EngineUnavailable,
    Example,
    SnapshotError,
    StreamFrame,
    Superseded,
)
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.device_registry import ChildDeviceEntry, DeviceEntry

from ..engine.shared import SharedEngine
from ..engine.snapshot import Snapshot, async_encoded
from ..evidence.keeper import Keeper
from ..evidence.reports import Reporter
from ..evidence.store import EvidenceStore, KeptSnapshot
from ..issues import (
    ISSUE_LATE_PICTURES,
    ISSUE_LINKED_GONE,
    ISSUE_UNKNOWN_CLASSES,
    ISSUE_ZONES_REST,
    CameraIssues,
)
from ..listeners import Listeners
from ..presence import CameraPresence, Pace, Pacer, Update, Views
from ..presence.storage import Stored
from .eye import Eye, Look, Moment, sun_elevation
from .failures import Failures
from .lateness import Lateness
from .picture import EngineAway, SnapshotUnavailable
from .settings import CameraSettings
from .source import async_source_device
from .stream_source import StreamSource, async_choose_source
from .truth import Truth

ZONES_MAY_REST = 24 * 3600.0  # seconds
LOOK_TIMEOUT = 60.0  # seconds; also between looks when nobody can say how many
_TRIES = 3  # to get the picture of a frame before a newer one is classified


class WatchedCamera:
    """One camera: fetches, has classified, keeps presence, tells its entities."""

    settings: CameraSettings

    def __init__(
        self,
        hass: HomeAssistant,
        engine: SharedEngine,
        store: EvidenceStore,
        subentry: ConfigSubentry,
        examples: tuple[Example, ...],
        stored: Stored | None,
    ) -> None:
        """Look at nothing yet. `examples` and `stored`: what was taught, and who was there before."""
        self.subentry_id = subentry.subentry_id
        self.enabled = True
        self.update: Update | None = None
        self.pacer = Pacer(Pace())
        self.eye = Eye(hass, engine, self.subentry_id, self.pacer)
        self.keeper = Keeper(self.subentry_id, engine, store)
        self.reporter = Reporter(hass, self.subentry_id, self.keeper)
        self._hass = hass
        self._engine = engine
        self._issues = CameraIssues(hass, subentry)
        self.failures = Failures(subentry.title, self._issues)
        self._source = async_choose_source(hass, subentry.data, self.async_wake)
        self._truth = Truth()
        self._lateness = Lateness()
        self._presence = CameraPresence(engine.classes, stored)
        self._applied: tuple[object, str, object, tuple[Example, ...]] | None = None
        self._had_no_answer = False
        self._beginning = engine.beginnings
        self._answer_took = 0.0  # seconds; none if there was no answer
        self._zones_rest_since: float | None = None  # endless once the user was told
        self._listeners: Listeners[[]] = Listeners()
        self._woken = asyncio.Event()
        self._ended = False
        self.async_configure(subentry, examples)

    @property
    def picture(self) -> Snapshot | None:
        """What may be shown of the camera now: nothing while it is turned off."""
        last = self.eye.last
        return last.snapshot if last and self.enabled else None

    async def async_picture(self) -> bytes | None:
        """Return it as bytes."""
        for _ in range(_TRIES):
            if (picture := self.picture) is None:
                return None
            try:
                return await async_encoded(self._engine, picture)
            except SnapshotError:
                continue
            except EngineUnavailable:
                return None
        return None

    @property
    def source_device(self) -> DeviceEntry | ChildDeviceEntry | None:
        """The device of the camera entity that is looked at, if there is one."""
        return async_source_device(self._hass, self._source.data)

    @property
    def views(self) -> Views:
        """The views of this camera, and the one that it shows."""
        return self._presence.views

    @property
    def available(self) -> bool:
        """Whether what is known about this camera still holds."""
        return (
            self.enabled and self._engine.available and not self.failures.lost and not self._ended
        )

    @callback
    def async_configure(self, subentry: ConfigSubentry, examples: tuple[Example, ...]) -> bool:
        """Apply what the user chose and taught, from the next snapshot on; return whether anything is new."""
        classes = self._engine.classes
        wanted = subentry.data, subentry.title, classes, examples
        if wanted == self._applied:
            return False
        if subentry.data != self._source.data:
            self._source.async_close()
            self._source = async_choose_source(self._hass, subentry.data, self.async_wake)
            self._truth = Truth()
            self._lateness = Lateness()
        if classes != self._presence.classes:
            self._presence = CameraPresence(classes, self._presence.to_json())
        if self._applied and examples != self._applied[3]:
            self._presence.forget_votes()
        self.settings = CameraSettings.of(subentry, classes, examples)
        self._presence.configure(self.settings.zones, self.settings.masks, self.settings.thresholds)
        self.pacer.pace = self.settings.pace
        self.failures.camera = self.settings.name
        self._issues.async_configure(subentry)
        unknown = self.settings.unknown
        self._issues.async_set(ISSUE_UNKNOWN_CLASSES, bool(unknown), classes=", ".join(unknown))
        self._issues.async_set(ISSUE_ZONES_REST, False)
        self._zones_rest_since = None
        self._applied = wanted
        self.eye.begin_anew()
        return True

    @callback
    def async_note_linked(self, *, found: int, of: int) -> None:
        """Note how many of the entities that wake the camera exist: without any it is looked at anyway."""
        pace = self.settings.pace
        self.pacer.pace = replace(pace, only_when_woken=pace.only_when_woken and found > 0)
        self._issues.async_set(ISSUE_LINKED_GONE, found < of)
        if not self.pacer.pace.only_when_woken:
            self.async_wake()

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
        self.eye.forced |= forced
        self.eye.looks_back |= look_back
        if look_back:
            self._lateness.note_wake(monotonic())
        self.failures.hurry()
        if isinstance(self._source, StreamSource) and self.pacer.is_alert(monotonic()):
            self._source.async_follow(self.pacer.pace.alert, awake=True)
        self._woken.set()

    @callback
    def async_add_listener(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call a listener after every look."""
        return self._listeners.async_add(listener)

    @callback
    def async_notify(self) -> None:
        """Tell the listeners that something may have changed."""
        self._listeners.async_call()

    async def async_keep_snapshot(self) -> KeptSnapshot:
        """Keep the last snapshot, whatever is in it. There must be one. Raises OSError, CamClassifyError."""
        assert self.eye.last is not None
        tracks = self.update.tracks if self.update else ()
        last = self.eye.last
        return await self.keeper.async_keep_whole(last.snapshot, tracks, last.result)

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
            self.failures.note_fault(error)

    async def _async_wait(self, interval: Callable[[], float | None]) -> None:
        """Wait for the time of the next look, or until somebody wakes the camera."""
        pause: float | None = LOOK_TIMEOUT
        with self._surviving():
            wanted = interval()
            pause = self.failures.pause(wanted) if wanted is not None and self.enabled else None
            if pause is not None and self._engine.on_server:
                pause = max(0.0, pause - self._answer_took)  # nothing was spent here meanwhile
            if isinstance(self._source, StreamSource):
                every = wanted if self.enabled else None
                if self._source.async_follow(every, awake=self.pacer.is_alert(monotonic())):
                    pause = 0.0  # fetching waits for the frame that is due
        if pause is None:
            with self._surviving():
                await self._async_look_away()
        try:
            async with asyncio.timeout(pause):
                await self._woken.wait()
        except TimeoutError:
            pass
        self._woken.clear()

    async def _async_look(self) -> None:
        self.failures.note_look()
        with self._surviving():
            async with asyncio.timeout(LOOK_TIMEOUT):
                await self._async_try_to_look()
        self.async_notify()

    async def _async_try_to_look(self) -> None:
        taken = Moment(monotonic(), time())
        try:
            snapshot = await self._source.async_fetch()
            self.failures.note_picture()
            if isinstance(snapshot, StreamFrame):
                taken = Moment.of(snapshot)
            if before := self.eye.missed(snapshot, taken):
                await self._async_take(await self._async_see(before.snapshot, before.taken))
                self.eye.forced = True
            known = self.eye.last
            look = await self._async_see(snapshot, taken)
            self._note_lateness(look, is_new=known is None or known.snapshot != snapshot)
            self._truth.check(look, lambda: sun_elevation(self._hass))
        except SnapshotUnavailable as error:
            self.failures.note_missing(error)
        except SnapshotError as error:
            self.failures.note_missing(SnapshotUnavailable("bad_picture", error=str(error)))
        except Superseded:
            return
        except EngineUnavailable as error:
            self._had_no_answer = True
            if self._engine.state is EngineState.RUNNING:
                self.failures.note_missing(EngineAway("engine_unavailable", error=str(error)))
        else:
            await self._async_take(look)

    @callback
    def _note_lateness(self, look: Look, *, is_new: bool) -> None:
        """Wait for what the camera was woken for, and tell the user if that is always long."""
        now = look.taken.monotonic
        told = self._lateness.seconds
        if self._lateness.note_look(now, is_new=is_new, age=self._source.age):
            self.pacer.linger(now)
        if (seconds := self._lateness.seconds) != told:
            is_late = seconds is not None
            self._issues.async_set(ISSUE_LATE_PICTURES, is_late, seconds=f"{seconds or 0:.0f}")

    async def _async_see(self, snapshot: Snapshot, taken: Moment) -> Look:
        self._answer_took = 0.0
        began = self._hass.loop.time()
        look = await self.eye.async_look(
            snapshot,
            taken,
            self.settings,
            self._presence.min_score(self.eye.regime),
            self._presence.views,
        )
        self._answer_took = self._hass.loop.time() - began
        return look

    async def _async_take(self, look: Look) -> None:
        """Keep presence with a look, and tell who came and who went."""
        if self._had_no_answer or self._beginning != self._engine.beginnings:
            self._had_no_answer, self._beginning = False, self._engine.beginnings
            self._presence.resume(monotonic=look.taken.monotonic)
            if self.update and not all(track.stationary for track in self.update.tracks):
                self.pacer.linger(monotonic())
        update = self._presence.update(
            look.result,
            frame=look.frame,
            monotonic=look.taken.monotonic,
            wall=look.taken.wall,
        )
        self._note_zones(look.taken.monotonic)
        await self._async_report(update, {look.frame: look.snapshot})
        self.failures.note_success()
        self._publish(update)

    @callback
    def _note_zones(self, now: float) -> None:
        """Tell the user when no zone has held for a day: the camera may look elsewhere for good."""
        zones = self.settings.drawn_zones
        since, self._zones_rest_since = self._zones_rest_since, None
        if not zones or any(self.views.holds(each.view, self.views.current) for each in zones):
            if since is not None:
                self._issues.async_set(ISSUE_ZONES_REST, False)
            return
        self._zones_rest_since = now if since is None else since
        if now - self._zones_rest_since >= ZONES_MAY_REST:
            self._issues.async_set(ISSUE_ZONES_REST, True)
            self._zones_rest_since = inf

    async def _async_look_away(self) -> None:
        """Let go of who was there, for a while without looking."""
        if self.update is not None and self.update.tracks:
            update = self._presence.look_away(monotonic=monotonic())
            await self._async_report(update, {})
            self._publish(update)
            self.async_notify()

    async def _async_report(self, update: Update, frames: Mapping[int, Snapshot]) -> None:
        """Write the evidence of arrivals. `frames` holds the new snapshot."""
        zones = self.settings.reporting_zones
        await self.reporter.async_write(update, frames, zones, self.eye.regime)

    @callback
    def _publish(self, update: Update) -> None:
        """Let the states be written, then tell of arrivals and departures."""
        self.update = update
        if self.reporter.has_news:
            self.async_notify()
        self.reporter.async_tell(self.settings.name)
