"""Cameras that are looked at, each by itself."""

from typing import Any

import pytest
from camclassify_core import Superseded
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from ..camera_server import CameraServer
from ..conftest import ENTITY_CAMERA, FakeCamera
from ..fake_engine import FakeEngineClient, detection
from ..looks import look, look_until_lost, state_of, the_camera


async def test_a_still_picture_turns_a_class_on_all_the_same(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: FakeCamera, client: FakeEngineClient
) -> None:
    client.detections = (detection("person"),)
    camera.changes = False
    await look(the_camera(loaded), 8)
    assert state_of(hass, "binary_sensor.driveway_person").state == "on"


async def test_a_superseded_snapshot_is_no_failure(
    loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    watched = the_camera(loaded)
    await look(watched)
    before = watched.picture
    client.classify_error = Superseded("A newer one came.")
    await look(watched, 3)
    assert watched.picture == before
    assert watched.available
    assert watched.failures.pause(1.0) == 1.0
    client.classify_error = None
    await look(watched)
    assert watched.picture != before


class TestWithTwoCameras:
    """One that misbehaves and one that does not."""

    @pytest.fixture
    def cameras(self, server: CameraServer) -> list[dict[str, Any]]:
        return [
            ENTITY_CAMERA,
            {"url": server.url, "classes": ["dog"], "interval": 3600.0},
        ]

    async def test_one_bad_camera_leaves_the_other_alone(
        self, hass: HomeAssistant, loaded: MockConfigEntry, server: CameraServer
    ) -> None:
        await look(the_camera(loaded, 2))
        server.status = 404
        await look_until_lost(the_camera(loaded, 2))
        await look(the_camera(loaded, 1), 2)
        assert state_of(hass, "binary_sensor.camera_2_dog").state == STATE_UNAVAILABLE
        assert state_of(hass, "binary_sensor.driveway_person").state == "off"

    async def test_the_engine_is_asked_for_the_classes_of_all_cameras(
        self, loaded: MockConfigEntry, client: FakeEngineClient
    ) -> None:
        assert client.options.classes == ("delivery_truck", "dog", "person")
