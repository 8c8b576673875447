"""Sensors about a class in a zone: how many are there, and when one was last seen."""

from datetime import datetime
from typing import override

from homeassistant.components.sensor import (
    RestoreSensor,
    SensorDeviceClass,
    SensorEntity,
    SensorStateClass,
)
from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from .camera.look import CameraCoordinator
from .entity import ClassEntity
from .evidence.reports import Report
from .presence import Zone


class CountSensor(ClassEntity, SensorEntity):
    """How many objects of a class are in a zone now."""

    _attr_state_class = SensorStateClass.MEASUREMENT
    _attr_entity_registry_enabled_default = False

    def __init__(self, camera: CameraCoordinator, zone: Zone, name: str) -> None:
        """Count one class in one zone."""
        super().__init__(camera, zone, name, "_count")

    @property
    @override
    def native_value(self) -> int | None:
        """Unknown until the first snapshot was classified."""
        if (update := self.camera.update) is None:
            return None
        return update.counts.get(self.zone.id, {}).get(self.class_name, 0)


class LastSeenSensor(ClassEntity, RestoreSensor):
    """When a class arrived in a zone or left it last; written at these moments only."""

    _attr_device_class = SensorDeviceClass.TIMESTAMP

    def __init__(self, camera: CameraCoordinator, zone: Zone, name: str) -> None:
        """Watch one class in one zone."""
        super().__init__(camera, zone, name, "_last_seen")

    @property
    @override
    def available(self) -> bool:
        """Always: the past does not change."""
        return True

    @override
    async def async_added_to_hass(self) -> None:
        """Take up what was seen before, and listen to reports instead of looks."""
        self.async_on_remove(self.camera.async_add_report_listener(self._handle_report))
        data = await self.async_get_last_sensor_data()
        if data and isinstance(data.native_value, datetime):
            self._attr_native_value = data.native_value

    @callback
    def _handle_report(self, report: Report) -> None:
        if (report.zone.id, report.transition.name) == (self.zone.id, self.class_name):
            self._attr_native_value = dt_util.utc_from_timestamp(report.transition.seen_at)
            self.async_write_ha_state()
