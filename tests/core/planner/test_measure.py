"""Ratios are those of quiet moments, whatever else the machine does."""

import contextlib
import itertools
import time
from collections.abc import Iterator

import pytest
from camclassify_core.planner import measure


class Clock:
    """Time that passes only when a run says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(time, "perf_counter", lambda: self.now)

    def work(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def spells(clock: Clock, seconds: float, slower: float) -> measure.Run:
    """A run that is slower in every other tenth of a second."""
    return lambda: clock.work(seconds * (slower if int(clock.now * 10) % 2 else 1))


def loads(clock: Clock, *seconds: float) -> measure.Load:
    """A candidate whose runs take other seconds after each load, in turn."""
    left = itertools.cycle(seconds)

    @contextlib.contextmanager
    def load() -> Iterator[measure.Run]:
        takes = next(left)
        yield lambda: clock.work(takes)

    return load


def test_the_ratio_is_candidate_over_reference(clock: Clock) -> None:
    ruler = measure.Ruler(lambda: clock.work(0.002))
    found = measure.compare([loads(clock, 0.003), loads(clock, 0.001)], ruler)
    assert [each.ratio for each in found] == pytest.approx([1.5, 0.5])
    assert [each.spread for each in found] == pytest.approx([0, 0], abs=1e-9)


def test_every_window_loads_anew_and_their_median_counts(clock: Clock) -> None:
    ruler = measure.Ruler(lambda: clock.work(0.002))
    (found,) = measure.compare([loads(clock, 0.00398, 0.004, 0.00402)], ruler, windows=3)
    assert found.ratio == pytest.approx(2)
    assert found.spread == pytest.approx(0.005)


def test_windows_that_disagree_are_followed_by_others(clock: Clock) -> None:
    ruler = measure.Ruler(lambda: clock.work(0.002))
    disturbed = loads(clock, 0.003, 0.003, 0.004, 0.004, 0.004, 0.004)
    steady = loads(clock, 0.001, 0.001, 0.001, 0.004)
    found = measure.compare([disturbed, steady], ruler, windows=3)
    assert [each.ratio for each in found] == pytest.approx([2, 0.5])


def test_slow_spells_do_not_count_even_if_they_slow_different_work_differently(
    clock: Clock,
) -> None:
    ruler = measure.Ruler(spells(clock, 0.002, 1.5))
    assert ruler.ratio(spells(clock, 0.004, 3.0)) == pytest.approx(2)


def test_a_machine_that_slows_down_for_good_is_measured_all_the_same(clock: Clock) -> None:
    pace = 1.0
    ruler = measure.Ruler(lambda: clock.work(0.002 * pace), patience=0.5)
    pace = 2.0
    assert ruler.ratio(lambda: clock.work(0.004 * pace)) == pytest.approx(2)


def test_parts_of_a_run_are_measured_each(clock: Clock) -> None:
    ruler = measure.Ruler(lambda: clock.work(0.002))

    def sample() -> list[float]:
        clock.work(0.004)
        return [0.001, 0.003]

    assert ruler.parts(sample) == pytest.approx([0.5, 1.5])


def test_progress_reaches_the_end(clock: Clock) -> None:
    seen: list[float] = []
    ruler = measure.Ruler(lambda: clock.work(0.001))
    measure.compare([loads(clock, 0.001)] * 3, ruler, progress=seen.append)
    assert seen[-1] == 1
    assert seen == sorted(seen)
