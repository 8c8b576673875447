"""What lanes gain: cameras in which somebody walks, answered by one lane and by several, in turns.

    python -m benchmarks.lanes [--lanes 2] [--cameras 4] [--rounds 7] [--snapshot FILE]
    python -m benchmarks.lanes --requests 100000

Prints snapshots a second through `EngineClient`, beside what as many busy loops gain over one in the same
minutes, and what a lane takes of memory. With `--requests`, asks about so many pictures of different sizes
instead, and exits with 1 if an answer was lost or is out of order.
"""

import argparse
import asyncio
import statistics
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import cycle
from pathlib import Path
from time import perf_counter

from camclassify_core import Box, EngineClient, EngineOptions, Request
from camclassify_core.bench.moving import moving
from camclassify_core.engine import Engine

from benchmarks import busy_loops

_SNAPSHOT = Path(__file__).parents[1] / "demo" / "footage" / "garden" / "5.jpg"
_SECONDS = 2.0  # of a round
_WARM_UP = 24  # frames of each camera, until the pictures were searched
_SIDES = range(64, 192, 8)  # of pictures that are told apart by their size
_WHOLE = Box(x0=0.0, y0=0.0, x1=1.0, y1=1.0)


@asynccontextmanager
async def running(lanes: int) -> AsyncIterator[EngineClient]:
    """A worker with so many lanes."""
    client = EngineClient(EngineOptions(lanes=lanes))
    await client.start()
    try:
        yield client
    finally:
        await client.stop()


async def play(
    client: EngineClient, snapshots: Sequence[bytes], cameras: int, seconds: float
) -> int:
    """Has every camera ask as fast as it is answered; returns how many snapshots were."""
    end = perf_counter() + seconds

    async def ask(camera: int) -> int:
        answered = 0
        pictures = cycle([*snapshots[camera:], *snapshots[:camera]])
        while perf_counter() < end:
            await client.classify(next(pictures), Request(camera=f"camera {camera}"))
            answered += 1
        return answered

    return sum(await asyncio.gather(*map(ask, range(cameras))))


async def compare(snapshot: bytes, lanes: int, cameras: int, rounds: int) -> None:
    """Measures in turns, so that whatever else the machine does meanwhile is done to all."""
    snapshots = moving(snapshot)
    answered: dict[int, list[float]] = {1: [], lanes: []}
    loops: list[float] = []
    async with running(1) as one, running(lanes) as several:
        for client in (one, several):
            await play(client, snapshots, cameras, _WARM_UP * cameras * 0.02)
        for _ in range(rounds):
            for count, client in ((1, one), (lanes, several)):
                answered[count].append(await play(client, snapshots, cameras, _SECONDS) / _SECONDS)
            loops.append(busy_loops.gain(lanes, _SECONDS))
        used = {1: await one.statistics(), lanes: await several.statistics()}
    gains = [more / less for less, more in zip(answered[1], answered[lanes], strict=True)]
    print(f"{cameras} cameras, medians of {rounds} rounds of {_SECONDS:g} s each, in turns")
    for count, rates in answered.items():
        print(f"{count} lanes: {statistics.median(rates):7.1f} snapshots a second")
    print(
        f"gain: {statistics.median(gains):.2f}; of {lanes} busy loops: {statistics.median(loops):.2f}"
    )
    each = (used[lanes].rss - used[1].rss) / (lanes - 1) / 1e6
    print(f"memory: {used[1].rss / 1e6:.1f} MB with one lane, {each:.1f} MB for each more")
    print("pictures of each lane:", *(lane.pictures for lane in used[lanes].lanes))


async def count(snapshot: bytes, lanes: int, cameras: int, requests: int) -> bool:
    """Whether every one of so many pictures was answered as itself, those of a camera in their order."""
    engine = Engine()
    pictures = {side: engine.cut_out(snapshot, _WHOLE, side) for side in _SIDES}
    wrong = answered = 0

    async def ask(client: EngineClient, camera: int) -> None:
        nonlocal wrong, answered
        for number in range(camera, requests, cameras):
            side = _SIDES[number % len(_SIDES)]
            result = await client.classify(pictures[side], Request(camera=f"camera {camera}"))
            wrong += max(result.width, result.height) != side
            answered += 1

    start = perf_counter()
    async with running(lanes) as client:
        await asyncio.gather(*(ask(client, camera) for camera in range(cameras)))
        done = sum(lane.pictures for lane in (await client.statistics()).lanes)
    print(
        f"{requests} asked of {lanes} lanes by {cameras} cameras: {answered} answered, {done} done, "
        f"{wrong} out of order, in {perf_counter() - start:.0f} s"
    )
    return answered == done == requests and not wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--lanes", type=int, default=2, help="(default: %(default)s)")
    parser.add_argument("--cameras", type=int, default=4, help="(default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=7, help="(default: %(default)s)")
    parser.add_argument("--snapshot", type=Path, default=_SNAPSHOT, help="(default: %(default)s)")
    parser.add_argument("--requests", type=int, help="only count the answers to so many")
    arguments = parser.parse_args()
    snapshot = arguments.snapshot.read_bytes()
    if arguments.requests:
        whole = count(snapshot, arguments.lanes, arguments.cameras, arguments.requests)
        return int(not asyncio.run(whole))
    asyncio.run(compare(snapshot, arguments.lanes, arguments.cameras, arguments.rounds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
