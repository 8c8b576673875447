"""Who walks through a picture that is measured with."""

from itertools import cycle, islice

from camclassify_core import Engine, Request
from camclassify_core.bench.moving import moving
from camclassify_core.sample import sample_snapshot


def test_who_walks_by_again_and_again_never_becomes_a_habit() -> None:
    engine, request = Engine(), Request(camera="busy")
    frames = cycle(moving(sample_snapshot(640, 360)))
    assert all(engine.classify(frame, request).changed for frame in islice(frames, 200))
