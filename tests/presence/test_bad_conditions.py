"""Darkness, blinding, swinging, look-alikes."""

from math import sin

import pytest
from camclassify_core.results import Regime

from custom_components.camclassify.presence import Polygon, Zone
from tests.presence.scenario import EVERY_CLASS, Camera, parked, seen

DRIVE = Zone(
    id="drive",
    name="Drive",
    classes=EVERY_CLASS,
    polygon=Polygon.of([(0, 0.4), (0.5, 0.4), (0.5, 1), (0, 1)]),
)


def test_a_parked_car_that_is_not_seen_in_the_dark_is_still_there() -> None:
    camera = Camera(fps=0.5)
    camera.watch(60, parked())
    camera.regime = Regime.NIGHT
    camera.watch(3600)
    assert camera.is_present("car")
    camera.regime = Regime.DAY
    camera.watch(60, parked())
    assert sorted(camera.arrived) == ["car", "vehicle"]
    assert camera.left == []


def test_a_parked_car_that_is_rarely_seen_in_the_dark_does_not_flap() -> None:
    camera = Camera(fps=0.5)
    camera.watch(60, parked())
    camera.regime = Regime.NIGHT
    for _ in range(20):
        camera.look(parked())
        camera.watch(60)
    assert camera.left == []


@pytest.mark.parametrize("fps", [1.0, 5.0, 10.0])
def test_a_faint_car_that_is_unseen_before_it_has_rested_for_long_arrives_once(fps: float) -> None:
    camera = Camera(fps=fps)
    camera.regime = Regime.NIGHT
    camera.watch(4, parked())
    for _ in range(10):
        camera.watch(20)
        camera.watch(2, parked())
    assert camera.arrived.count("vehicle") == 1
    assert camera.left == []


def test_the_misses_of_a_dark_night_are_no_evidence_in_the_morning() -> None:
    camera = Camera(fps=1)
    camera.watch(60, parked())
    camera.regime = Regime.NIGHT
    camera.watch(3600)
    camera.regime = Regime.DAY
    camera.watch(2)
    assert camera.is_present("car")
    camera.watch(60)
    assert camera.left == ["car", "vehicle"]


def test_a_switch_to_infra_red_that_blinds_the_camera_changes_nothing() -> None:
    camera = Camera()
    camera.watch(20, parked(), seen("person", 0.2, 0.8))
    for regime in (Regime.NIGHT, Regime.DAY, Regime.NIGHT):
        camera.regime = regime
        camera.watch(3)
        camera.watch(20, parked(), seen("person", 0.2, 0.8))
    assert sorted(camera.arrived) == ["car", "person", "vehicle"]
    assert camera.left == []


def test_an_exposure_jump_that_hides_everything_for_seconds_changes_nothing() -> None:
    camera = Camera()
    for _ in range(10):
        camera.watch(6, parked(), seen("person", 0.2, 0.8))
        camera.watch(2)
    assert sorted(camera.arrived) == ["car", "person", "vehicle"]
    assert camera.left == []


@pytest.mark.parametrize("fps", [1.0, 5.0, 10.0])
def test_a_camera_that_swings_makes_nothing_arrive_or_leave(fps: float) -> None:
    camera = Camera(fps=fps, zones=[DRIVE])
    signpost = (0.3, 0.42)

    def scene(dx: float, dy: float) -> None:
        camera.look(
            seen("person", signpost[0] + dx, signpost[1] + dy, width=0.02, height=0.06, score=0.5),
            seen("car", 0.2 + dx, 0.43 + dy, width=0.08, height=0.06),
            seen("car", 0.3 + dx, 0.43 + dy, width=0.08, height=0.06),
        )

    for _ in range(round(20 * fps)):
        scene(0, 0)
    for step in range(round(60 * fps)):
        scene(0.025 * sin(1.3 * step), 0.025 * sin(0.7 * step))
    assert sorted(camera.arrived) == ["car", "car", "vehicle", "vehicle"]
    assert camera.left == []


def test_what_was_not_looked_at_again_does_not_move_against_a_camera_that_swings() -> None:
    camera = Camera(fps=10)
    cloth = seen("animal", 0.26, 0.13, score=0.6, width=0.02, height=0.02)
    for step in range(300):
        swing = 0.025 * sin(1.3 * step) if step > 50 else 0
        camera.look(parked(x=0.7 + swing), parked(x=0.3 + swing), cloth)
    assert "animal" not in camera.arrived


def test_a_signpost_that_looks_like_a_person_never_turns_person_on() -> None:
    camera = Camera()
    for step in range(3000):
        camera.look(seen("person", 0.5, 0.5, score=0.5 + 0.06 * sin(step)))
    assert camera.transitions == []
