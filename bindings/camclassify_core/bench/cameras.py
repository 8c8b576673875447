"""What cameras cost: processor time of a home with some of them, busy and static."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from time import perf_counter, process_time, sleep

from camclassify_core.engine import Engine
from camclassify_core.options import EngineOptions, Request
from camclassify_core.progress import Progress

_WARM_UP_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class CameraLoad:
    """`core_percent`: of one core, over all cameras and threads."""

    scene: str
    cameras: int
    fps: float
    core_percent: float
    cpu_ms_per_frame: float


def camera_loads(
    snapshots: Sequence[bytes],
    options: EngineOptions,
    *,
    cameras: int,
    fps: float,
    seconds: float,
    progress: Progress,
) -> list[CameraLoad]:
    """Plays cameras in real time, evenly spread, each with one of the snapshots.

    In a busy scene every frame is classified; in a static one the change gate stops all but the first.
    """
    return [
        _play(
            scene,
            Engine(options),
            list(zip(_requests(cameras, scene == "static"), cycle(snapshots), strict=False)),
            fps,
            seconds,
            progress,
        )
        for scene in ("busy", "static")
    ]


def _requests(cameras: int, use_gate: bool) -> list[Request]:
    return [Request(camera=f"camera {each}", use_gate=use_gate) for each in range(cameras)]


def _play(
    scene: str,
    engine: Engine,
    cameras: Sequence[tuple[Request, bytes]],
    fps: float,
    seconds: float,
    progress: Progress,
) -> CameraLoad:
    for request, snapshot in [*cameras] * _WARM_UP_ROUNDS:
        engine.classify(snapshot, request)
    frames = max(1, round(seconds * fps)) * len(cameras)
    start, cpu_start = perf_counter(), process_time()
    for frame, (request, snapshot) in zip(range(frames), cycle(cameras), strict=False):
        progress(f"Playing {scene} scenes", frame / frames)
        sleep(max(0.0, start + frame / (fps * len(cameras)) - perf_counter()))
        engine.classify(snapshot, request)
    sleep(max(0.0, start + frames / (fps * len(cameras)) - perf_counter()))
    cpu, wall = process_time() - cpu_start, perf_counter() - start
    return CameraLoad(scene, len(cameras), fps, 100 * cpu / wall, 1000 * cpu / frames)
