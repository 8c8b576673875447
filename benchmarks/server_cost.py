"""What a server costs over the engine in process: processor time of a frame, and memory.

    .venv/bin/python -m benchmarks.server_cost [--rounds 20] [--snapshot FILE]

Server and engine take turns with the same snapshot, once while the gate is closed and once classified.
Prints the milliseconds of processor time that a frame takes in each, all processes of the server counted and
the client not, and the memory of both (PSS).
"""

import argparse
import asyncio
import statistics
import subprocess
import sys
from pathlib import Path
from time import perf_counter, process_time

from camclassify_core import Engine, Request

from benchmarks.asking_server import Connection, Server, pss, question, serving

_SNAPSHOT = Path(__file__).parents[1] / "demo" / "footage" / "garden" / "5.jpg"
_FRAMES = 50  # of a round
_CASES = {
    "gate closed": Request(camera="camera"),
    "classified": Request(camera="camera", use_gate=False),
}
_IN_PROCESS = f"""
import sys
from camclassify_core import Engine, Request
engine, snapshot = Engine(), open(sys.argv[1], "rb").read()
for request in (Request(camera="camera"), Request(camera="camera", use_gate=False)):
    for _ in range({_FRAMES}):
        engine.classify(snapshot, request)
print("ready", flush=True)
sys.stdin.read()
"""


async def compare(snapshot: bytes, rounds: int, server: Server) -> None:
    engine = Engine()
    connection = await Connection.open(server.port)
    print(f"{'':12} {'engine':>8} {'server':>8} {'over it':>8}   ms of processor time a frame")
    for name, request in _CASES.items():
        asked = question(snapshot, request)
        taken: list[tuple[float, float, float]] = []
        for _ in range(rounds + 1):
            before = process_time()
            for _ in range(_FRAMES):
                engine.classify(snapshot, request)
            ours = process_time() - before
            before, started = server.processor_time(), perf_counter()
            for _ in range(_FRAMES):
                assert await connection.ask(asked) == 200
            wall = perf_counter() - started
            taken.append((ours, server.processor_time() - before, wall))
        engine_ms, server_ms, wall_ms = (
            statistics.median(each) / _FRAMES * 1000 for each in zip(*taken[1:], strict=True)
        )
        print(
            f"{name:12} {engine_ms:8.2f} {server_ms:8.2f} {server_ms - engine_ms:8.2f}"
            f"   ({wall_ms:.2f} ms to the answer)"
        )
    connection.close()


def memory_in_process(file: Path) -> int:
    """PSS of a Python that has an engine and has classified."""
    process = subprocess.Popen(
        [sys.executable, "-c", _IN_PROCESS, str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout
    assert process.stdin
    try:
        process.stdout.readline()
        return pss(process.pid)
    finally:
        process.stdin.close()
        process.wait()


async def measure(file: Path, snapshot: bytes, rounds: int) -> None:
    async with serving("--lanes", "1") as server:
        await compare(snapshot, rounds, server)
        served = server.memory()
    alone = memory_in_process(file)
    print(
        f"memory: engine in process {alone / 1e6:.0f} MB, server {served / 1e6:.0f} MB,"
        f" {(served - alone) / 1e6:.0f} MB over it"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=20, help="(default: %(default)s)")
    parser.add_argument("--snapshot", type=Path, default=_SNAPSHOT, help="(default: %(default)s)")
    arguments = parser.parse_args()
    asyncio.run(measure(arguments.snapshot, arguments.snapshot.read_bytes(), arguments.rounds))


if __name__ == "__main__":
    main()
