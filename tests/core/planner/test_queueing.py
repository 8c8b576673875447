"""How long frames wait."""

import heapq
import math
import random

import pytest
from camclassify_core.planner.queueing import Kind, Queue

MIXED = (Kind(share=0.8, seconds=0.01), Kind(share=0.2, seconds=0.05))


def simulated(queue: Queue, share: float, frames: int = 200_000) -> float:
    """The percentile of a queue that is played."""
    chance = random.Random(1)
    free = [0.0] * queue.lanes
    now, took = 0.0, []
    for _ in range(frames):
        now += chance.expovariate(queue.rate)
        (kind,) = chance.choices(queue.kinds, [each.share for each in queue.kinds])
        ends = max(now, heapq.heappop(free)) + kind.seconds
        heapq.heappush(free, ends)
        took.append(ends - now)
    return sorted(took)[int(share * frames)]


def test_one_lane_with_equal_frames_waits_as_pollaczek_and_khinchine_say() -> None:
    queue = Queue(rate=50, kinds=[Kind(share=1.0, seconds=0.01)])
    assert queue.load == pytest.approx(0.5)
    assert queue.waits == pytest.approx(0.5)
    assert queue.mean_wait == pytest.approx(0.5 * 0.01 / (2 * (1 - 0.5)))


def test_what_nobody_asks_takes_its_own_time() -> None:
    queue = Queue(rate=1e-6, kinds=MIXED)
    assert queue.percentile(0.95) == pytest.approx(0.05, rel=1e-3)
    assert queue.percentile(0.5) == pytest.approx(0.01, rel=1e-3)


@pytest.mark.parametrize("lanes", [1, 4])
@pytest.mark.parametrize("load", [0.3, 0.6, 0.8])
def test_it_is_as_late_as_a_queue_that_is_played(lanes: int, load: float) -> None:
    mean = sum(each.share * each.seconds for each in MIXED)
    queue = Queue(rate=load * lanes / mean, kinds=MIXED, lanes=lanes)
    assert queue.percentile(0.95) == pytest.approx(simulated(queue, 0.95), rel=0.2)


def test_more_than_it_can_do_never_ends() -> None:
    queue = Queue(rate=200, kinds=MIXED)
    assert queue.load > 1
    assert queue.percentile(0.95) == queue.mean_wait == math.inf
