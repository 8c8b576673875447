"""What a server does when it is asked ten times what it can answer, and when strangers behave badly.

    .venv/bin/python -m benchmarks.server_overload [--seconds 120] [--cameras 40] [--idle 10000]

First one camera asks alone; then so many cameras at once, each again as soon as it has a newer snapshot,
ten times as many a second as fit; then alone again. Then so many connections stay idle, and others send
headers and bodies in drops, while a home asks as usual. Exits with 1 if an answer was older than two
seconds, if memory grew by more than 200 MB, if the server was not as before within five seconds, or if the
home noticed the strangers.
"""

import argparse
import asyncio
import resource
import statistics
import sys
import tempfile
from collections import Counter
from contextlib import suppress
from pathlib import Path
from time import perf_counter

from camclassify_core import Request
from camclassify_core.server.home_file import Limits, new_home, write_homes

from benchmarks.asking_server import Connection, Server, question, serving

_SNAPSHOT = Path(__file__).parents[1] / "demo" / "footage" / "garden" / "5.jpg"
_TIMES = 10  # what fits
_OLDEST = 2.1  # seconds, the way over the wire included
_GROWTH = 200e6
_RECOVERY = 5.0


class Camera:
    """Has a snapshot at its pace; sends it unless two are on their way already."""

    def __init__(self, port: int, asked: bytes) -> None:
        self.took: list[float] = []
        self.outcomes: Counter[str] = Counter()
        self._port = port
        self._asked = asked

    async def play(self, seconds: float, pace: float) -> None:
        end = perf_counter() + seconds
        waiting: set[asyncio.Task[None]] = set()
        idle: list[Connection] = []
        while perf_counter() < end:
            if len(waiting) < 2:
                task = asyncio.create_task(self._ask(idle))
                waiting.add(task)
                task.add_done_callback(waiting.discard)
            else:
                self.outcomes["not sent"] += 1
            await asyncio.sleep(pace)
        await asyncio.gather(*waiting)
        for each in idle:
            each.close()

    async def _ask(self, idle: list[Connection]) -> None:
        started = perf_counter()
        connection = None
        try:
            connection = idle.pop() if idle else await Connection.open(self._port)
            status = await connection.ask(self._asked)
        except (OSError, EOFError) as error:
            self.outcomes[type(error).__name__] += 1
            return
        self.outcomes[str(status)] += 1
        if status == 200:
            self.took.append(perf_counter() - started)
        if connection.is_open:
            idle.append(connection)


async def alone(server: Server, snapshot: bytes, token: str, times: int = 50) -> list[float]:
    """How long one camera waits for its answers."""
    connection = await Connection.open(server.port)
    asked = question(snapshot, Request(camera="alone", use_gate=False), token=token)
    took = []
    for _ in range(times):
        started = perf_counter()
        assert await connection.ask(asked) == 200
        took.append(perf_counter() - started)
    connection.close()
    return took


async def overload(server: Server, snapshot: bytes, token: str, count: int, seconds: float) -> bool:
    before = statistics.median(await alone(server, snapshot, token))
    lanes = 2
    pace = count * before / lanes / _TIMES
    memory = server.memory()
    cameras = [
        Camera(server.port, question(snapshot, Request(camera=str(n), use_gate=False), token=token))
        for n in range(count)
    ]
    most = 0
    playing = asyncio.gather(*(each.play(seconds, pace) for each in cameras))
    while not playing.done():
        await asyncio.sleep(1.0)
        most = max(most, server.memory())
    await playing
    ended = perf_counter()
    while statistics.median(await alone(server, snapshot, token, 5)) > 2 * before:
        pass
    recovery = perf_counter() - ended
    outcomes = sum((each.outcomes for each in cameras), Counter[str]())
    took = sorted(one for each in cameras for one in each.took)
    starved = sum(not each.took for each in cameras)
    print(
        f"overload: {count} cameras, each every {pace * 1000:.0f} ms, {seconds:.0f} s:"
        f" {dict(outcomes)}, answered {len(took) / seconds:.0f} a second,"
        f" oldest {took[-1]:.2f} s, median {statistics.median(took):.2f} s, {starved} cameras never;"
        f" memory {memory / 1e6:.0f} MB, at most {most / 1e6:.0f} MB; as before after {recovery:.1f} s"
    )
    is_bounded = most - memory < _GROWTH and took[-1] < _OLDEST and recovery < _RECOVERY
    return is_bounded and not starved


async def strangers(server: Server, snapshot: bytes, token: str, idle: int) -> bool:
    """Whether a home notices connections that are idle, and requests that come in drops."""
    before = sorted(await alone(server, snapshot, token, 100))
    memory = server.memory()
    connections = [await Connection.open(server.port) for _ in range(idle)]
    drops = [
        asyncio.create_task(_drop(server.port, head))
        for head in (b"POST /v2/models/camclassify/infer HTTP/1.1\r\nX-A: ", b"GET /v2 HT")
        for _ in range(100)
    ]
    after = sorted(await alone(server, snapshot, token, 100))
    fresh = [(await alone(server, snapshot, token, 1))[0] for _ in range(20)]
    held = server.memory()
    for each in connections:
        each.close()
    for task in drops:
        task.cancel()
    print(
        f"{idle} idle connections and {len(drops)} that send in drops: a home's answers take"
        f" {statistics.median(before) * 1000:.1f} ms, p95 {before[95] * 1000:.1f} ms before and"
        f" {statistics.median(after) * 1000:.1f} ms, p95 {after[95] * 1000:.1f} ms beside them, on"
        f" connections of their own at most {max(fresh) * 1000:.1f} ms;"
        f" memory {memory / 1e6:.0f} MB and {held / 1e6:.0f} MB"
    )
    return statistics.median(after) < 2 * statistics.median(before) and held - memory < _GROWTH


async def _drop(port: int, head: bytes) -> None:
    with suppress(OSError):
        connection = await Connection.open(port)
        connection.writer.write(head)
        while True:
            connection.writer.write(b"x")
            await asyncio.sleep(0.5)


async def run(arguments: argparse.Namespace) -> int:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, arguments.idle + 2000)), hard))
    snapshot = arguments.snapshot.read_bytes()
    home, token = new_home("home", Limits(requests_per_second=100_000, cameras=200))
    with tempfile.TemporaryDirectory() as folder:
        homes = Path(folder) / "homes.json"
        write_homes(homes, {home.name: home})
        async with serving("--lanes", "2", "--homes", str(homes)) as server:
            held = [
                await overload(server, snapshot, token, arguments.cameras, arguments.seconds),
                await strangers(server, snapshot, token, arguments.idle),
            ]
    return int(not all(held))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=120.0, help="(default: %(default)s)")
    parser.add_argument("--cameras", type=int, default=40, help="(default: %(default)s)")
    parser.add_argument("--idle", type=int, default=10_000, help="(default: %(default)s)")
    parser.add_argument("--snapshot", type=Path, default=_SNAPSHOT, help="(default: %(default)s)")
    return asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
