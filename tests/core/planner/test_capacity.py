"""How many machines are enough."""

import pytest
from camclassify_core.planner.capacity import SAFE_LOAD, Load, capacities, fullest
from camclassify_core.planner.fleet import FrameCosts, Machines

COSTS = FrameCosts(still=0.008, busy=0.02)
FAST = Machines(name="fast", count=3, cores=4, costs=COSTS)
SLOW = Machines(name="slow", count=5, cores=2, costs=FrameCosts(still=0.016, busy=0.04))
LOAD = Load(cameras=200, fps=1.0, busy=0.2)


def test_machines_are_added_until_they_are_enough() -> None:
    found = capacities([FAST, SLOW], LOAD)
    assert [each.holds for each in found[:-1]] == [False] * (len(found) - 1)
    assert found[-1].holds
    assert found[-1].load <= SAFE_LOAD
    assert found[-1].p95_ms
    assert found[-1].p95_ms < 200
    loads = [each.load for each in found if dict(each.machines).keys() == {"fast"}]
    assert loads == sorted(loads, reverse=True)


def test_too_few_machines_do_not_hold() -> None:
    (*_, last) = capacities([SLOW], Load(cameras=2000, fps=1.0, busy=0.5))
    assert last.machines == (("slow", 5),)
    assert not last.holds
    assert last.p95_ms is None


def test_the_slowest_machine_says_how_late_answers_are() -> None:
    few = Load(cameras=40, fps=1.0, busy=0.2)
    (fast,) = capacities([FAST], few)
    one_of_each = [
        Machines(name="fast", count=1, cores=1, costs=COSTS),
        Machines(name="slow", count=1, cores=1, costs=SLOW.costs),
    ]
    mixed = capacities(one_of_each, few)[-1]
    assert mixed.p95_ms
    assert fast.p95_ms
    assert mixed.p95_ms > fast.p95_ms


@pytest.mark.parametrize("replicas", [1, 2, 8, 32])
def test_a_hash_fills_one_replica_more_than_others(replicas: int) -> None:
    even = 200 / replicas
    assert even <= fullest(200, replicas) <= 200
    assert (fullest(200, replicas) > 1.05 * even) == (replicas > 1)
