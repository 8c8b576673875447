"""What the system information page says."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, get_system_health_info

from .fake_engine import FakeEngineClient
from .looks import look, the_camera


async def system_health_info(hass: HomeAssistant) -> dict[str, Any]:
    assert await async_setup_component(hass, "system_health", {})
    await hass.async_block_till_done()
    information: dict[str, Any] = await get_system_health_info(hass, "camclassify")
    return information


async def test_a_running_engine_is_described(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    await look(the_camera(loaded))
    assert await system_health_info(hass) == {
        "engine": "running",
        "version": "0.1.0",
        "bundle": "default 1",
        "instruction_set": "AVX2",
        "runners": "direct",
        "onnxruntime": "-",
        "cameras": "1/1",
    }


async def test_a_stopped_engine_is_described(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    await hass.config_entries.async_remove(loaded.entry_id)
    assert await system_health_info(hass) == {"engine": "stopped"}
