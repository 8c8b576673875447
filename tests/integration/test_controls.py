"""Switch, button and linked entities."""

from typing import Any

import pytest
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, State
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    mock_restore_cache,
)

from custom_components.camclassify.const import EVENT_LEFT

from .conftest import ENTITY_CAMERA, FakeCamera
from .fake_engine import FakeEngineClient, detection
from .looks import look, state_of, the_camera

SWITCH = "switch.driveway_classification"
PERSON = "binary_sensor.driveway_person"
MOTION = "binary_sensor.motion"
BELL = "event.bell"


async def settle(hass: HomeAssistant) -> None:
    for _ in range(20):
        await hass.async_block_till_done()


async def press(hass: HomeAssistant, domain: str, service: str, entity_id: str) -> None:
    await hass.services.async_call(domain, service, {"entity_id": entity_id}, blocking=True)
    await settle(hass)


async def test_a_camera_that_is_switched_off_is_left_alone(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: FakeCamera
) -> None:
    await look(the_camera(loaded))
    await press(hass, "switch", "turn_off", SWITCH)
    asked = camera.asked
    assert state_of(hass, PERSON).state == STATE_UNAVAILABLE
    assert state_of(hass, SWITCH).state == STATE_OFF
    the_camera(loaded).async_wake()
    await settle(hass)
    assert camera.asked == asked
    await press(hass, "switch", "turn_on", SWITCH)
    await settle(hass)
    assert camera.asked == asked + 1
    assert state_of(hass, PERSON).state == STATE_OFF


async def test_who_was_there_has_left_when_the_camera_is_switched_off(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    departures = async_capture_events(hass, EVENT_LEFT)
    client.detections = (detection("person"),)
    await look(the_camera(loaded), 4)
    assert state_of(hass, PERSON).state == STATE_ON
    await press(hass, "switch", "turn_off", SWITCH)
    assert [each.data["class"] for each in departures] == ["person"]


async def test_the_switch_outlives_a_restart(
    hass: HomeAssistant, camera: FakeCamera, entry: MockConfigEntry, client: FakeEngineClient
) -> None:
    mock_restore_cache(hass, [State(SWITCH, STATE_OFF)])
    assert await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert state_of(hass, SWITCH).state == STATE_OFF


async def test_the_button_classifies_even_if_nothing_changed(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: FakeCamera, client: FakeEngineClient
) -> None:
    client.gate_is_open = False
    await look(the_camera(loaded), 2)
    camera.changes = False
    await look(the_camera(loaded), 2)
    asked = len(client.requests)
    await press(hass, "button", "press", "button.driveway_classify_now")
    assert len(client.requests) == asked + 1
    assert not client.requests[-1][1].use_gate


class TestOnlyWhenWoken:
    """A battery camera with a motion sensor and a doorbell."""

    @pytest.fixture
    def cameras(self) -> list[dict[str, Any]]:
        return [ENTITY_CAMERA | {"linked": [MOTION, BELL], "only_when_woken": True}]

    @pytest.fixture(autouse=True)
    def sensors(self, hass: HomeAssistant) -> None:
        hass.states.async_set(MOTION, STATE_OFF)
        hass.states.async_set(BELL, "2026-11-23T04:00:00+00:00")

    async def test_it_sleeps_until_motion(
        self, hass: HomeAssistant, loaded: MockConfigEntry, camera: FakeCamera
    ) -> None:
        await settle(hass)
        assert camera.asked == 0
        assert state_of(hass, PERSON).state == "unknown"
        hass.states.async_set(MOTION, STATE_ON)
        await settle(hass)
        assert camera.asked >= 1

    async def test_it_sleeps_until_the_bell_rings(
        self, hass: HomeAssistant, loaded: MockConfigEntry, camera: FakeCamera
    ) -> None:
        hass.states.async_set(BELL, STATE_UNAVAILABLE)
        hass.states.async_set(BELL, "2026-11-23T04:00:00+00:00")
        await settle(hass)
        hass.states.async_set(BELL, "2026-11-23T04:00:00+00:00", {"friendly_name": "Front door"})
        await settle(hass)
        assert camera.asked == 0
        hass.states.async_set(BELL, "2026-11-23T04:05:00+00:00")
        await settle(hass)
        assert camera.asked >= 1
