"""Compares who gets fastest from a camera's snapshot to detections."""

from collections.abc import Sequence
from itertools import cycle

from camclassify_core.engine import Engine
from camclassify_core.options import EngineOptions, Request

from .comparison import Comparison, compare
from .contestant import Contestant
from .networks import Progress
from .rounds import measure


def compare_snapshots(
    snapshots: Sequence[bytes],
    options: EngineOptions,
    *,
    rounds: int,
    period: float,
    peers: bool,
    progress: Progress,
) -> Comparison:
    """Times all the way from encoded snapshots, which take turns, to detections.

    "static scene" is the same snapshot again and again, which the change gate stops.
    """
    contestants = [
        _busy(options, snapshots),
        _static(options, snapshots[0]),
    ]
    ours = [True, False]
    if peers:
        from .peers.pipeline import pipelines

        contestants += pipelines(options, snapshots)
        ours += [False] * (len(contestants) - len(ours))
    times = measure(
        [contestant.run for contestant in contestants],
        rounds,
        period=period,
        progress=lambda share: progress("Measuring snapshots", share),
    )
    return compare("snapshot to detections", contestants, ours, times, [None] * len(contestants))


def _busy(options: EngineOptions, snapshots: Sequence[bytes]) -> Contestant:
    engine = Engine(options)
    turns = cycle(snapshots)
    request = Request(use_gate=False)
    return Contestant(
        "CamClassify", _precision(engine), lambda: engine.classify(next(turns), request), dict
    )


def _static(options: EngineOptions, snapshot: bytes) -> Contestant:
    engine = Engine(options)
    request = Request(camera="static")
    return Contestant(
        "CamClassify, static scene",
        _precision(engine),
        lambda: engine.classify(snapshot, request),
        dict,
    )


def _precision(engine: Engine) -> str:
    return engine.info().networks[0].precision
