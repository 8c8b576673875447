"""The cameras of a home, and the engine that they share."""

import asyncio
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from math import inf
from time import monotonic
from typing import Any

from camclassify_core import (
    BundleError,
    CamClassifyError,
    ClassInfo,
    EngineOptions,
    EngineState,
    EngineUnavailable,
)
from camclassify_core.faults import FaultLog
from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_TOKEN, CONF_URL, CONF_VERIFY_SSL
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util.signal_type import SignalType

from .camera.linked import async_follow_linked
from .camera.look import WatchedCamera
from .camera.settings import wanted_classes
from .const import (
    CONF_BUNDLE,
    CONF_CLASSES,
    CONF_CPU_BUDGET,
    CONF_KEEP_COUNT,
    CONF_KEEP_DAYS,
    CONF_SERVER,
    CONF_STAND_IN,
    CONF_THREADS,
    DEFAULT_CPU_BUDGET,
    DEFAULT_KEEP_COUNT,
    DEFAULT_KEEP_DAYS,
    DOMAIN,
    SUBENTRY_CAMERA,
)
from .devices import async_follow_settings, async_follow_sources
from .engine.bundles import bundle_path, known_classes
from .engine.cpu_meter import CpuMeter
from .engine.interface import AnyOptions, ServerOptions
from .engine.onnxruntime_wheel import async_start_or_install
from .engine.shared import SharedEngine
from .evidence.scaled import ScaledPictures
from .evidence.store import EvidenceStore
from .issues import (
    ISSUE_BUNDLE_BROKEN,
    ISSUE_CANNOT_START,
    async_clear_camera_issues,
    async_clear_start_issues,
    async_raise_start_issue,
)
from .listeners import Listeners
from .presence import intervals
from .presence.storage import Stored, checked
from .safe_store import PRESENCE, SafeStore
from .teaching.lessons import Lessons
from .user_errors import invalid

_LOGGER = logging.getLogger(__name__)

SAVE_DELAY = 60.0
MEASURE_EVERY = timedelta(minutes=1)
PRUNE_EVERY = timedelta(hours=1)
END_TIMEOUT = 10.0

SIGNAL_SET_UP: SignalType[Home] = SignalType(f"{DOMAIN}_set_up")

type CamClassifyConfigEntry = ConfigEntry[Home]


