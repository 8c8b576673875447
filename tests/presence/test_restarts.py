"""What is known outlives a restart."""

import pytest

from tests.presence.scenario import Camera, parked, seen


@pytest.mark.parametrize("downtime", [5.0, 3600.0, 3 * 86400.0, 366 * 86400.0, -3600.0, -1.7e9])
def test_a_parked_car_does_not_arrive_again_after_a_restart(downtime: float) -> None:
    camera = Camera()
    camera.watch(20, parked())
    camera.transitions.clear()
    camera.restart(after=downtime)
    camera.watch(60, parked())
    assert camera.transitions == []
    assert camera.is_present("car")


def test_a_restart_within_seconds_does_not_report_a_walker_again() -> None:
    camera = Camera(fps=2)
    camera.walk("person", (0.1, 0.6), (0.4, 0.6), seconds=5)
    camera.restart(after=2)
    camera.walk("person", (0.5, 0.6), (0.8, 0.6), seconds=5)
    assert camera.arrived == ["person"]


def test_a_car_that_drove_off_during_a_restart_has_left() -> None:
    camera = Camera()
    camera.watch(20, parked())
    camera.restart(after=600)
    camera.watch(60)
    assert sorted(camera.left) == ["car", "vehicle"]


def test_two_restarts_in_a_row_lose_nothing() -> None:
    camera = Camera()
    camera.watch(20, parked())
    camera.restart(after=5)
    camera.restart(after=5)
    camera.watch(20, parked())
    assert sorted(camera.arrived) == ["car", "vehicle"]


@pytest.mark.parametrize("jump", [366 * 86400.0, -366 * 86400.0, 3600.0, -3600.0])
def test_a_wall_clock_that_jumps_and_jumps_back_announces_nothing(jump: float) -> None:
    camera = Camera()
    camera.watch(20, parked())
    camera.transitions.clear()
    for by in (jump, -jump):
        camera.wall += by
        camera.watch(20, parked())
    camera.wall += jump
    camera.restart(after=-jump)
    camera.watch(60, parked())
    assert camera.transitions == []
    assert camera.is_present("car")


@pytest.mark.parametrize("away", [5.0, 20.0, 600.0])
def test_somebody_who_stands_still_outlives_an_engine_that_forgot_the_camera(away: float) -> None:
    camera = Camera(fps=2)
    camera.walk("person", (0.1, 0.6), (0.4, 0.6), seconds=5)
    camera.transitions.clear()
    camera.pass_time(away)
    camera.presence.resume(monotonic=camera.now)
    camera.watch(1)  # a new engine reports what never moved from the third look on
    camera.watch(10, seen("person", 0.4, 0.6))
    assert camera.transitions == []
    camera.pass_time(away)
    camera.presence.resume(monotonic=camera.now)
    camera.watch(60)
    assert camera.left == ["person"]
