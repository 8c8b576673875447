"""What a cluster costs beside its engines: until it is ready, of memory when idle, of each frame.

.venv-cluster/bin/python -m benchmarks.cluster_costs [PICTURE]

One client, a frame after the other, by turns with the engine in this process; processor time is that of all
the cluster's processes, less what they take when idle.
"""

import asyncio
import os
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

import aiohttp
from camclassify_core.cluster.local_cluster import LocalCluster, local_cluster
from camclassify_core.cluster.processes import descendants
from camclassify_core.engine import Engine
from camclassify_core.open_inference.inference import encode_request
from camclassify_core.open_inference.models import classify_request
from camclassify_core.options import Request

from .cluster_soak import memory_mb

PICTURE = Path(__file__).parents[1] / "tests/photographs/dog.jpg"
WARM_UP = 30
FRAMES = 100
ROUNDS = 5
QUIET_SECONDS = 5.0


def cpu_seconds(cluster: LocalCluster) -> float:
    ticks = 0
    for each in (cluster.process, *descendants(cluster.process)):
        try:
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def milliseconds(frames: int, ask: Callable[[], object]) -> float:
    started = monotonic()
    for _ in range(frames):
        ask()
    return (monotonic() - started) / frames * 1000


async def ask(cluster: LocalCluster, picture: bytes, request: Request, frames: int) -> float:
    """Milliseconds a frame."""
    body = encode_request(classify_request(picture, request))
    url = f"{cluster.url}/v2/models/camclassify/infer"
    async with aiohttp.ClientSession() as session:
        started = monotonic()
        for _ in range(frames):
            async with session.post(url, data=body.body, headers=body.headers) as response:
                response.raise_for_status()
                await response.read()
        return (monotonic() - started) / frames * 1000


def compare(cluster: LocalCluster, picture: bytes, request: Request, idle: float) -> None:
    engine = Engine()
    asyncio.run(ask(cluster, picture, request, WARM_UP))
    milliseconds(WARM_UP, lambda: engine.classify(picture, request))
    here, there, used = [], [], []
    for _ in range(ROUNDS):
        here.append(milliseconds(FRAMES, lambda: engine.classify(picture, request)))
        before, started = cpu_seconds(cluster), monotonic()
        there.append(asyncio.run(ask(cluster, picture, request, FRAMES)))
        taken = cpu_seconds(cluster) - before - idle * (monotonic() - started)
        used.append(taken / FRAMES * 1000)
    print(
        f"{'unchanged' if request.use_gate else 'classified'}: in process {statistics.median(here):.1f} ms,"
        f" cluster {statistics.median(there):.1f} ms, of processor time {statistics.median(used):.1f} ms"
    )


def main(snapshot: Path) -> None:
    picture, started = snapshot.read_bytes(), monotonic()
    with local_cluster(2) as cluster:
        print(f"ready after {monotonic() - started:.1f} s")
        sleep(QUIET_SECONDS)
        before = cpu_seconds(cluster)
        sleep(QUIET_SECONDS)
        idle = (cpu_seconds(cluster) - before) / QUIET_SECONDS
        print(f"idle: {sum(memory_mb(cluster.process).values()):.0f} MB, {idle:.0%} of a core")
        for gate in (True, False):
            compare(cluster, picture, Request(camera="a", use_gate=gate), idle)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE)
