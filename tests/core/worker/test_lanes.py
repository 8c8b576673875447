"""The threads of a worker."""

from functools import partial
from threading import Barrier, Event
from time import sleep

from camclassify_core.worker.lanes import Lanes

PATIENCE = 10.0


def wait_for(lanes: Lanes) -> None:
    """Waits until all that was put is done."""
    while lanes._works or lanes._idle < len(lanes.statistics()):
        sleep(0.001)


def test_does_as_many_things_at_a_time_as_there_are_lanes() -> None:
    lanes = Lanes()
    lanes.resize(3)
    together = Barrier(4)
    for _ in range(3):
        lanes.put(lambda: together.wait(PATIENCE))
    together.wait(PATIENCE)
    assert len(lanes.statistics()) == 3


def test_one_lane_does_things_in_their_order() -> None:
    lanes, done = Lanes(), list[int]()
    for number in range(50):
        lanes.put(partial(done.append, number))
    wait_for(lanes)
    assert done == list(range(50))


def test_a_lane_that_is_held_up_holds_up_no_other() -> None:
    lanes, free, done = Lanes(), Event(), Event()
    lanes.resize(2)
    lanes.put(lambda: free.wait(PATIENCE))
    lanes.put(done.set)
    assert done.wait(PATIENCE)
    free.set()


def test_there_are_no_more_lanes_than_are_wanted_and_needed() -> None:
    lanes = Lanes()
    lanes.resize(8)
    assert lanes.statistics() == ()
    for _ in range(5):
        lanes.put(lambda: None)
        wait_for(lanes)
    assert len(lanes.statistics()) == 1, "it was idle each time"
    free = Event()
    for _ in range(3):
        lanes.put(lambda: free.wait(PATIENCE))
    assert len(lanes.statistics()) == 3
    free.set()
    wait_for(lanes)
    for count in (1, 1, 2):
        lanes.resize(count)
    while len(lanes.statistics()) > 2:
        sleep(0.001)
    done = Event()
    lanes.put(done.set)
    assert done.wait(PATIENCE)


def test_what_was_put_is_done_before_the_end_and_nothing_that_hangs_is_waited_for() -> None:
    lanes, free, done = Lanes(), Event(), list[int]()
    for number in range(5):
        lanes.put(partial(done.append, number))
    lanes.end(PATIENCE)
    assert done == [0, 1, 2, 3, 4]
    hanging = Lanes()
    hanging.put(lambda: free.wait(PATIENCE))
    hanging.end(0.05)
    assert not free.is_set()
    free.set()


def test_what_a_lane_has_done_is_counted() -> None:
    lanes = Lanes()
    for _ in range(4):
        lanes.put(lambda: sum(range(100_000)))
    wait_for(lanes)
    (lane,) = lanes.statistics()
    assert lane.pictures >= 4
    assert lane.cpu_time > 0
