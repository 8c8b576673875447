"""What is asked of the engine: every picture once, and all that was chosen for the camera."""

from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from ..conftest import ENTITY_CAMERA, FakeCamera
from ..fake_engine import FakeEngineClient, detection
from ..looks import look, state_of, the_camera


async def test_a_picture_that_stands_still_is_sent_until_the_engine_is_done_with_it(
    loaded: MockConfigEntry, camera: FakeCamera, client: FakeEngineClient
) -> None:
    camera.changes = False
    asked = len(client.requests)
    await look(the_camera(loaded), 5)
    assert len(client.requests) == asked + 5


async def test_identical_bytes_reach_the_worker_once_it_is_done_no_more(
    loaded: MockConfigEntry, camera: FakeCamera, client: FakeEngineClient
) -> None:
    camera.changes = False
    client.gate_is_open = False
    await look(the_camera(loaded), 2)
    asked = len(client.requests)
    await look(the_camera(loaded), 5)
    assert len(client.requests) == asked
    assert the_camera(loaded).eye.statistics.frames == asked


async def test_pressing_the_button_does_not_send_what_is_known_again(
    loaded: MockConfigEntry, camera: FakeCamera, client: FakeEngineClient
) -> None:
    camera.changes = False
    await look(the_camera(loaded), 2)
    client.gate_is_open = False
    await look(the_camera(loaded), 2)
    asked = len(client.requests)
    the_camera(loaded).async_wake(forced=True)
    await look(the_camera(loaded), 2)
    assert len(client.requests) == asked


async def test_a_setting_of_another_camera_leaves_a_camera_alone(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    await look(the_camera(loaded), 2)
    asked = len(client.requests)
    hass.config_entries.async_update_entry(loaded, options={**loaded.options, "keep_days": 3})
    await hass.async_block_till_done()
    await look(the_camera(loaded))
    (request,) = [request for _, request in client.requests[asked:]]
    assert request.use_gate, "nothing of this camera is new"


class TestLookingBack:
    """A camera with a doorbell."""

    @pytest.fixture
    def cameras(self) -> list[dict[str, Any]]:
        return [ENTITY_CAMERA | {"linked": ["binary_sensor.doorbell"]}]

    async def test_the_snapshot_before_the_bell_is_classified_too_if_the_gate_kept_it(
        self, hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
    ) -> None:
        hass.states.async_set("binary_sensor.doorbell", "off")
        watched = the_camera(loaded)
        client.gate_is_open = False
        await look(watched, 3)
        before = watched.picture
        client.detections = (detection("person"),)
        asked = len(client.requests)
        hass.states.async_set("binary_sensor.doorbell", "on")
        await look(watched)
        (first, first_request), (second, second_request) = client.requests[asked : asked + 2]
        assert (first, second) == (before, watched.picture)
        assert not first_request.use_gate
        assert not second_request.use_gate
        await look(watched, 3)
        assert state_of(hass, "binary_sensor.driveway_person").state == "on"

    async def test_what_the_networks_have_seen_is_not_seen_again(
        self, hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
    ) -> None:
        hass.states.async_set("binary_sensor.doorbell", "off")
        await look(the_camera(loaded), 3)
        hass.states.async_set("binary_sensor.doorbell", "on")
        await look(the_camera(loaded))
        pictures = [picture for picture, _ in client.requests]
        assert len(set(pictures)) == len(pictures)

    async def test_a_sensor_that_is_on_at_the_start_wakes_the_camera(
        self, hass: HomeAssistant, camera: FakeCamera, entry: MockConfigEntry, client: object
    ) -> None:
        hass.states.async_set("binary_sensor.doorbell", "on")
        await hass.config_entries.async_setup(entry.entry_id)
        assert the_camera(entry).pacer.is_alert(1e9)
        await hass.config_entries.async_unload(entry.entry_id)


class TestWithZones:
    """A camera with a drawn zone and a mask."""

    @pytest.fixture
    def cameras(self) -> list[dict[str, Any]]:
        zone = {
            "id": "01JZONE",
            "name": "Porch",
            "points": [[0.2, 0.2], [0.8, 0.2], [0.8, 0.9], [0.2, 0.9]],
            "classes": ["cat"],
            "thresholds": {"cat": {"night": 0.8}},
        }
        return [ENTITY_CAMERA | {"zones": [zone], "masks": [[[0, 0], [0.1, 0], [0, 0.1]]]}]

    async def test_zones_and_masks_go_to_the_engine(
        self, loaded: MockConfigEntry, client: FakeEngineClient
    ) -> None:
        await look(the_camera(loaded))
        _, request = client.requests[-1]
        (region,) = request.regions
        assert (region.x0, region.y0, region.x1, region.y1) == (0.2, 0.2, 0.8, 0.9)
        assert request.masks == (((0, 0), (0.1, 0), (0, 0.1)),)
        assert request.sun_elevation is not None
        assert -90 <= request.sun_elevation <= 90
        assert client.options.classes == ("cat", "delivery_truck", "person")
