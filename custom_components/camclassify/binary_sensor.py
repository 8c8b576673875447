"""Is here now: occupancy per class and zone."""

from typing import override

from homeassistant.components.binary_sensor import BinarySensorDeviceClass, BinarySensorEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import ClassEntity, async_follow_cameras
from .home import CamClassifyConfigEntry

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CamClassifyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up a sensor per camera, zone and class."""
    async_follow_cameras(
        hass,
        entry,
        async_add_entities,
        lambda camera: [
            PresenceSensor(camera, zone, name)
            for zone in camera.settings.zones
            for name in sorted(zone.classes)
        ],
    )


class PresenceSensor(ClassEntity, BinarySensorEntity):
    """Whether a class is in a zone now."""

    _attr_device_class = BinarySensorDeviceClass.OCCUPANCY

    @property
    @override
    def is_on(self) -> bool | None:
        """Unknown until the first snapshot was classified."""
        if (update := self.camera.update) is None:
            return None
        return update.present(self.zone.id, self.class_name)
