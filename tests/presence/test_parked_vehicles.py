"""What is parked: it arrives once, and leaves on evidence only."""

import pytest
from camclassify_core.results import Box, Detection

from tests.presence.scenario import Camera, parked, seen

RATES = [0.2, 0.5, 1.0, 2.0, 5.0, 10.0]


@pytest.mark.parametrize("fps", RATES)
def test_a_parked_car_arrives_once_and_stays(fps: float) -> None:
    camera = Camera(fps=fps)
    camera.watch(60, parked())
    camera.watch(600, parked(), changed=False)
    assert camera.is_present("car")
    assert camera.is_present("vehicle")
    assert sorted(camera.arrived) == ["car", "vehicle"]
    assert camera.left == []


def test_a_passer_by_who_hides_a_parked_van_does_not_make_it_leave() -> None:
    camera = Camera()
    camera.watch(20, parked("delivery_truck"))
    camera.watch(120, seen("person", 0.7, 0.55, width=0.12, height=0.25))
    assert camera.is_present("delivery_truck")
    assert "delivery_truck" not in camera.left


def test_a_neighbour_that_stays_does_not_hide_that_a_car_has_left() -> None:
    camera = Camera()
    camera.watch(30, parked(x=0.5), parked(x=0.6))
    camera.restart(after=5)
    camera.watch(120, parked(x=0.6))
    assert camera.update.counts["everywhere"]["car"] == 1


def test_what_vanished_is_not_remembered_without_limit() -> None:
    camera = Camera(fps=0.5)
    for place in range(60):
        corner = Box(
            x0=0.1 * (place % 10),
            y0=0.15 * (place // 10),
            x1=0.1 * (place % 10) + 0.05,
            y1=0.15 * (place // 10) + 0.05,
        )
        camera.watch(14, Detection(name="car", score=0.8, box=corner))
        camera.watch(60)
    assert len(camera.presence.to_json()["tracks"]) <= 30


def test_a_parked_car_that_is_not_seen_for_a_while_is_still_there() -> None:
    camera = Camera()
    camera.watch(30, parked())
    camera.watch(25)
    assert camera.is_present("car")
    camera.watch(10)
    assert not camera.is_present("car")


def test_a_car_that_fades_out_and_in_has_not_arrived_again() -> None:
    camera = Camera()
    camera.watch(30, parked())
    camera.watch(600)
    assert not camera.is_present("car")
    camera.watch(30, parked())
    assert camera.is_present("car")
    assert sorted(camera.arrived) == ["car", "vehicle"]


def test_a_car_that_drives_off_and_one_that_comes_later_are_two() -> None:
    camera = Camera()
    camera.watch(20, parked())
    for step in range(10):
        camera.look(parked(x=0.7 + 0.03 * step))
    camera.watch(20)
    assert sorted(camera.left) == ["car", "vehicle"]
    for step in range(10):
        camera.look(parked(x=1.0 - 0.03 * step))
    camera.watch(20, parked())
    arrivals = [each for each in camera.transitions if each.name == "car"]
    assert [each.kind for each in arrivals] == ["arrived", "left", "arrived"]
    assert arrivals[0].track != arrivals[2].track


@pytest.mark.parametrize("fps", [0.5, 2.0, 10.0])
def test_a_vehicle_that_drives_by_is_not_taken_to_have_parked(fps: float) -> None:
    camera = Camera(fps=fps)
    for step in range(round(8 * fps) + 1):
        camera.look(parked(x=0.1 + 0.1 * step / fps))
    camera.watch(12)
    assert not camera.is_present("vehicle")


def test_time_behind_something_teaches_no_patience() -> None:
    camera = Camera()
    camera.watch(20, parked("delivery_truck"))
    camera.watch(240, seen("person", 0.7, 0.55, width=0.12, height=0.25))
    camera.watch(20, parked("delivery_truck"))
    camera.watch(35)
    assert not camera.is_present("delivery_truck")


@pytest.mark.parametrize("fps", [5.0, 10.0])
def test_a_faint_car_that_is_seen_for_half_a_second_and_did_not_move_is_still_there(
    fps: float,
) -> None:
    camera = Camera(fps=fps)
    camera.watch(0.8, parked())
    camera.watch(20)
    assert camera.is_present("vehicle")
    camera.watch(20)
    assert camera.left == ["vehicle"]
