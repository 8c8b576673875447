"""What the worker really takes, and what that does to the pace of the cameras."""

from typing import Any
from unittest.mock import patch

import pytest
from camclassify_core import EngineStatistics, EngineUnavailable
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.camclassify.engine.cpu_meter import CpuMeter

from ..conftest import ENTITY_CAMERA
from ..fake_engine import FakeEngineClient
from ..looks import look, state_of

CPU = "sensor.camclassify_processor_use"


async def measure(
    meter: CpuMeter, client: FakeEngineClient, at: float, cpu_time: float, charged: float
) -> None:
    used = EngineStatistics(restarts=0, rss=1, cpu_time=cpu_time, lanes=())
    with (
        patch.object(client, "statistics", return_value=used),
        patch("custom_components.camclassify.engine.cpu_meter.monotonic", return_value=at),
    ):
        await meter.async_measure(charged)


async def test_the_sensor_shows_the_share_of_the_last_minute_and_the_budget(
    hass: HomeAssistant, all_entities: None, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    meter = loaded.runtime_data.cpu
    assert state_of(hass, CPU).state == "unknown"
    await measure(meter, client, 100.0, 10.0, 0.0)
    await measure(meter, client, 160.0, 40.0, 0.0)
    assert state_of(hass, CPU).state == "50.0"
    assert state_of(hass, CPU).attributes["budget"] == 100
    await measure(meter, client, 220.0, 1.0, 0.0)
    assert state_of(hass, CPU).state == "unknown"
    with patch.object(client, "statistics", side_effect=EngineUnavailable("It restarts.")):
        await meter.async_measure(0.0)
    assert meter.used is None


async def test_overhead_is_what_looks_do_not_say_they_cost(
    loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    meter = loaded.runtime_data.cpu
    await measure(meter, client, 100.0, 0.0, 0.0)
    await measure(meter, client, 160.0, 20.0, 10.0)
    assert meter.overhead == 2.0
    await measure(meter, client, 220.0, 50.0, 10.1)
    assert meter.overhead == 2.0
    await measure(meter, client, 280.0, 51.0, 20.1)
    assert meter.overhead == 1.0


class TestBudget:
    """Two cameras that ask for more than there is."""

    @pytest.fixture
    def cameras(self) -> list[dict[str, Any]]:
        return [ENTITY_CAMERA | {"interval": 1.0}, ENTITY_CAMERA | {"interval": 1.0}]

    async def test_all_cameras_are_slowed_down_until_they_fit(
        self, hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
    ) -> None:
        home = loaded.runtime_data
        for camera in home.cameras.values():
            camera.pacer.cost = 0.2
            camera.pacer._alert_until = 0.0
        assert [home._interval(key) for key in home.cameras] == [1.0, 1.0]
        hass.config_entries.async_update_entry(loaded, options={**loaded.options, "cpu_budget": 20})
        assert [home._interval(key) for key in home.cameras] == pytest.approx([2.0, 2.0])
        home.cpu.overhead = 1.5
        assert [home._interval(key) for key in home.cameras] == pytest.approx([3.0, 3.0])
        key, camera = next(iter(home.cameras.items()))
        assert camera.pacer.effort < 1
        await look(camera, 2)  # the first may have begun before
        asked = [request.effort for _, request in client.requests if request.camera == key]
        assert asked[-1] == pytest.approx(camera.pacer.effort, rel=0.3)
        assert asked[-1] < 1
