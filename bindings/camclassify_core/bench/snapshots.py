"""Times the way from a camera's snapshot to detections."""

from collections.abc import Sequence
from itertools import cycle

from camclassify_core.bundle.manifest import InputEntry
from camclassify_core.engine import Engine
from camclassify_core.native import core
from camclassify_core.options import EngineOptions, Request
from camclassify_core.progress import Progress

from .comparison import Comparison, compare
from .contestant import Contestant
from .moving import moving
from .rounds import measure

_SEARCHED = 24  # looks after which a whole picture was searched


def compare_snapshots(
    snapshots: Sequence[bytes],
    options: EngineOptions,
    *,
    rounds: int,
    period: float,
    progress: Progress,
    beside: Sequence[Contestant] = (),
) -> Comparison:
    """Times all the way from encoded snapshots, which take turns, to detections.

    The static scene is the same snapshot again and again, which the change gate stops.
    """
    contestants = [_busy(options, snapshots), _static(options, snapshots[0]), *beside]
    times = measure(
        contestants,
        rounds,
        period=period,
        progress=lambda share: progress("Measuring snapshots", share),
    )
    return compare("snapshot to detections", contestants, times)


def compare_pictures(
    snapshot: bytes,
    wanted: InputEntry,
    *,
    rounds: int,
    progress: Progress,
    beside: Sequence[Contestant] = (),
) -> Comparison:
    """Times what happens before the network: decode, change gate, resize."""
    contestants = [_prepared(snapshot, wanted), *beside]
    times = measure(
        contestants,
        rounds,
        progress=lambda share: progress("Measuring pictures", share),
    )
    return compare("decode, gate and resize", contestants, times)


def _prepared(snapshot: bytes, wanted: InputEntry) -> Contestant:
    size = (wanted.width, wanted.height)
    width, height = core.snapshot_size(snapshot)
    scale = min(wanted.width / width, wanted.height / height)
    cover = (min(width, int(width * scale)), min(height, int(height * scale)))
    gate, whole = core.ChangeGate(), core.Box(0.0, 0.0, 1.0, 1.0)

    def run() -> None:
        frame = core.decode(snapshot, cover)
        gate.look(frame)
        core.preprocess(frame, whole, size, wanted.fit, wanted.order, wanted.pad)

    return Contestant("CamClassify", "u8", run, dict, ours=True)


def _busy(options: EngineOptions, snapshots: Sequence[bytes]) -> Contestant:
    """Each snapshot is a camera's, through whose picture somebody walks."""
    engine = Engine(options)
    turns = cycle(
        [
            (frame, Request(camera=f"busy {number}"))
            for frames in zip(*map(moving, snapshots), strict=True)
            for number, frame in enumerate(frames)
        ]
    )
    for _ in range(_SEARCHED * len(snapshots)):
        engine.classify(*next(turns))
    return Contestant(
        "CamClassify",
        engine.info().networks[0].precision,
        lambda: engine.classify(*next(turns)),
        dict,
        ours=True,
    )


def _static(options: EngineOptions, snapshot: bytes) -> Contestant:
    engine = Engine(options)
    request = Request(camera="static")
    for _ in range(_SEARCHED):
        engine.classify(snapshot, request)
    return Contestant(
        "CamClassify",
        "static scene",
        lambda: engine.classify(snapshot, request),
        dict,
        ours=True,
    )
