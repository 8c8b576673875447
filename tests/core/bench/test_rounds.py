"""Contestants are timed in turns."""

from functools import partial

from camclassify_core.bench.rounds import WARM_UP_ROUNDS, measure


def test_everybody_runs_once_a_round_in_rotating_order() -> None:
    ran: list[str] = []
    names = ("a", "b", "c")
    times = measure([partial(ran.append, name) for name in names], rounds=3)
    timed = ran[3 * WARM_UP_ROUNDS :]
    assert timed == ["a", "b", "c", "b", "c", "a", "c", "a", "b"]
    assert times.wall.shape == times.cpu.shape == (3, 3)
    assert (times.wall > 0).all()
