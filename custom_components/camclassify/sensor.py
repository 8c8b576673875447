"""Sensors: counts and last-seen times per class, and what classifying costs.

What it costs is diagnostic, off by default, and written at most once a minute.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Any, override

from homeassistant.components.sensor import (
    RestoreSensor,
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import PERCENTAGE, EntityCategory, UnitOfTime
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .camera.eye import Statistics
from .camera.look import WatchedCamera
from .const import DOMAIN
from .entity import CameraEntity, ClassEntity, async_follow_cameras
from .evidence.reports import Report
from .home import CamClassifyConfigEntry
from .presence import Zone

PARALLEL_UPDATES = 0

WRITE_EVERY = 60.0


@dataclass(frozen=True, kw_only=True)
class StatisticsDescription(SensorEntityDescription):
    """Describes a diagnostic sensor of a camera."""

    value: Callable[[Statistics], float]
    entity_category: EntityCategory | None = EntityCategory.DIAGNOSTIC
    entity_registry_enabled_default: bool = False


STATISTICS = (
    StatisticsDescription(
        key="frames",
        translation_key="frames",
        state_class=SensorStateClass.TOTAL_INCREASING,
        value=lambda statistics: statistics.frames,
    ),
    StatisticsDescription(
        key="frame_time",
        translation_key="frame_time",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.MILLISECONDS,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=1,
        value=lambda statistics: round(statistics.milliseconds, 2),
    ),
    StatisticsDescription(
        key="skipped",
        translation_key="skipped",
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        value=lambda statistics: round(100 * statistics.skipped_share, 1),
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CamClassifyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the sensors of each camera, and that of the engine."""
    async_follow_cameras(hass, entry, async_add_entities, _build)
    async_add_entities([CpuSensor(entry)])


def _build(camera: WatchedCamera) -> Iterator[CameraEntity]:
    for zone in camera.settings.reporting_zones:
        for name in sorted(zone.classes):
            yield LastSeenSensor(camera, zone, name)
    for zone in camera.settings.zones:
        for name in sorted(zone.classes):
            yield CountSensor(camera, zone, name)
    for description in STATISTICS:
        yield StatisticsSensor(camera, description)


class CountSensor(ClassEntity, SensorEntity):
    """How many objects of a class are in a zone now."""

    _attr_state_class = SensorStateClass.MEASUREMENT
    _attr_entity_registry_enabled_default = False

    def __init__(self, camera: WatchedCamera, zone: Zone, name: str) -> None:
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
    _attr_entity_registry_enabled_default = False

    def __init__(self, camera: WatchedCamera, zone: Zone, name: str) -> None:
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
        self.async_on_remove(self.camera.reporter.async_add_listener(self._handle_report))
        data = await self.async_get_last_sensor_data()
        if data and isinstance(data.native_value, datetime):
            self._attr_native_value = data.native_value

    @callback
    def _handle_report(self, report: Report) -> None:
        if (report.zone.id, report.transition.name) == (self.zone.id, self.class_name):
            self._attr_native_value = dt_util.utc_from_timestamp(report.transition.seen_at)
            self.async_write_ha_state()


class StatisticsSensor(CameraEntity, SensorEntity):
    """A figure about the classification of one camera."""

    entity_description: StatisticsDescription

    def __init__(self, camera: WatchedCamera, description: StatisticsDescription) -> None:
        """Write nothing yet."""
        super().__init__(camera, description.key)
        self.entity_description = description
        self._written_at = -WRITE_EVERY
        self._was_available = False

    @property
    @override
    def native_value(self) -> float:
        """The figure as of now."""
        return self.entity_description.value(self.camera.eye.statistics)

    @callback
    @override
    def _handle_update(self) -> None:
        now = self.hass.loop.time()
        if now - self._written_at >= WRITE_EVERY or self._was_available != self.available:
            self._written_at = now
            self._was_available = self.available
            super()._handle_update()


class CpuSensor(SensorEntity):
    """CPU time of the worker over the last minute, or that of our looks on a server; 100 % is one core."""

    _attr_has_entity_name = True
    _attr_should_poll = False
    _attr_translation_key = "cpu"
    _attr_entity_registry_enabled_default = False
    _attr_native_unit_of_measurement = PERCENTAGE
    _attr_state_class = SensorStateClass.MEASUREMENT
    _attr_entity_category = EntityCategory.DIAGNOSTIC
    _attr_suggested_display_precision = 0

    def __init__(self, entry: CamClassifyConfigEntry) -> None:
        """Show what the home measures."""
        self._home = entry.runtime_data
        self._attr_unique_id = f"{entry.entry_id}-cpu"
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, entry.entry_id)},
            entry_type=DeviceEntryType.SERVICE,
            manufacturer="CamClassify",
            name="CamClassify",
            sw_version=self._home.engine.info.version,
        )

    @property
    @override
    def available(self) -> bool:
        """Whether there is an engine to measure."""
        return self._home.engine.available

    @property
    @override
    def native_value(self) -> float | None:
        """Unknown until a minute was measured."""
        used = self._home.cpu.used
        return None if used is None else round(100 * used, 1)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """The budget that all cameras together keep to, if there is one."""
        budget = self._home.budget
        return {} if budget == inf else {"budget": round(100 * budget)}

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the measurements."""
        self.async_on_remove(self._home.cpu.async_add_listener(self.async_write_ha_state))
