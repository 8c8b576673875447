"""A cluster of two machines under the eyes of 200 cameras, while one process after the other is killed."""

from collections.abc import Callable, Sequence
from time import monotonic, sleep

import pytest
from camclassify_core.cluster.simulated_cameras import Crowd, Look

from .crowds import Watched, failures, fresh, p95_ms, silence, told
from .machines import CONTROLLER, FRONT, INGRESS, REPLICA, Machine

CAMERAS = 200
FPS = 0.2
PERIOD = 1 / FPS
RECOVERY = 5.0
RECOVERY_OF_A_MACHINE = 15.0

type Pair = tuple[Machine, Machine]


@pytest.fixture(scope="module")
def crowd(pair: Pair, photograph: Callable[[str], bytes]) -> Crowd:
    """Each camera shows one picture, always: whoever has its memory answers that nothing changed."""
    picture = photograph("dog.jpg")
    return Crowd(
        cameras=CAMERAS,
        fps=FPS,
        pictures=lambda _camera, _number: picture,
        servers=[each.url for each in pair],
    )


@pytest.fixture(scope="module")
def first_looks(crowd: Crowd) -> list[Look]:
    """Five of each camera, when nothing had been asked before."""
    return Watched(crowd, 5 * PERIOD).join()


def test_every_camera_is_answered(first_looks: Sequence[Look]) -> None:
    print(f"p95 {p95_ms(first_looks):.0f} ms")
    assert not failures(first_looks)
    assert len({each.camera for each in first_looks}) == CAMERAS


def test_no_camera_begins_with_the_memory_of_another(first_looks: Sequence[Look]) -> None:
    """All of them show one picture: to an engine that mistook them, it would be known already."""
    assert all(begun[0] for begun in fresh(first_looks).values())


def test_every_camera_sticks_to_its_replica(first_looks: Sequence[Look]) -> None:
    """Elsewhere it would have no memory."""
    sticky = [camera for camera, begun in fresh(first_looks).items() if not any(begun[1:])]
    print(f"{len(sticky)} of {CAMERAS} sticky")
    assert len(sticky) == CAMERAS


@pytest.mark.parametrize(
    ("process", "begin_anew"),
    [(REPLICA, True), (FRONT, False), (INGRESS, False), (CONTROLLER, False)],
    ids=["replica", "front", "ingress", "controller"],
)
def test_a_killed_process_costs_frames_in_flight(
    crowd: Crowd, pair: Pair, first_looks: Sequence[Look], process: str, begin_anew: bool
) -> None:
    assert first_looks
    head, _ = pair
    watched = Watched(crowd, 4 * PERIOD)
    sleep(PERIOD)
    killed = monotonic()
    head.kill(process)
    looks = watched.join()

    failed = failures(looks)
    print(told(looks, killed))
    assert silence(looks, killed) < RECOVERY
    assert max(map(len, failed.values()), default=0) <= 1
    begun = [camera for camera, each in fresh(looks).items() if any(each)]
    assert len(begun) < CAMERAS if begin_anew else not begun
    sleep(RECOVERY)


def test_a_machine_that_vanishes_is_made_up_for(crowd: Crowd, pair: Pair) -> None:
    """It was one of two: those that remain answer for all cameras."""
    _, other = pair
    watched = Watched(crowd, 6 * PERIOD)
    sleep(PERIOD)
    killed = monotonic()
    other.vanish()
    looks = watched.join()

    print(told(looks, killed))
    assert silence(looks, killed) < RECOVERY_OF_A_MACHINE
    assert all(begun.count(True) <= 2 for begun in fresh(looks).values())
