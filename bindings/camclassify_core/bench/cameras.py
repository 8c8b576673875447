"""What cameras cost: processor time of a home with some of them, busy and static."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from time import perf_counter, process_time, sleep

from camclassify_core.engine import Engine
from camclassify_core.options import EngineOptions, Request
from camclassify_core.progress import Progress

from .moving import moving

_WARM_UP_ROUNDS = 24  # until the pictures were searched


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

    In a busy scene somebody walks through every picture; in a static one the change gate stops all but
    the first ones, which search the picture.
    """
    return [
        _play(
            scene,
            Engine(options),
            [
                (Request(camera=f"camera {number}"), cycle(frames))
                for number, frames in zip(range(cameras), cycle(pictures), strict=False)
            ],
            fps,
            seconds,
            progress,
        )
        for scene, pictures in (
            ("busy", [moving(each) for each in snapshots]),
            ("static", [[each] for each in snapshots]),
        )
    ]


def _play(
    scene: str,
    engine: Engine,
    cameras: Sequence[tuple[Request, Iterator[bytes]]],
    fps: float,
    seconds: float,
    progress: Progress,
) -> CameraLoad:
    for request, snapshots in [*cameras] * _WARM_UP_ROUNDS:
        engine.classify(next(snapshots), request)
    frames = max(1, round(seconds * fps)) * len(cameras)
    start, cpu_start = perf_counter(), process_time()
    for frame, (request, snapshots) in zip(range(frames), cycle(cameras), strict=False):
        progress(f"Playing {scene} scenes", frame / frames)
        sleep(max(0.0, start + frame / (fps * len(cameras)) - perf_counter()))
        engine.classify(next(snapshots), request)
    sleep(max(0.0, start + frames / (fps * len(cameras)) - perf_counter()))
    cpu, wall = process_time() - cpu_start, perf_counter() - start
    return CameraLoad(scene, len(cameras), fps, 100 * cpu / wall, 1000 * cpu / frames)
