"""Pictures that show what was before, when a sensor says that there is something to see."""

import pytest
from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events

from custom_components.camclassify.camera.lateness import Lateness
from custom_components.camclassify.const import DOMAIN

from ..conftest import ENTITY_CAMERA, FakeCamera
from ..fake_engine import FakeEngineClient, detection, snapshot
from ..looks import look, the_camera

SENSOR = "binary_sensor.motion"


class Camera:
    """A camera that is woken again and again."""

    def __init__(self) -> None:
        self.lateness = Lateness()
        self.now = 1000.0

    def wake(self, delay: float, age: float | None = None) -> None:
        """Wake it; its pictures are new after a delay, and so old as it says."""
        self.now += 100.0
        woken = self.now
        self.lateness.note_wake(woken)
        for _ in range(50):
            self.now += 0.2
            is_new = self.now - woken > delay
            owes = self.lateness.note_look(self.now, is_new=is_new, age=age)
            assert not (owes and is_new and age is None)


def test_late_pictures_are_told_if_they_are_so_always() -> None:
    camera = Camera()
    for _ in range(3):
        camera.wake(4.0)
        assert camera.lateness.seconds is None
    camera.wake(4.0)
    assert camera.lateness.seconds == pytest.approx(4.1, abs=0.2)
    camera.wake(0.1)
    camera.wake(0.1)
    assert camera.lateness.seconds is None


def test_a_picture_that_is_renewed_every_four_seconds_is_not_always_late() -> None:
    camera = Camera()
    for number in range(40):
        camera.wake(number % 5)
        assert camera.lateness.seconds is None


def test_a_picture_is_as_old_as_the_camera_says() -> None:
    camera = Camera()
    for _ in range(4):
        camera.wake(0.0, age=6.0)
    assert camera.lateness.seconds == pytest.approx(5.1, abs=0.3)
    for _ in range(4):
        camera.wake(0.0, age=0.5)
    assert camera.lateness.seconds is None


def test_a_picture_that_never_changes_proves_nothing() -> None:
    camera = Camera()
    for _ in range(9):
        camera.lateness.note_wake(camera.now)
        owed = [
            camera.lateness.note_look(camera.now + second, is_new=False, age=None)
            for second in range(60)
        ]
        assert owed == [True] * 30 + [False] * 30
        camera.now += 1000.0
    assert camera.lateness.seconds is None


class TestWithASensor:
    """A camera that sleeps until a sensor wakes it."""

    @pytest.fixture
    def cameras(self) -> list[dict[str, object]]:
        return [ENTITY_CAMERA | {"linked": [SENSOR], "only_when_woken": True}]

    async def test_who_is_on_no_picture_for_four_seconds_arrives_all_the_same(
        self,
        hass: HomeAssistant,
        loaded: MockConfigEntry,
        camera: FakeCamera,
        client: FakeEngineClient,
    ) -> None:
        arrived = async_capture_events(hass, "camclassify_arrived")
        watched = the_camera(loaded)
        camera.changes = False
        for number in range(5):
            hass.states.async_set(SENSOR, STATE_ON)
            await hass.async_block_till_done()
            hass.states.async_set(SENSOR, STATE_OFF)
            await look(watched, 6)  # of half a second and more each
            camera.picture = snapshot(100 + number)
            client.detections = (detection("person"),)
            await look(watched, 8)
            assert len(arrived) == 1
        issue = ir.async_get(hass).async_get_issue(DOMAIN, "late_pictures_camera1")
        assert issue is not None
        assert issue.translation_placeholders is not None
        assert int(issue.translation_placeholders["seconds"]) >= 3
