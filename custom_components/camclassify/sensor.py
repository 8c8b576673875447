"""What classifying a camera costs: diagnostic, off by default, written at most once a minute."""

from collections.abc import Callable
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

from .coordinator import CameraCoordinator, Statistics
from .entity import CameraEntity, async_follow_cameras
from .home import CamClassifyConfigEntry

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
    """Set up the diagnostic sensors of each camera."""
    async_follow_cameras(
        hass,
        entry,
        async_add_entities,
        lambda camera: [StatisticsSensor(camera, description) for description in STATISTICS],
    )


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
