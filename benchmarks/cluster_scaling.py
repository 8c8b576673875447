"""What a second engine gains, beside what this machine's second core gains in the same minute.

.venv-cluster/bin/python -m benchmarks.cluster_scaling PICTURE.jpg ...

Two clusters, of one engine and of two, are asked by turns as fast as they answer, a few seconds each; in
between, one busy loop and two are counted, and engines without any server, which share the memory, too. A
machine that shares its cores with others gains less than twice from each. Give pictures that take the engine
long and have few bytes: HTTP shares its cores.
"""

import asyncio
import statistics
import sys
import time
from multiprocessing import get_context
from pathlib import Path

from camclassify_core.cluster.local_cluster import LocalCluster, local_cluster
from camclassify_core.cluster.simulated_cameras import Crowd, Look
from camclassify_core.engine import Engine
from camclassify_core.options import Request

ROUNDS = 5
SECONDS = 6.0
CAMERAS = 16


def frames_a_second(cluster: LocalCluster, pictures: list[bytes]) -> float:
    looks: list[Look] = []
    crowd = Crowd(
        cameras=CAMERAS,
        fps=100.0,
        pictures=lambda _camera, number: pictures[number % len(pictures)],
        servers=[cluster.url],
    )
    started = time.monotonic()
    asyncio.run(crowd.look(SECONDS, looks.append))
    return sum(each.answer is not None for each in looks) / (time.monotonic() - started)


def frames_here(seconds: float, pictures: list[bytes]) -> int:
    """Of an engine without any server."""
    engine, count, until = Engine(), 0, time.monotonic() + seconds
    while time.monotonic() < until:
        engine.classify(pictures[count % len(pictures)], Request(camera="a"))
        count += 1
    return count


def turns(seconds: float) -> int:
    """Of a busy loop."""
    count, until = 0, time.monotonic() + seconds
    while time.monotonic() < until:
        sum(range(1000))
        count += 1
    return count


def main(snapshots: list[Path]) -> None:
    pictures = [each.read_bytes() for each in snapshots]
    work = [(SECONDS / 2, pictures)]
    gains, bare, limits = [], [], []
    with (
        local_cluster(1) as one,
        local_cluster(2) as two,
        get_context("spawn").Pool(2) as loops,
    ):
        for _ in range(ROUNDS):
            alone, both = frames_a_second(one, pictures), frames_a_second(two, pictures)
            (single,) = loops.map(turns, [SECONDS / 2])
            double = sum(loops.map(turns, [SECONDS / 2] * 2, chunksize=1))
            (first,) = loops.starmap(frames_here, work)
            second = sum(loops.starmap(frames_here, work * 2, chunksize=1))
            gains.append(both / alone)
            bare.append(second / first)
            limits.append(double / single)
            print(
                f"one engine {alone:.1f}, two {both:.1f} frames a second: {gains[-1]:.2f}x;"
                f" without a server {bare[-1]:.2f}x; busy loops {limits[-1]:.2f}x",
                flush=True,
            )
    print(
        f"Two engines for one: {statistics.median(gains):.2f}x; without a server"
        f" {statistics.median(bare):.2f}x; busy loops {statistics.median(limits):.2f}x"
    )


if __name__ == "__main__":
    main([Path(each) for each in sys.argv[1:]])
