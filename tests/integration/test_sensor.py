"""Diagnostic sensors: off by default, and quiet."""

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events

from .conftest import FakeCamera
from .looks import look, registered, state_of, the_camera

FRAMES = "sensor.driveway_frames_classified"


async def test_statistics_are_off_by_default(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    assert registered(hass, FRAMES).disabled_by is er.RegistryEntryDisabler.INTEGRATION
    assert hass.states.get(FRAMES) is None


@pytest.mark.usefixtures("all_entities")
async def test_statistics_are_written_at_most_once_a_minute(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    await look(the_camera(loaded))
    changes = async_capture_events(hass, "state_changed")
    await look(the_camera(loaded), 30)
    assert not [each for each in changes if each.data["entity_id"] == FRAMES]
    for entity in hass.data["entity_components"]["sensor"].entities:
        if hasattr(entity, "_written_at"):
            entity._written_at -= 61
    await look(the_camera(loaded))
    assert state_of(hass, FRAMES).state == str(the_camera(loaded).eye.statistics.frames)
    assert state_of(hass, "sensor.driveway_time_per_frame").state == "10.0"
    assert state_of(hass, "sensor.driveway_frames_without_change").state == "0.0"


@pytest.mark.usefixtures("all_entities")
async def test_statistics_become_unavailable_at_once(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: FakeCamera
) -> None:
    await look(the_camera(loaded))
    camera.picture = None
    await look(the_camera(loaded), 3)
    assert state_of(hass, FRAMES).state == "unavailable"
