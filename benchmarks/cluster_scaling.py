"""What a second engine gains, beside what this machine's second core gains in the same minute.

.venv-cluster/bin/python -m benchmarks.cluster_scaling [--bundle DIR] PICTURE.jpg ...

By turns, a cluster of one engine and one of two is started and asked as fast as it answers, a few seconds
each; in between, one busy loop and two are counted, and engines without any server, which share the memory,
too. A machine that shares its cores with others gains less than twice from each. Give pictures, or a bundle,
that take the engine long: HTTP shares its cores.
"""

import argparse
import asyncio
import statistics
import time
from multiprocessing import get_context
from pathlib import Path

from camclassify_core.cluster.local_cluster import LocalCluster, local_cluster
from camclassify_core.cluster.simulated_cameras import Crowd, Look
from camclassify_core.engine import Engine
from camclassify_core.options import EngineOptions, Request

ROUNDS = 5
WARM_UP = 3.0
SECONDS = 8.0
CAMERAS = 12


def frames_a_second(cluster: LocalCluster, pictures: list[bytes]) -> float:
    looks: list[Look] = []
    crowd = Crowd(
        cameras=CAMERAS,
        fps=100.0,
        pictures=lambda _camera, number: pictures[number % len(pictures)],
        servers=[cluster.url],
    )
    started = time.monotonic()
    asyncio.run(crowd.look(WARM_UP + SECONDS, looks.append))
    begin = started + WARM_UP  # and an end before some engine has nothing left to do
    answered = [each.asked + each.took for each in looks if each.answer]
    return sum(begin <= each < begin + SECONDS for each in answered) / SECONDS


def frames_here(seconds: float, pictures: list[bytes], bundle: Path | None) -> int:
    """Of an engine without any server."""
    engine = Engine(EngineOptions(bundle=bundle))
    count, until = 0, time.monotonic() + seconds
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("snapshots", type=Path, nargs="+")
    parser.add_argument("--bundle", type=Path)
    asked = parser.parse_args()
    pictures = [each.read_bytes() for each in asked.snapshots]
    bundle = asked.bundle.resolve() if asked.bundle else None
    words = ("--bundle", str(bundle)) if bundle else ()
    work = [(SECONDS / 2, pictures, bundle)]
    gains, bare, limits = [], [], []
    with get_context("spawn").Pool(2) as loops:
        for _ in range(ROUNDS):
            with local_cluster(1, *words) as one:
                alone = frames_a_second(one, pictures)
            (single,) = loops.map(turns, [SECONDS / 2])
            double = sum(loops.map(turns, [SECONDS / 2] * 2, chunksize=1))
            (first,) = loops.starmap(frames_here, work)
            second = sum(loops.starmap(frames_here, work * 2, chunksize=1))
            with local_cluster(2, *words) as two:
                both = frames_a_second(two, pictures)
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
    main()
