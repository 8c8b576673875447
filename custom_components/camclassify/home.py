"""The cameras of a home, and the engine that they share."""

import asyncio
from collections.abc import Iterable

from camclassify_core import EngineOptions
from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from .camera_settings import wanted_classes
from .const import CONF_CLASSES, CONF_THREADS, DOMAIN, SUBENTRY_CAMERA
from .coordinator import CameraCoordinator
from .engine import SharedEngine

type CamClassifyConfigEntry = ConfigEntry[Home]


class Home:
    """Keeps one coordinator a camera, in step with the subentries."""

    def __init__(
        self, hass: HomeAssistant, entry: CamClassifyConfigEntry, engine: SharedEngine
    ) -> None:
        """Begin with the cameras that the entry has now."""
        self.engine = engine
        self.cameras: dict[str, CameraCoordinator] = {}
        self._hass = hass
        self._entry = entry
        self._listeners: set[CALLBACK_TYPE] = set()
        self._looks: dict[str, asyncio.Task[None]] = {}
        self._lock = asyncio.Lock()
        self._sync_cameras()
        entry.async_on_unload(engine.async_add_listener(self._notify_cameras))

    @callback
    def async_add_listener(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call a listener whenever cameras, zones or classes may have changed."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    @callback
    def async_start(self) -> None:
        """Look at every camera that is not looked at yet."""
        for key, camera in self.cameras.items():
            if key not in self._looks:
                self._looks[key] = self._entry.async_create_background_task(
                    self._hass, camera.async_run(), f"{DOMAIN} {camera.settings.name}"
                )

    async def async_sync(self) -> None:
        """Apply the entry as it is now, live."""
        async with self._lock:
            await self.engine.async_start(engine_options(self._entry))
            self._sync_cameras()
            self.async_start()
        for listener in tuple(self._listeners):
            listener()

    def _sync_cameras(self) -> None:
        subentries = {subentry.subentry_id: subentry for subentry in camera_subentries(self._entry)}
        for key in self.cameras.keys() - subentries.keys():
            self._looks.pop(key).cancel()
            del self.cameras[key]
        for key, subentry in subentries.items():
            if camera := self.cameras.get(key):
                camera.async_configure(subentry)
            else:
                self.cameras[key] = CameraCoordinator(self._hass, self.engine, subentry)

    @callback
    def _notify_cameras(self) -> None:
        for camera in self.cameras.values():
            camera.async_notify()


def camera_subentries(entry: ConfigEntry) -> Iterable[ConfigSubentry]:
    """Return the cameras among an entry's subentries."""
    return entry.get_subentries_of_type(SUBENTRY_CAMERA)


def engine_options(entry: ConfigEntry) -> EngineOptions:
    """Return what the entry asks of the engine: heads that no camera needs are not run."""
    return EngineOptions(
        threads=entry.options[CONF_THREADS],
        classes=wanted_classes(camera_subentries(entry)) or tuple(entry.options[CONF_CLASSES]),
    )
