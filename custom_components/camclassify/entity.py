"""What the entities of a camera have in common."""

import logging
from collections.abc import Callable, Iterable
from typing import override

from camclassify_core.faults import FaultLog
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import (
    AddConfigEntryEntitiesCallback,
    async_get_current_platform,
)
from homeassistant.util import slugify

from .camera.look import WatchedCamera
from .const import DOMAIN, WHOLE_FRAME_ZONE
from .devices import async_device_info
from .home import CamClassifyConfigEntry
from .names import BUNDLED_CLASSES, plain_name
from .presence import Zone

_LOGGER = logging.getLogger(__name__)


class CameraEntity(Entity):
    """An entity of one camera's device."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, camera: WatchedCamera, key: str) -> None:
        """Belong to a camera."""
        self.camera = camera
        self._attr_unique_id = f"{camera.subentry_id}-{key}"

    @property
    @override
    def device_info(self) -> DeviceInfo:
        """The device of the camera."""
        return async_device_info(self.hass, self.camera)

    @property
    @override
    def suggested_object_id(self) -> str | None:
        """Leave its entity id to a camera that tells of the same: "Driveway Person" is Reolink's own."""
        if (name := super().suggested_object_id) and self._is_taken(name):
            return f"CamClassify {name}"
        return name

    @property
    @override
    def available(self) -> bool:
        """Whether what is known about the camera still holds."""
        return self.camera.available

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the camera."""
        self.async_on_remove(self.camera.async_add_listener(self._handle_update))

    @callback
    def follow(self, other: CameraEntity) -> None:
        """Become like an entity that was built anew from changed settings."""

    @callback
    def _handle_update(self) -> None:
        self.async_write_ha_state()

    def _is_taken(self, name: str) -> bool:
        """Tell whether another integration has the entity id that the name would give."""
        entity_id = f"{self.platform.domain}.{slugify(f'{self.camera.settings.name} {name}')}"
        if registered := er.async_get(self.hass).async_get(entity_id):
            return registered.platform != DOMAIN
        return self.hass.states.get(entity_id) is not None


class ClassEntity(CameraEntity):
    """An entity about one class in one zone of a camera."""

    def __init__(self, camera: WatchedCamera, zone: Zone, name: str, suffix: str = "") -> None:
        """Name the entity as people say it: "Driveway person"."""
        super().__init__(camera, f"{zone.id}-{name}{suffix}")
        self.zone = zone
        self.class_name = name
        self._attr_translation_key = None
        in_zone = zone.id != WHOLE_FRAME_ZONE
        if name in BUNDLED_CLASSES:
            self._attr_translation_key = f"{'zone_' if in_zone else ''}{name}{suffix}"
        elif suffix:
            self._attr_translation_key = f"other{suffix}"
        self._name_after_zone()

    @property
    @override
    def available(self) -> bool:
        """Whether what is known still holds, and the bundle knows the class."""
        return super().available and self.class_name in self.camera.settings.known

    @override
    def follow(self, other: CameraEntity) -> None:
        """Take on the zone's new name."""
        if isinstance(other, ClassEntity) and other.zone.name != self.zone.name:
            self.zone = other.zone
            self._name_after_zone()
            # The name is cached, and nothing but `_attr_name` resets it.
            vars(self).pop("name", None)
            if self.hass is not None:
                self.async_write_ha_state()

    def _name_after_zone(self) -> None:
        name = plain_name(self.class_name, self.zone.name)
        if self._attr_translation_key:
            self._attr_translation_placeholders = {"zone": self.zone.name, "name": name}
        else:
            self._attr_name = name


@callback
def async_follow_cameras(
    hass: HomeAssistant,
    entry: CamClassifyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    build: Callable[[WatchedCamera], Iterable[CameraEntity]],
) -> None:
    """Add what `build` returns for each camera, and keep to it when cameras, zones or classes change."""
    registry = er.async_get(hass)
    platform = async_get_current_platform()
    known: dict[str, dict[str | None, CameraEntity]] = {}
    faults = FaultLog(_LOGGER)

    @callback
    def waits(camera: WatchedCamera, unique_id: str | None) -> bool:
        """Tell whether an entity is about a class that nobody gave up, and that is unknown now."""
        key = (unique_id or "").removeprefix(f"{camera.subentry_id}-")
        zone_id, _, name = key.partition("-")
        name = name.removesuffix("_count").removesuffix("_last_seen")
        return (
            name != ""
            and name not in camera.settings.known
            and name not in entry.runtime_data.lessons.forgotten
            and any(zone.id == zone_id for zone in camera.settings.zones)
        )

    @callback
    def follow_camera(key: str, camera: WatchedCamera) -> None:
        before = known.get(key, {})
        wanted: dict[str | None, CameraEntity] = {}
        new: list[CameraEntity] = []
        for built in build(camera):
            if existing := before.get(built.unique_id):
                existing.follow(built)
            else:
                new.append(built)
            wanted[built.unique_id] = existing or built
        waiting = {
            unique_id: entity for unique_id, entity in before.items() if waits(camera, unique_id)
        }
        async_add_entities(new, config_subentry_id=key)
        known[key] = wanted = waiting | wanted
        for registered in er.async_entries_for_config_entry(registry, entry.entry_id):
            if (
                registered.domain == platform.domain
                and registered.config_subentry_id == key
                and registered.unique_id not in wanted
                and not waits(camera, registered.unique_id)
            ):
                registry.async_remove(registered.entity_id)

    @callback
    def follow() -> None:
        cameras = entry.runtime_data.cameras
        for key in known.keys() - cameras.keys():
            del known[key]
        for key, camera in cameras.items():
            try:
                follow_camera(key, camera)
            except Exception as error:
                faults.note(f"The entities of {camera.settings.name} cannot follow", error)

    follow()
    entry.async_on_unload(entry.runtime_data.async_add_listener(follow))
