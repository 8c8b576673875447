"""Pictures that do not show what is there: told only where the camera is known to do better."""

from collections.abc import Iterable

import pytest
from camclassify_core import Appearance, Regime, Result, Timing
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.camclassify.camera.eye import Look, Moment
from custom_components.camclassify.camera.look import WatchedCamera
from custom_components.camclassify.camera.picture import SnapshotUnavailable
from custom_components.camclassify.camera.truth import Truth
from custom_components.camclassify.const import DOMAIN

from ..conftest import FakeCamera
from ..fake_engine import FakeEngineClient, detection
from ..looks import look, look_until_lost, state_of, the_camera

MINUTE, HOUR = 60.0, 3600.0
LIVE, SAME, CLOCK = (
    Appearance(differing=0.6, black=0, grey=0),
    *(Appearance(differing=differing, black=0, grey=0) for differing in (0.0, 0.02)),
)
BLACK = Appearance(differing=0.0, black=1, grey=0)
BLACK_WITH_CLOCK = Appearance(differing=0.01, black=0.98, grey=0)
BY_DAY, BY_NIGHT = 40.0, -20.0


class Camera:
    """A camera whose pictures look as a test says."""

    def __init__(self, pace: float = 5.0) -> None:
        self.truth = Truth()
        self.now = 1000.0
        self.pace = pace
        self.sun = BY_DAY

    def show(self, appearance: Appearance) -> str | None:
        """Show a picture; return why it does not show what is there."""
        self.now += self.pace
        result = Result(
            width=640,
            height=480,
            regime=Regime.DAY,
            changed=True,
            detections=(),
            timing=Timing(decode=1, gate=1, scene=1, object=1, total=4),
            appearance=appearance,
        )
        try:
            self.truth.check(Look(1, b"", result, Moment(self.now, self.now)), lambda: self.sun)
        except SnapshotUnavailable as error:
            return error.reason
        return None

    def show_for(self, seconds: float, appearances: Iterable[Appearance]) -> float | None:
        """Show pictures in turns; return after how many seconds one does not show what is there."""
        began, shown = self.now, list(appearances)
        while self.now - began < seconds:
            for each in shown:
                if self.show(each) is not None:
                    return self.now - began
        return None


@pytest.mark.parametrize("still", [SAME, CLOCK], ids=["identical", "only a clock moves"])
@pytest.mark.parametrize("pace", [0.2, 5.0, 30.0])
def test_a_live_camera_that_stands_still_is_frozen(still: Appearance, pace: float) -> None:
    camera = Camera(pace)
    assert camera.show_for(HOUR, [LIVE]) is None
    after = camera.show_for(2 * HOUR, [still])
    assert after is not None
    assert 14 * MINUTE < after < 17 * MINUTE
    assert camera.show(still) == "frozen_picture"
    assert camera.show(LIVE) is None
    assert camera.show(still) is None


@pytest.mark.parametrize(
    ("before", "still"),
    [
        pytest.param([SAME], [SAME], id="a test picture"),
        pytest.param([CLOCK], [CLOCK], id="a test picture with a clock"),
        pytest.param([LIVE, *[SAME] * 400], [SAME], id="one that is renewed by events"),
        pytest.param([LIVE], [BLACK], id="a dark room"),
        pytest.param([LIVE], [BLACK_WITH_CLOCK], id="a dark room with a clock"),
        pytest.param([LIVE], [LIVE, *[SAME] * 20], id="a stream of key frames"),
    ],
)
def test_what_is_usual_for_a_camera_is_not_frozen(
    before: list[Appearance], still: list[Appearance]
) -> None:
    camera = Camera()
    camera.sun = BY_NIGHT
    assert camera.show_for(2 * HOUR, before) is None
    assert camera.show_for(12 * HOUR, still) is None


def test_what_ended_by_itself_before_has_to_last_three_times_as_long() -> None:
    camera = Camera()
    camera.show_for(HOUR, [LIVE])
    assert camera.show_for(10 * MINUTE, [SAME]) is None
    camera.show_for(2 * HOUR, [LIVE])
    after = camera.show_for(2 * HOUR, [SAME])
    assert after is not None
    assert 29 * MINUTE < after < 32 * MINUTE


def test_a_camera_that_stands_still_often_is_told_late() -> None:
    camera = Camera()
    minutes = [*[LIVE] * 24, *[SAME] * 24]
    assert camera.show_for(3 * HOUR, minutes) is None
    after = camera.show_for(9 * HOUR, [SAME])
    assert after is not None
    assert after > 1.9 * HOUR


def test_a_camera_that_nobody_knows_yet_is_not_told() -> None:
    camera = Camera()
    camera.show_for(3 * MINUTE, [LIVE])
    assert camera.show_for(5 * HOUR, [SAME]) is None


def test_an_engine_that_starts_again_meanwhile_ends_no_stillness() -> None:
    camera = Camera()
    camera.show_for(HOUR, [LIVE])
    assert camera.show_for(HOUR, [SAME]) is not None
    assert camera.show(Appearance(differing=1, black=0, grey=0)) == "frozen_picture"
    assert camera.show(SAME) == "frozen_picture"


def test_looks_far_apart_prove_nothing() -> None:
    camera = Camera()
    camera.show_for(HOUR, [LIVE])
    camera.pace = HOUR
    assert [camera.show(SAME) for _ in range(5)] == [None] * 5


