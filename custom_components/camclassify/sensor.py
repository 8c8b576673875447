"""Sensors: counts and last-seen times per class, and what classifying costs.

What it costs is diagnostic, off by default, and written at most once a minute.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import PERCENTAGE, EntityCategory, UnitOfTime
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .camera.look import CameraCoordinator
from .class_sensors import CountSensor, LastSeenSensor
from .cpu_sensor import CpuSensor
from .entity import CameraEntity, async_follow_cameras
from .home import CamClassifyConfigEntry
from .statistics import Statistics

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


def _build(camera: CameraCoordinator) -> Iterator[CameraEntity]:
    for zone in camera.settings.reporting_zones:
        for name in sorted(zone.classes):
            yield LastSeenSensor(camera, zone, name)
    for zone in camera.settings.zones:
        for name in sorted(zone.classes):
            yield CountSensor(camera, zone, name)
    for description in STATISTICS:
        yield StatisticsSensor(camera, description)


class StatisticsSensor(CameraEntity, SensorEntity):
    """A figure about the classification of one camera."""

    entity_description: StatisticsDescription

    def __init__(self, camera: CameraCoordinator, description: StatisticsDescription) -> None:
        """Write nothing yet."""
        super().__init__(camera, description.key)
        self.entity_description = description
        self._written_at = -WRITE_EVERY
        self._was_available = False

    @property
    @override
    def native_value(self) -> float:
        """The figure as of now."""
        return self.entity_description.value(self.camera.statistics)

    @callback
    @override
    def _handle_update(self) -> None:
        now = self.hass.loop.time()
        if now - self._written_at >= WRITE_EVERY or self._was_available != self.available:
            self._written_at = now
            self._was_available = self.available
            super()._handle_update()
