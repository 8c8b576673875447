"""Pictures that stay away: told once, and asked for less and less often."""

import logging

import pytest
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.camclassify.camera.failures import MAX_BACKOFF

from ..conftest import FakeCamera
from ..fake_engine import snapshot
from ..looks import look, state_of, the_camera

LOGGER = "custom_components.camclassify.camera.failures"


@pytest.mark.parametrize(
    "pictures",
    [None, b"", b"<html>", snapshot() + b"corrupt"],
    ids=["none", "empty", "html", "corrupt"],
)
async def test_bad_pictures_are_logged_once_when_they_start_and_once_when_they_end(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: FakeCamera,
    caplog: pytest.LogCaptureFixture,
    pictures: bytes | None,
) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    await look(the_camera(loaded), 2)
    camera.picture, camera.changes = pictures, False
    await look(the_camera(loaded), 5)
    assert state_of(hass, "binary_sensor.driveway_person").state == STATE_UNAVAILABLE
    camera.picture, camera.changes = snapshot(), True
    await look(the_camera(loaded), 3)
    assert state_of(hass, "binary_sensor.driveway_person").state != STATE_UNAVAILABLE
    logged = [record.getMessage() for record in caplog.records if record.name == LOGGER]
    assert len(logged) == 2
    assert logged[0].startswith("No snapshot of Driveway: ")
    assert logged[1] == "Snapshots of Driveway arrive again"


async def test_pauses_grow_with_each_failure_up_to_a_limit(
    loaded: MockConfigEntry, camera: FakeCamera
) -> None:
    watched = the_camera(loaded)
    camera.picture = None
    pauses = []
    for _ in range(20):
        await look(watched)
        pauses.append(watched.failures.pause(1.0))
    assert pauses[:3] == [2.0, 4.0, 8.0]
    assert pauses[-1] == MAX_BACKOFF
