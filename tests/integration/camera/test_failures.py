"""Pictures that stay away: what was known holds for a while, then it is told once, and asked again soon.

Before, two failures in a row made a camera unavailable at once, it was asked again after as much as a minute,
and only a wrong password or a removed entity raised a repair, not always.
"""

import logging
import random
from collections.abc import Generator
from typing import Any
from unittest.mock import Mock, patch

import pytest
from homeassistant.const import STATE_OFF, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events

from custom_components.camclassify.camera.failures import (
    HOLDS,
    HOLDS_WHILE_AWAY,
    LATEST,
    QUIET,
    SOONEST,
    Failures,
)
from custom_components.camclassify.camera.picture import CameraAway, SnapshotUnavailable
from custom_components.camclassify.const import DOMAIN
from custom_components.camclassify.issues import NO_PICTURE_ISSUES

from ..camera_server import CameraServer
from ..conftest import FakeCamera
from ..fake_engine import snapshot
from ..looks import look, look_until_lost, state_of, the_camera

LOGGER = "custom_components.camclassify.camera.failures"
PERSON = "binary_sensor.driveway_person"


class Time:
    """What `Failures` takes for the time, in seconds."""

    def __init__(self) -> None:
        self.now = 1000.0


@pytest.fixture
def time(clock: None) -> Generator[Time]:
    """A clock that only the test turns."""
    turned = Time()
    with patch(
        "custom_components.camclassify.camera.failures.monotonic", side_effect=lambda: turned.now
    ):
        yield turned


def follow(time: Time, interval: float, error: SnapshotUnavailable, seconds: float) -> Failures:
    """Look at a camera that fails for some seconds after a success; return what is known of it."""
    failures = Failures("Driveway", Mock())
    failures.note_look()
    failures.note_success()
    ends = time.now + seconds
    while time.now < ends:
        failures.note_look()
        failures.note_missing(error)
        time.now += failures.pause(interval)
    return failures


@pytest.mark.parametrize("interval", [0.2, 0.5, 1.0, 3.0, 60.0, 3600.0])
def test_what_was_known_holds_for_ten_seconds_at_any_pace(time: Time, interval: float) -> None:
    error = SnapshotUnavailable("http_status", status="503")
    assert not follow(time, interval, error, HOLDS - 0.1).lost
    assert follow(time, interval, error, HOLDS + 0.1).lost


def test_what_was_known_holds_for_thirty_seconds_while_a_camera_restarts(time: Time) -> None:
    error = CameraAway("cannot_connect", error="refused")
    assert not follow(time, 1.0, error, HOLDS_WHILE_AWAY - 0.1).lost
    assert follow(time, 1.0, error, HOLDS_WHILE_AWAY + 0.1).lost


def test_a_camera_that_is_not_ready_yet_after_its_restart_is_not_lost(time: Time) -> None:
    failures = follow(time, 1.0, CameraAway("cannot_connect", error="refused"), 12.0)
    failures.note_look()
    failures.note_missing(SnapshotUnavailable("http_status", status="503"))
    assert not failures.lost


@pytest.mark.parametrize("interval", [0.2, 1.0, 3600.0])
def test_a_camera_is_asked_again_every_five_seconds_however_long_it_is_away(
    time: Time, interval: float
) -> None:
    failures = follow(time, interval, CameraAway("cannot_connect", error="refused"), 600.0)
    failures.note_look()
    failures.note_missing(SnapshotUnavailable("http_status", status="503"))
    assert failures.pause(interval) == LATEST
    time.now += 4.5  # that the look took
    assert failures.pause(interval) == SOONEST
    time.now += 30.0
    assert failures.pause(interval) == SOONEST


def test_a_camera_that_somebody_wakes_is_asked_again_soon(time: Time) -> None:
    failures = follow(time, 0.5, CameraAway("cannot_connect", error="refused"), 600.0)
    failures.hurry()
    failures.note_look()
    failures.note_missing(CameraAway("cannot_connect", error="refused"))
    assert failures.pause(0.5) == SOONEST


def test_a_slow_camera_of_which_half_the_pictures_fail_is_not_lost(time: Time) -> None:
    failures = Failures("Driveway", Mock())
    for fails in (False, True, False, True, True, False, True, True, False):
        failures.note_look()
        time.now += 9.5
        if fails:
            failures.note_missing(SnapshotUnavailable("camera_failed", error="busy"))
        else:
            failures.note_picture()
            failures.note_success()
        time.now += failures.pause(0.5)
        assert not failures.lost


def test_failures_that_come_and_go_are_told_now_and_then(
    time: Time, caplog: pytest.LogCaptureFixture
) -> None:
    failures = Failures("Driveway", Mock())
    began = time.now
    while time.now < began + 3 * QUIET:
        for _ in range(4):
            failures.note_look()
            failures.note_missing(SnapshotUnavailable("camera_timeout"))
            time.now += 5.0
        failures.note_success()
    assert len([each for each in caplog.records if each.levelname == "WARNING"]) == 3


