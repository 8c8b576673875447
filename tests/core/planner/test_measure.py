"""Ratios are those of the runs, whatever else the machine does."""

import time

import pytest
from camclassify_core.planner import measure


class Clock:
    """Time that passes only when a run says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall = 0.0
        self.busy = 0.0
        monkeypatch.setattr(time, "perf_counter", lambda: self.wall)
        monkeypatch.setattr(time, "thread_time", lambda: self.busy)

    def work(self, seconds: float, stolen: float = 0.0) -> None:
        self.wall += seconds + stolen
        self.busy += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_the_ratio_is_candidate_over_reference(clock: Clock) -> None:
    found = measure.compare([lambda: clock.work(3), lambda: clock.work(1)], lambda: clock.work(2))
    assert [each.ratio for each in found] == [1.5, 0.5]
    assert [each.spread for each in found] == [0, 0]


def test_rounds_in_which_another_process_had_the_core_do_not_count(clock: Clock) -> None:
    turns = iter(range(1000))
    found = measure.window_ratio(
        lambda: clock.work(1, stolen=5 if next(turns) % 3 else 0), lambda: clock.work(1), rounds=6
    )
    assert found == 1


def test_a_machine_that_slows_down_slows_both(clock: Clock) -> None:
    calls = iter(range(1000))

    def pace() -> float:
        return 1 + next(calls) / 100

    found = measure.window_ratio(lambda: clock.work(2 * pace()), lambda: clock.work(pace()))
    assert found == pytest.approx(2, rel=0.02)


def test_a_machine_that_is_never_quiet_is_measured_all_the_same(clock: Clock) -> None:
    found = measure.window_ratio(lambda: clock.work(2, stolen=2), lambda: clock.work(1, stolen=1))
    assert found == 2


def test_progress_reaches_the_end(clock: Clock) -> None:
    seen: list[float] = []
    measure.compare([lambda: clock.work(1)] * 3, lambda: clock.work(1), progress=seen.append)
    assert seen[-1] == 1
    assert seen == sorted(seen)