class Home:
    """Keeps the cameras in step with the subentries."""

    def __init__(
        self, hass: HomeAssistant, entry: CamClassifyConfigEntry, engine: SharedEngine
    ) -> None:
        """Know no camera until loaded."""
        self.engine = engine
        self.cameras: dict[str, WatchedCamera] = {}
        self.evidence = EvidenceStore(hass, **_limits(entry))
        self.scaled = ScaledPictures(engine, self.evidence)
        self.lessons = Lessons(hass, engine, self.evidence)
        self.cpu = CpuMeter(engine)
        self._hass = hass
        self._entry = entry
        self._store: SafeStore[dict[str, Any]] = SafeStore(
            hass, PRESENCE, serialize_in_event_loop=True
        )
        self._stored: dict[str | int, Stored] = {}
        self._listeners: Listeners[[]] = Listeners()
        self._faults = FaultLog(_LOGGER)
        self._looks: dict[str, asyncio.Task[None]] = {}
        self._unlink: dict[str, CALLBACK_TYPE] = {}
        self._lock = asyncio.Lock()
        self._is_unloaded = False
        self._engine_is_behind = False
        self._classes: tuple[ClassInfo, ...] = ()

    async def async_load(self) -> None:
        """Begin with the cameras that the entry has now, and with who was there before."""
        self._stored = await self._store.async_load_rows(dict, checked)
        await self.evidence.async_load()
        await self.lessons.async_load()
        self._sync_cameras()
        self._entry.async_on_unload(self.engine.async_add_listener(self._follow_engine))
        self._entry.async_on_unload(async_follow_sources(self._hass, self._entry, self.cameras))
        self._entry.async_on_unload(
            async_track_time_interval(self._hass, self._async_measure, MEASURE_EVERY)
        )
        self._entry.async_on_unload(
            async_track_time_interval(self._hass, self._async_prune, PRUNE_EVERY)
        )

    async def async_unload(self) -> None:
        """Look no more, and remember who is there: what is told after that would be told again."""
        self._is_unloaded = True
        for unlink in self._unlink.values():
            unlink()
        for task in self._looks.values():
            task.cancel()
        if self._looks:
            await asyncio.wait(self._looks.values(), timeout=END_TIMEOUT)
        await self._store.async_save(self._to_json())
        self._store.async_close()
        await self.evidence.async_close()
        self.lessons.async_close()

    @property
    def budget(self) -> float:
        """The CPU seconds a second that all cameras together may take; a server has limits of its own."""
        if self.engine.on_server:
            return inf
        return float(self._entry.options.get(CONF_CPU_BUDGET, DEFAULT_CPU_BUDGET)) / 100

    @callback
    def async_camera(self, key: str) -> WatchedCamera:
        """Return a camera by the id of its subentry. Raises ServiceValidationError."""
        if (camera := self.cameras.get(key)) is None:
            raise invalid("unknown_camera")
        return camera

    @callback
    def async_add_listener(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call a listener whenever cameras, zones or classes may have changed."""
        return self._listeners.async_add(listener)

    @callback
    def async_start(self) -> None:
        """Look at every camera that nobody looks at."""
        for key, camera in self.cameras.items() if not self._is_unloaded else ():
            if (task := self._looks.get(key)) and task.done():
                error = None if task.cancelled() else task.exception()
                _LOGGER.error(
                    "Looking at %s had ended: it begins again", camera.settings.name, exc_info=error
                )
            if task is None or task.done():
                self._looks[key] = self._entry.async_create_background_task(
                    self._hass,
                    camera.async_run(partial(self._interval, key)),
                    f"{DOMAIN} {camera.settings.name}",
                )

    async def async_sync(self, *, again: bool = False) -> None:
        """Apply the entry as it is now, live.

        Where the engine cannot follow it goes on as before, and an issue says so; if its worker ended
        just then, it is asked once more (`again`) when it runs. A camera that cannot follow goes on as
        before, too.
        """
        async with self._lock:
            await self._async_sync_engine(again=again)
            await self.evidence.async_limit(**_limits(self._entry))
            if self._is_unloaded:
                return
            self.lessons.async_check()
            dropped = self._sync_cameras()
            self.async_start()
            for key in dropped:
                await self.evidence.async_forget_camera(key)
        self._listeners.async_call()
        for camera in self.cameras.values():
            camera.async_notify()

    async def async_start_engine(self) -> None:
        """Have the engine run as the entry says now. Raises BundleError and EngineUnavailable."""
        options = await async_engine_options(self._hass, self._entry)
        if self._is_unloaded:
            return
        await async_start_engine(self._hass, self._entry, self.engine, options)
        async_clear_start_issues(self._hass)

    async def _async_sync_engine(self, *, again: bool) -> None:
        self._engine_is_behind = False
        try:
            await self.async_start_engine()
        except BundleError as error:
            async_raise_start_issue(self._hass, ISSUE_BUNDLE_BROKEN, error)
        except CamClassifyError as error:
            # Once: options that end the worker would end it again and again.
            self._engine_is_behind = isinstance(error, EngineUnavailable) and not again
            async_raise_start_issue(self._hass, ISSUE_CANNOT_START, error)

    def _sync_cameras(self) -> set[str]:
        """Add, change and drop cameras; return the keys of those dropped."""
        self._classes = self.engine.classes
        subentries = {subentry.subentry_id: subentry for subentry in camera_subentries(self._entry)}
        dropped = self.cameras.keys() - subentries.keys()
        for key in dropped:
            if task := self._looks.pop(key, None):
                task.cancel()
            self._unlink.pop(key)()
            del self.cameras[key]
            self._stored.pop(key, None)
            async_clear_camera_issues(self._hass, key)
            self._hass.async_create_task(self.engine.async_forget(key))
        for key, subentry in subentries.items():
            try:
                self._sync_camera(key, subentry)
            except Exception as error:
                self._faults.note(f"The settings of {subentry.title} cannot be used", error)
        return dropped

    def _sync_camera(self, key: str, subentry: ConfigSubentry) -> None:
        if camera := self.cameras.get(key):
            if not camera.async_configure(subentry, self.lessons.examples):
                return
            self._unlink.pop(key)()
            self._unlink[key] = async_follow_linked(self._hass, camera)
            async_follow_settings(self._hass, self._entry, camera)
            return
        camera = WatchedCamera(
            self._hass,
            self.engine,
            self.evidence,
            subentry,
            self.lessons.examples,
            self._stored.get(key),
        )
        camera.reporter.async_add_listener(lambda _report: self._save_later())
        self._unlink[key] = async_follow_linked(self._hass, camera)
        self.cameras[key] = camera

    def _interval(self, key: str) -> float | None:
        """Return the seconds between looks at a camera, such that all stay within the budget."""
        pacers = {other: camera.pacer for other, camera in self.cameras.items()}
        now = monotonic()
        granted = intervals(pacers, now, self.budget / self.cpu.overhead)[key]
        pacers[key].wait(pacers[key].interval(now), granted)
        return granted

    async def _async_measure(self, _now: datetime) -> None:
        self.async_start()
        charged = sum(camera.eye.statistics.seconds for camera in self.cameras.values())
        try:
            await self.cpu.async_measure(charged)
            await self.lessons.async_retry()
        except Exception as error:
            self._faults.note("What is done every minute failed", error)

    async def _async_prune(self, _now: datetime) -> None:
        await self.evidence.async_prune()

    @callback
    def _follow_engine(self) -> None:
        catches_up = self._engine_is_behind and self.engine.state is EngineState.RUNNING
        if catches_up or (self.engine.started and self.engine.classes != self._classes):
            self._engine_is_behind = False
            self._entry.async_create_task(self._hass, self.async_sync(again=catches_up))
        self.lessons.async_check()
        for camera in self.cameras.values():
            camera.async_notify()

    @callback
    def _save_later(self) -> None:
        self._store.async_delay_save(self._to_json, SAVE_DELAY)

    def _to_json(self) -> dict[str, Stored]:
        return {key: camera.to_json() for key, camera in self.cameras.items()}


@callback
def async_loaded_entry(hass: HomeAssistant) -> CamClassifyConfigEntry:
    """Return the config entry. Raises ServiceValidationError if it is not loaded."""
    if not (loaded := hass.config_entries.async_loaded_entries(DOMAIN)):
        raise invalid("not_loaded")
    return loaded[0]


@callback
def async_loaded_home(hass: HomeAssistant) -> Home | None:
    """Return the cameras and their engine; None if the config entry is not loaded."""
    loaded = hass.config_entries.async_loaded_entries(DOMAIN)
    return loaded[0].runtime_data if loaded else None


def camera_subentries(entry: CamClassifyConfigEntry) -> Iterable[ConfigSubentry]:
    """Return the cameras among an entry's subentries."""
    return entry.get_subentries_of_type(SUBENTRY_CAMERA)


async def async_engine_options(hass: HomeAssistant, entry: CamClassifyConfigEntry) -> AnyOptions:
    """Return which engine the entry wants, and how it runs."""
    if (server := entry.options.get(CONF_SERVER)) is None:
        return await _async_own_options(hass, entry)
    return ServerOptions(
        url=server[CONF_URL],
        token=server.get(CONF_TOKEN, ""),
        verify=server.get(CONF_VERIFY_SSL, True),
        stand_in=await _async_own_options(hass, entry) if server.get(CONF_STAND_IN) else None,
    )


async def async_start_engine(
    hass: HomeAssistant, entry: CamClassifyConfigEntry, engine: SharedEngine, options: AnyOptions
) -> None:
    """Have the engine run like that. Raises BundleError and EngineUnavailable."""
    if isinstance(options, ServerOptions):
        await engine.async_start(options)
    else:
        await async_start_or_install(hass, entry, engine, options)


async def _async_own_options(hass: HomeAssistant, entry: CamClassifyConfigEntry) -> EngineOptions:
    """Return how an engine on this machine runs: heads that no camera needs are not run."""
    bundle = bundle_path(hass, entry.options.get(CONF_BUNDLE))
    known = await hass.async_add_executor_job(known_classes, bundle)
    wanted = wanted_classes(camera_subentries(entry)) or entry.options[CONF_CLASSES]
    return EngineOptions(
        bundle=bundle,
        lanes=entry.options[CONF_THREADS],
        classes=tuple(name for name in wanted if known is None or name in known),
    )


def _limits(entry: CamClassifyConfigEntry) -> dict[str, Any]:
    return {
        "days": entry.options.get(CONF_KEEP_DAYS, DEFAULT_KEEP_DAYS),
        "count": entry.options.get(CONF_KEEP_COUNT, DEFAULT_KEEP_COUNT),
    }
