"""Whose pictures keep ending the worker waits, ever longer, and only that camera or home."""

import pytest
from camclassify_core.worker.quarantine import Quarantine


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def quarantine(clock: Clock) -> Quarantine:
    return Quarantine(clock)


def test_the_wait_doubles_with_every_end_in_a_row(quarantine: Quarantine, clock: Clock) -> None:
    waits = []
    for _ in range(9):
        waits_now = quarantine.blame("drive", "")
        waits.append(quarantine.wait("drive", ""))
        assert waits_now == (waits[-1] > 0)
        clock.now += waits[-1]
        assert quarantine.wait("drive", "") == 0
    assert waits == [0, 30, 60, 120, 240, 480, 600, 600, 600]


def test_an_answer_ends_the_row(quarantine: Quarantine) -> None:
    for _ in range(5):
        quarantine.blame("drive", "")
    quarantine.clear("drive")
    assert quarantine.wait("drive", "") == 0
    quarantine.blame("drive", "")
    assert quarantine.wait("drive", "") == 0


def test_no_other_camera_waits_nor_what_has_none(quarantine: Quarantine) -> None:
    for _ in range(5):
        quarantine.blame("drive", "")
        quarantine.blame("", "")
    assert quarantine.wait("garden", "") == quarantine.wait("", "") == 0


def test_a_home_waits_that_ends_the_worker_under_ever_other_names(
    quarantine: Quarantine, clock: Clock
) -> None:
    for number in range(20):
        assert quarantine.wait("next", "home") == 0
        quarantine.blame(f"camera {number}", "home")
        clock.now += 1
    assert quarantine.wait("next", "home") == 580
    assert quarantine.wait("next", "other home") == 0
    clock.now += 580
    assert quarantine.wait("next", "home") == 0


def test_what_was_long_ago_is_not_kept(quarantine: Quarantine, clock: Clock) -> None:
    for _ in range(8):
        quarantine.blame("drive", "")
    clock.now += 1200
    quarantine.blame("garden", "")
    quarantine.blame("drive", "")
    assert quarantine.wait("drive", "") == 0