def test_a_failure_that_lasts_is_told_however_soon_after_another(
    time: Time, caplog: pytest.LogCaptureFixture
) -> None:
    failures = Failures("Driveway", Mock())
    for _ in range(2):
        failures.note_success()
        ends = time.now + 2 * QUIET
        while time.now < ends:
            failures.note_look()
            failures.note_missing(SnapshotUnavailable("camera_timeout"))
            time.now += failures.pause(1.0)
    assert len([each for each in caplog.records if each.levelname == "WARNING"]) == 2


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
    await look_until_lost(the_camera(loaded))
    await look(the_camera(loaded), 3)
    assert state_of(hass, PERSON).state == STATE_UNAVAILABLE
    camera.picture, camera.changes = snapshot(), True
    await look(the_camera(loaded), 3)
    assert state_of(hass, PERSON).state != STATE_UNAVAILABLE
    logged = [record.getMessage() for record in caplog.records if record.name == LOGGER]
    assert len(logged) == 2
    assert logged[0].startswith("No snapshot of Driveway: ")
    assert logged[1] == "Snapshots of Driveway arrive again"


def repairs(hass: HomeAssistant) -> list[ir.IssueEntry]:
    """Return the repairs that tell of missing pictures."""
    return [
        issue
        for (domain, _), issue in ir.async_get(hass).issues.items()
        if domain == DOMAIN and issue.translation_key in NO_PICTURE_ISSUES
    ]


class TestWithAServer:
    """A camera with an address."""

    WAYS = (
        {"status": 503},
        {"status": 401},
        {"status": 404},
        {"body": b""},
        {"body": b"<html>please wait</html>"},
        {"body": b'[{"error": "busy"}]'},
        {"hang": True},
    )

    @pytest.fixture
    def cameras(self, server: CameraServer) -> list[dict[str, Any]]:
        return [{"url": server.url, "classes": ["person"], "interval": 3600.0}]

    @pytest.fixture(autouse=True)
    def short_timeout(self) -> Generator[None]:
        with patch("custom_components.camclassify.camera.address.SNAPSHOT_TIMEOUT", 0.1):
            yield

    @pytest.mark.parametrize("pace", [0.3, 1.0, 4.9])
    async def test_a_camera_that_fails_for_less_than_ten_seconds_changes_no_state(
        self,
        hass: HomeAssistant,
        loaded: MockConfigEntry,
        server: CameraServer,
        time: Time,
        caplog: pytest.LogCaptureFixture,
        pace: float,
    ) -> None:
        camera = the_camera(loaded)
        await look(camera, 2)
        changes = async_capture_events(hass, "state_changed")
        for way in self.WAYS:
            before, ends = dict(vars(server)), time.now + 9.9
            vars(server).update(way)
            while time.now < ends:
                await look(camera)
                time.now += 3.3 if "hang" in way else pace
            vars(server).update({key: before[key] for key in way})
            await look(camera)
        assert changes == []
        assert repairs(hass) == []
        assert [each for each in caplog.records if each.name == LOGGER] == []

    async def test_the_one_repair_tells_the_present_reason(
        self,
        hass: HomeAssistant,
        loaded: MockConfigEntry,
        server: CameraServer,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        camera = the_camera(loaded)
        await look(camera)
        server.status = 503
        await look_until_lost(camera)
        (repair,) = repairs(hass)
        assert repair.translation_key == "http_status"
        assert repair.translation_placeholders == {"camera": "Driveway", "status": "503"}
        server.status = 401
        await look(camera)
        assert [each.translation_key for each in repairs(hass)] == ["invalid_auth"]
        server.status = 404
        await look(camera)
        (repair,) = repairs(hass)
        assert repair.translation_placeholders == {"camera": "Driveway", "status": "404"}
        server.status = 200
        await look(camera)
        assert repairs(hass) == []
        assert state_of(hass, PERSON).state == STATE_OFF
        warnings = [each for each in caplog.records if each.levelname == "WARNING"]
        assert [each.name for each in warnings] == [LOGGER]

    async def test_a_camera_that_was_away_is_back_with_the_first_picture(
        self, hass: HomeAssistant, loaded: MockConfigEntry, server: CameraServer, time: Time
    ) -> None:
        camera = the_camera(loaded)
        await look(camera)
        server.hang = True
        for _ in range(20):
            await look(camera)
            time.now += 30.0
        assert state_of(hass, PERSON).state == STATE_UNAVAILABLE
        server.hang = False
        assert camera.failures.pause(3600.0) <= LATEST
        await look(camera)
        assert state_of(hass, PERSON).state == STATE_OFF


class TestWithSixSlowCameras:
    """Camera entities of a recorder that is asked by too many at once."""

    @pytest.fixture
    def cameras(self) -> list[dict[str, Any]]:
        return [{"entity_id": "camera.driveway", "classes": ["person"], "interval": 3600.0}] * 6

    async def test_each_is_told_of_once_at_most_and_none_is_lost_while_half_of_its_pictures_arrive(
        self,
        hass: HomeAssistant,
        loaded: MockConfigEntry,
        camera: FakeCamera,
        time: Time,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """Before: two in a row made one unavailable, and each time it was told anew."""
        chance = random.Random(1)

        async def busy(width: int | None = None, height: int | None = None) -> bytes:
            time.now += 9.5
            camera.asked += 1
            if chance.random() < 0.5:
                raise HomeAssistantError("The recorder is busy.")
            return snapshot(camera.asked)

        with patch.object(camera, "async_camera_image", busy):
            for _ in range(10):
                for number in range(1, 7):
                    await look(the_camera(loaded, number))
        told = [each.getMessage() for each in caplog.records if each.levelname == "WARNING"]
        assert len(told) == len(set(told)) <= 6