def test_a_lens_covered_by_day_is_told_once_it_lasts() -> None:
    camera = Camera()
    camera.show_for(HOUR, [LIVE])
    after = camera.show_for(HOUR, [BLACK])
    assert after is not None
    assert 10 * MINUTE <= after < 11 * MINUTE
    assert camera.show(BLACK) == "black_picture"
    camera.sun = BY_NIGHT
    assert camera.show(BLACK) == "black_picture"
    assert camera.show(LIVE) is None


def test_a_room_that_is_dark_by_night_is_not_told() -> None:
    camera = Camera()
    for _ in range(3):
        camera.sun = BY_DAY
        assert camera.show_for(10 * HOUR, [LIVE]) is None
        camera.sun = BY_NIGHT
        assert camera.show_for(12 * HOUR, [BLACK]) is None
        camera.sun = BY_DAY
        assert camera.show_for(HOUR, [BLACK]) is None, "the shutters are still closed"


def test_a_cellar_is_told_once_at_most() -> None:
    camera = Camera()
    camera.show_for(HOUR, [LIVE])
    told = [camera.show(BLACK) for _ in range(5760)]
    assert told[-1] == "black_picture"
    camera.show_for(MINUTE, [LIVE])
    assert camera.show_for(8 * HOUR, [BLACK]) is None


def test_a_camera_that_was_never_lit_by_day_is_not_told() -> None:
    camera = Camera()
    assert camera.show_for(9 * HOUR, [BLACK]) is None
    camera.sun = BY_NIGHT
    camera.show_for(MINUTE, [LIVE])
    camera.sun = BY_DAY
    assert camera.show_for(9 * HOUR, [BLACK]) is None


def grey(share: float, differing: float = 0.4) -> Appearance:
    return Appearance(differing=differing, black=0, grey=share)


def test_what_a_decoder_left_grey_is_no_picture() -> None:
    camera = Camera()
    camera.show(LIVE)
    assert camera.show(grey(0.4)) == "grey_picture"
    assert camera.show(LIVE) is None
    assert camera.show(grey(1.0, 0.9)) == "grey_picture"
    assert camera.show(grey(0.05)) is None
    assert camera.show_for(HOUR, [grey(0.3), grey(0.5)]) == camera.pace


def test_a_grey_band_that_belongs_to_the_picture_is_none_of_that() -> None:
    camera = Camera()
    assert camera.show_for(HOUR, [grey(0.3)]) is None, "it was always there"
    assert camera.show(grey(0.6)) == "grey_picture"
    painted = Camera()
    painted.show(LIVE)
    reasons = [painted.show(grey(0.25)) for _ in range(150)]
    assert reasons[0] == "grey_picture"
    assert reasons[-1] is None, "somebody masked it in the camera"


def test_an_engine_that_says_nothing_of_the_picture_is_believed() -> None:
    camera = Camera()
    result = Result(
        width=1,
        height=1,
        regime=Regime.DAY,
        changed=True,
        detections=(),
        timing=Timing(decode=1, gate=1, scene=1, object=1, total=4),
    )
    camera.truth.check(Look(1, b"", result, Moment(0, 0)), lambda: BY_DAY)


async def look_until_frozen(watched: WatchedCamera) -> None:
    """Look for up to an hour of the test's clock."""
    for _ in range(8000):
        await look(watched)
        if watched.failures.lost:
            return
    raise AssertionError("It is never told.")


class TestInAHome:
    """One camera, from its pictures to its entities."""

    async def test_a_frozen_camera_is_unavailable_and_tells_nothing_until_it_moves(
        self,
        hass: HomeAssistant,
        loaded: MockConfigEntry,
        camera: FakeCamera,
        client: FakeEngineClient,
    ) -> None:
        watched = the_camera(loaded)
        client.appearance = LIVE
        client.detections = (detection("person"),)
        await look(watched, 1500)
        assert state_of(hass, "binary_sensor.driveway_person").state == "on"
        left = async_capture_events(hass, "camclassify_left")
        camera.changes, client.appearance = False, SAME
        await look_until_frozen(watched)
        issue = ir.async_get(hass).async_get_issue(DOMAIN, "frozen_picture_camera1")
        assert issue is not None
        assert issue.translation_placeholders == {"camera": "Driveway"}
        assert state_of(hass, "binary_sensor.driveway_person").state == STATE_UNAVAILABLE
        client.detections = ()
        await look(watched, 20)
        assert not left
        camera.changes, client.appearance = True, LIVE
        client.detections = (detection("person"),)
        await look(watched, 3)
        assert state_of(hass, "binary_sensor.driveway_person").state == "on"
        assert not ir.async_get(hass).async_get_issue(DOMAIN, "frozen_picture_camera1")
        assert not left

    @pytest.mark.parametrize("share", [0.4, 1.0])
    async def test_a_grey_picture_changes_nothing_but_for_long(
        self,
        hass: HomeAssistant,
        loaded: MockConfigEntry,
        client: FakeEngineClient,
        share: float,
    ) -> None:
        watched = the_camera(loaded)
        client.appearance = LIVE
        client.detections = (detection("person"),)
        await look(watched, 8)
        client.appearance, client.detections = grey(share), ()
        await look(watched)
        assert state_of(hass, "binary_sensor.driveway_person").state == "on"
        await look_until_lost(watched)
        assert state_of(hass, "binary_sensor.driveway_person").state == STATE_UNAVAILABLE
        assert ir.async_get(hass).async_get_issue(DOMAIN, "grey_picture_camera1")
        client.appearance, client.detections = LIVE, (detection("person"),)
        await look(watched)
        assert state_of(hass, "binary_sensor.driveway_person").state == "on"
