"""Contestants are timed in turns."""

from functools import partial

import pytest
from camclassify_core.bench.contestant import Contestant
from camclassify_core.bench.rounds import WARM_UP_ROUNDS, measure


def test_everybody_runs_once_a_round_in_rotating_order() -> None:
    ran: list[str] = []
    contestants = [
        Contestant(name, "", partial(ran.append, name), dict) for name in ("a", "b", "c")
    ]
    times = measure(contestants, rounds=3)
    timed = ran[3 * WARM_UP_ROUNDS :]
    assert timed == ["a", "b", "c", "b", "c", "a", "c", "a", "b"]
    assert times.wall.shape == times.cpu.shape == (3, 3)
    assert (times.wall > 0).all()


def test_inputs_are_given_before_each_run_and_that_is_not_timed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inputs: list[str] = []
    now = 0.0

    def fill() -> None:
        nonlocal now
        inputs.append("picture")
        now += 5

    def run() -> None:
        nonlocal now
        inputs.remove("picture")
        now += 1

    for clock in ("perf_counter", "process_time"):
        monkeypatch.setattr(f"camclassify_core.bench.rounds.{clock}", lambda: now)
    times = measure([Contestant("a", "", run, dict, fill=fill)], rounds=2)
    assert not inputs
    assert (times.wall == 1000).all()
    assert (times.cpu == 1000).all()
