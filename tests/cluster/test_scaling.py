"""Engines are added when frames wait."""

from collections.abc import Callable

from camclassify_core.cluster.simulated_cameras import Crowd

from .crowds import Watched, failures, told
from .machines import REPLICA, machine, wait_for


def test_an_engine_is_added_when_frames_wait(photograph: Callable[[str], bytes]) -> None:
    pictures = [photograph("dog.jpg"), photograph("person.jpg")]
    with machine("--engines", "1-2") as started:
        started.wait_until("Ready")
        assert len(started.processes(REPLICA)) == 1
        crowd = Crowd(
            cameras=16,
            fps=50,
            pictures=lambda _camera, number: pictures[number % 2],
            servers=[started.url],
        )
        watched = Watched(crowd, 70)
        added = wait_for(lambda: len(started.processes(REPLICA)) == 2, 60)
        looks = watched.join()

    print(told(looks, looks[0].asked))
    assert added
    assert not failures(looks)
