"""Occupancy per class."""

from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .conftest import FakeCamera
from .fake_engine import FakeEngineClient, detection
from .looks import look, look_until_lost, the_camera


def state(hass: HomeAssistant, name: str) -> str:
    """Return the state of one of the driveway's sensors."""
    found = hass.states.get(f"binary_sensor.driveway_{name}")
    assert found is not None
    return found.state


async def test_selected_classes_and_their_parents_have_a_sensor(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    registry = er.async_get(hass)
    names = {
        each.unique_id
        for each in er.async_entries_for_config_entry(registry, loaded.entry_id)
        if each.domain == "binary_sensor"
    }
    assert names == {
        "camera1-frame-person",
        "camera1-frame-delivery_truck",
        "camera1-frame-vehicle",
    }


async def test_a_class_turns_on_after_enough_agreeing_frames(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    camera = the_camera(loaded)
    await look(camera)
    assert state(hass, "person") == STATE_OFF
    client.detections = (detection("person"),)
    await look(camera)
    assert state(hass, "person") == STATE_OFF
    await look(camera, 5)
    assert state(hass, "person") == STATE_ON
    assert state(hass, "vehicle") == STATE_OFF


async def test_a_fine_class_turns_its_parent_on(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    client.detections = (detection("delivery_truck"),)
    await look(the_camera(loaded), 6)
    assert state(hass, "delivery_truck") == STATE_ON
    assert state(hass, "vehicle") == STATE_ON


async def test_a_camera_without_pictures_makes_its_sensors_unavailable(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: FakeCamera
) -> None:
    await look(the_camera(loaded))
    camera.picture = None
    await look(the_camera(loaded))
    assert state(hass, "person") == STATE_OFF
    await look_until_lost(the_camera(loaded))
    assert state(hass, "person") == STATE_UNAVAILABLE
