"""Looks at one camera again and again, and knows who is there."""

import asyncio
import logging
from dataclasses import dataclass, replace
from time import monotonic, time

from camclassify_core import EngineUnavailable, Regime, Request, Result, SnapshotError, Superseded
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from .camera_settings import CameraSettings
from .engine import SharedEngine
from .presence import CameraPresence, Update
from .snapshot_source import SnapshotUnavailable, async_make_source
from .sun import sun_elevation

_LOGGER = logging.getLogger(__name__)

FAILURES_UNTIL_UNAVAILABLE = 2
MAX_BACKOFF = 60.0
MAX_DOUBLINGS = 10


@dataclass(slots=True)
class Statistics:
    """What classifying a camera has cost since the integration was set up."""

    frames: int = 0
    skipped: int = 0
    milliseconds: float = 0.0

    @property
    def skipped_share(self) -> float:
        """Share of the frames that the change gate kept from the networks, 0..1."""
        return self.skipped / self.frames if self.frames else 0.0

    def add(self, result: Result) -> None:
        """Count one frame; the time is a running mean."""
        self.frames += 1
        self.skipped += not result.changed
        weight = max(0.05, 1 / self.frames)
        self.milliseconds += (result.timing.total - self.milliseconds) * weight


class CameraCoordinator:
    """One camera: fetches, has classified, keeps presence, tells its entities."""

    settings: CameraSettings

    def __init__(self, hass: HomeAssistant, engine: SharedEngine, subentry: ConfigSubentry) -> None:
        """Look at nothing yet."""
        self.hass = hass
        self.engine = engine
        self.subentry_id = subentry.subentry_id
        self.statistics = Statistics()
        self.update: Update | None = None
        self.result: Result | None = None
        self._snapshot = b""
        self._frame = 0
        self._failures = 0
        self._reported = False
        self._listeners: set[CALLBACK_TYPE] = set()
        self._woken = asyncio.Event()
        self._presence = CameraPresence(engine.info.classes)
        self._source = async_make_source(hass, subentry.data)
        self._source_data = subentry.data
        self.async_configure(subentry)

    @property
    def available(self) -> bool:
        """Whether what is known about this camera still holds."""
        return self.engine.available and not self._reported

    @callback
    def async_configure(self, subentry: ConfigSubentry) -> None:
        """Apply what the user chose; takes effect with the next snapshot."""
        if subentry.data != self._source_data:
            self._source.async_close()
            self._source = async_make_source(self.hass, subentry.data)
            self._source_data = subentry.data
        self.settings = CameraSettings.of(subentry, self.engine.info.classes)
        self._presence.configure(self.settings.zones, self.settings.masks, self.settings.thresholds)
        self._snapshot = b""
        self.async_wake()

    @callback
    def async_add_listener(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call a listener after every look."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    @callback
    def async_wake(self) -> None:
        """Look at the camera at once."""
        self._woken.set()

    @callback
    def async_notify(self) -> None:
        """Tell the listeners that something may have changed."""
        for listener in tuple(self._listeners):
            listener()

    async def async_run(self) -> None:
        """Look at the camera until cancelled."""
        try:
            while True:
                self._woken.clear()
                await self._async_look()
                try:
                    async with asyncio.timeout(self._pause):
                        await self._woken.wait()
                except TimeoutError:
                    pass
        finally:
            self._source.async_close()

    @property
    def _pause(self) -> float:
        """Seconds until the next look: twice as many after each failure, up to a limit."""
        interval = self.settings.interval
        doublings = min(self._failures, MAX_DOUBLINGS)
        return max(interval, min(interval * 2.0**doublings, MAX_BACKOFF))

    async def _async_look(self) -> None:
        taken_at, taken_at_wall = monotonic(), time()
        try:
            snapshot = await self._source.async_fetch()
            result = await self._async_classify(snapshot)
        except SnapshotUnavailable as error:
            self._note_failure(str(error))
        except SnapshotError as error:
            self._note_failure(str(error))
        except EngineUnavailable, Superseded:
            return
        else:
            self._note_success()
            self._frame += 1
            self._snapshot, self.result = snapshot, result
            self.update = self._presence.update(
                result, frame=self._frame, monotonic=taken_at, wall=taken_at_wall
            )
        self.async_notify()

    async def _async_classify(self, snapshot: bytes) -> Result:
        if self.result and snapshot == self._snapshot:
            return replace(self.result, changed=False)
        settings = self.settings
        result = await self.engine.client.classify(
            snapshot,
            Request(
                camera=self.subentry_id,
                sun_elevation=sun_elevation(self.hass),
                regions=tuple(zone.polygon.bounds for zone in settings.drawn_zones),
                masks=tuple(mask.points for mask in settings.masks),
                min_score=min(
                    1.0,
                    self._presence.min_score(self.result.regime if self.result else Regime.DAY),
                ),
            ),
        )
        self.statistics.add(result)
        return result

    def _note_failure(self, reason: str) -> None:
        self._failures += 1
        if not self._reported and (
            self.update is None or self._failures >= FAILURES_UNTIL_UNAVAILABLE
        ):
            self._reported = True
            _LOGGER.warning("No snapshot of %s: %s", self.settings.name, reason)

    def _note_success(self) -> None:
        if self._reported:
            _LOGGER.info("Snapshots of %s arrive again", self.settings.name)
        self._failures = 0
        self._reported = False
