import pytest
from camclassify_core.results import Box
from hypothesis import given
from hypothesis import strategies as st

from custom_components.camclassify.presence.camera_motion import camera_shift
from custom_components.camclassify.presence.geometry import moved

SHIFTS = st.floats(-0.09, 0.09)


def box(x: float, y: float) -> Box:
    return Box(x0=x, y0=y, x1=x + 0.08, y1=y + 0.08)


RESTING = [("vehicle", box(0.2, 0.3)), ("vehicle", box(0.6, 0.35)), ("person", box(0.4, 0.7))]


@given(SHIFTS, SHIFTS)
def test_the_shift_that_all_share_is_found(dx: float, dy: float) -> None:
    found = [(root, moved(each, dx, dy)) for root, each in RESTING]
    assert camera_shift(RESTING, found) == pytest.approx((dx, dy), abs=1e-9)


def test_one_that_moves_by_itself_does_not_move_the_camera() -> None:
    found = [*RESTING[:2], ("person", moved(RESTING[2][1], 0.05, 0))]
    assert camera_shift(RESTING, found) == pytest.approx((0, 0))


def test_people_who_set_off_together_do_not_move_the_camera() -> None:
    people = [("person", box(0.4, 0.7)), ("person", box(0.5, 0.7))]
    gone_on = [(root, moved(each, 0.06, 0)) for root, each in people]
    assert camera_shift([RESTING[0], *people], [RESTING[0], *gone_on]) == (0, 0)


def test_one_alone_is_no_witness() -> None:
    assert camera_shift(RESTING[:1], [("vehicle", box(0.25, 0.3))]) == (0, 0)


def test_without_detections_there_is_no_shift() -> None:
    assert camera_shift(RESTING, []) == (0, 0)
    assert camera_shift([], [("vehicle", box(0.2, 0.3))]) == (0, 0)


def test_two_parked_vehicles_are_enough_among_many_who_walk_off() -> None:
    people = [("person", Box(x0=x, y0=0.5, x1=x + 0.05, y1=0.7)) for x in (0.1, 0.2, 0.3, 0.4, 0.5)]
    parked = [("vehicle", Box(x0=x, y0=0.1, x1=x + 0.1, y1=0.2)) for x in (0.1, 0.8)]
    swung = [(root, moved(box, 0.02, -0.01)) for root, box in parked]
    gone = [(root, moved(box, 0.3, 0.0)) for root, box in people]
    assert camera_shift(people + parked, gone + swung) == pytest.approx((0.02, -0.01))


def test_a_vehicle_that_the_border_cuts_swings_as_far_as_another() -> None:
    truck, car = Box(x0=0.84, y0=0.1, x1=0.94, y1=0.2), Box(x0=0.956, y0=0.1, x1=1.0, y1=0.17)
    swung = [
        ("vehicle", moved(truck, 0.025, 0.0)),
        ("vehicle", Box(x0=0.981, y0=0.1, x1=1.0, y1=0.17)),
    ]
    shift = camera_shift([("vehicle", truck), ("vehicle", car)], swung)
    assert shift == pytest.approx((0.025, 0.0))
