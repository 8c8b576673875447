"""What the whole integration takes of the processor."""

from time import monotonic

from camclassify_core import EngineUnavailable
from homeassistant.components.sensor import SensorEntity, SensorStateClass
from homeassistant.const import PERCENTAGE, EntityCategory
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo

from .const import CONF_CPU_BUDGET, DEFAULT_CPU_BUDGET, DOMAIN
from .home import CamClassifyConfigEntry


class CpuSensor(SensorEntity):
    """CPU time of the worker over the last minute; 100 % is one core."""

    _attr_has_entity_name = True
    _attr_translation_key = "cpu"
    _attr_native_unit_of_measurement = PERCENTAGE
    _attr_state_class = SensorStateClass.MEASUREMENT
    _attr_entity_category = EntityCategory.DIAGNOSTIC
    _attr_suggested_display_precision = 0

    def __init__(self, entry: CamClassifyConfigEntry) -> None:
        """Measure nothing yet."""
        engine = entry.runtime_data.engine
        self._engine = engine
        self._entry = entry
        self._before: tuple[float, float] | None = None
        self._attr_unique_id = f"{entry.entry_id}-cpu"
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, entry.entry_id)},
            entry_type=DeviceEntryType.SERVICE,
            manufacturer="CamClassify",
            name="CamClassify",
            sw_version=engine.info.version,
        )

    async def async_update(self) -> None:
        """Compare with a minute ago."""
        budget = self._entry.options.get(CONF_CPU_BUDGET, DEFAULT_CPU_BUDGET)
        self._attr_extra_state_attributes = {"budget": budget}
        try:
            statistics = await self._engine.client.statistics()
        except EngineUnavailable:
            self._attr_available = False
            self._before = None
            return
        now = monotonic(), statistics.cpu_time
        self._attr_available = True
        if self._before and now[1] >= self._before[1]:
            seconds, used = now[0] - self._before[0], now[1] - self._before[1]
            self._attr_native_value = round(100 * used / seconds, 1) if seconds else None
        self._before = now
