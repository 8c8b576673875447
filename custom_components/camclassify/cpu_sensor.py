"""What the whole integration takes of the processor."""

from typing import Any, override

from homeassistant.components.sensor import SensorEntity, SensorStateClass
from homeassistant.const import PERCENTAGE, EntityCategory
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo

from .const import DOMAIN
from .home import CamClassifyConfigEntry


class CpuSensor(SensorEntity):
    """CPU time of the worker over the last minute; 100 % is one core."""

    _attr_has_entity_name = True
    _attr_should_poll = False
    _attr_translation_key = "cpu"
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
        """Whether there is a worker to measure."""
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
        """The budget that all cameras together keep to."""
        return {"budget": round(100 * self._home.budget)}

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the measurements."""
        self.async_on_remove(self._home.cpu.async_add_listener(self.async_write_ha_state))
