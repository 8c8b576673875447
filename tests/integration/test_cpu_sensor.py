"""What the whole integration takes of the processor."""

from datetime import timedelta
from unittest.mock import patch

from camclassify_core import EngineStatistics, EngineUnavailable
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from .fake_engine import FakeEngineClient
from .looks import state_of

CPU = "sensor.camclassify_processor_use"


async def minute(hass: HomeAssistant, number: int) -> None:
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=61 * number))
    await hass.async_block_till_done()


async def test_processor_use_is_the_share_of_the_last_minute(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    used = [EngineStatistics(restarts=0, rss=1, cpu_time=time) for time in (10.0, 40.0)]
    with (
        patch.object(client, "statistics", side_effect=[*used, EngineUnavailable("It restarts.")]),
        patch("custom_components.camclassify.cpu_sensor.monotonic", side_effect=[100.0, 160.0]),
    ):
        await minute(hass, 1)
        await minute(hass, 2)
        assert state_of(hass, CPU).state == "50.0"
        assert state_of(hass, CPU).attributes["budget"] == 100
        await minute(hass, 3)
        assert state_of(hass, CPU).state == "unavailable"
