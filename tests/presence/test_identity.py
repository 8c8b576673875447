"""One object stays one, and what it is follows."""

from dataclasses import replace

import pytest
from camclassify_core.results import Detection

from tests.presence.scenario import Camera, parked, seen


def test_missed_frames_do_not_split_a_visit() -> None:
    camera = Camera()
    for step in range(60):
        if step % 3 == 1 and step > 6:
            camera.look()
        else:
            camera.look(seen("person", 0.1 + 0.01 * step, 0.6))
    assert camera.arrived == ["person"]
    assert camera.left == []


def test_two_people_who_cross_stay_two() -> None:
    camera = Camera()
    for step in range(41):
        right, left = 0.1 + 0.02 * step, 0.9 - 0.02 * step
        people = [seen("person", right, 0.6), seen("person", left, 0.62)]
        camera.look(*(people[:1] if abs(right - left) < 0.05 else people))
    assert camera.arrived == ["person", "person"]
    assert camera.left == []
    assert camera.update.counts["everywhere"]["person"] == 2
    by_track = {each.id: each.box.x0 for each in camera.update.tracks}
    first, second = (each.track for each in camera.transitions)
    assert by_track[first] > by_track[second]


def test_a_fine_class_needs_agreement_and_the_parent_does_not_wait() -> None:
    camera = Camera()
    for step in range(40):
        camera.look(parked("car" if step % 2 else "delivery_truck"))
    assert camera.arrived == ["vehicle"]
    (track,) = camera.update.tracks
    assert (track.name, track.sure) == ("vehicle", False)


def test_a_track_whose_fine_class_changes_has_not_left_and_arrived() -> None:
    camera = Camera()
    camera.watch(10, parked("car"))
    camera.watch(60, parked("delivery_truck"))
    assert camera.is_present("delivery_truck")
    assert camera.is_present("vehicle")
    assert not camera.is_present("car")
    assert camera.arrived == ["vehicle", "car", "delivery_truck"]
    assert camera.left == []
    camera.watch(60, parked("car"))
    assert camera.arrived == ["vehicle", "car", "delivery_truck"]
    assert camera.is_present("car")


def remembered(detection: Detection) -> Detection:
    """Return a detection as the engine repeats it without another look."""
    return replace(detection, remembered=True)


@pytest.mark.parametrize("known_for", [5.0, 60.0])
def test_one_odd_look_does_not_outvote_many_by_being_remembered(known_for: float) -> None:
    camera = Camera()
    camera.watch(known_for, parked("car"))
    camera.watch(1, parked("delivery_truck"))
    camera.watch(300, remembered(parked("delivery_truck")))
    assert camera.arrived == ["vehicle", "car"]
    assert camera.is_present("car")


@pytest.mark.parametrize("fps", [5.0, 1.0, 0.2])
def test_one_look_that_is_remembered_is_enough_where_nothing_else_is_known(fps: float) -> None:
    camera = Camera(fps=fps)
    camera.look(parked("delivery_truck"))
    camera.watch(3 + 2 / fps, remembered(parked("delivery_truck")), changed=False)
    assert camera.is_present("delivery_truck")


@pytest.mark.parametrize("restarts", [False, True])
def test_what_is_taught_of_something_remembered_is_heard(restarts: bool) -> None:
    camera = Camera()
    camera.watch(60, parked("car"))
    if restarts:
        camera.restart(after=1)
    camera.presence.forget_votes()
    camera.watch(5, remembered(parked("delivery_truck")))
    assert camera.is_present("delivery_truck")
    assert camera.left == []


def test_a_part_that_was_once_taken_for_another_object_does_not_wait_behind_the_whole() -> None:
    camera = Camera()
    car = parked("car")
    box = car.box
    part = replace(car, box=replace(box, x0=box.x0 - 0.06, x1=box.x0 + 0.09))
    camera.watch(10, car)
    camera.look(car, part)
    camera.watch(5, car)
    camera.look(car, part)
    camera.look(car, part)
    assert camera.arrived == ["vehicle", "car"]
