"""What a server costs over the engine in process: processor time of a frame, and memory.

    .venv/bin/python benchmarks/server_cost.py [--rounds 20] [--snapshot FILE]

Server and engine take turns with the same snapshot, once while the gate is closed and once classified.
Prints the milliseconds of processor time that a frame takes in each, all processes of the server counted and
the client not, and the memory of both (PSS).
"""

import argparse
import http.client
import json
import os
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, process_time
from urllib.parse import urlsplit

from camclassify_core import Engine, Request
from camclassify_core.open_inference.inference import encode_request
from camclassify_core.open_inference.models import classify_request

_SNAPSHOT = Path(__file__).parents[1] / "demo" / "footage" / "garden" / "5.jpg"
_FRAMES = 50  # of a round
_TICK = 1 / os.sysconf("SC_CLK_TCK")
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


class Server:
    """`camclassify serve` with one lane, and a connection to it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout
        address = urlsplit(json.loads(process.stdout.readline())["address"])
        self.pids = [process.pid, *_children(process.pid)]
        self._connection = http.client.HTTPConnection(address.hostname or "", address.port)

    def ask(self, body: bytes, headers: dict[str, str]) -> None:
        self._connection.request("POST", "/v2/models/camclassify/infer", body, headers)
        response = self._connection.getresponse()
        said = response.read()
        assert response.status == 200, said

    def processor_time(self) -> float:
        return sum(_processor_time(each) for each in self.pids)


@contextmanager
def serving() -> Iterator[Server]:
    command = [sys.executable, "-m", "camclassify_core", "serve", "--lanes", "1", "--port", "0"]
    process = subprocess.Popen([*command, "--json"], stdout=subprocess.PIPE, text=True)
    try:
        yield Server(process)
    finally:
        process.terminate()
        process.wait()


def compare(snapshot: bytes, rounds: int, server: Server) -> None:
    engine = Engine()
    print(f"{'':12} {'engine':>8} {'server':>8} {'over it':>8}   ms of processor time a frame")
    for name, request in _CASES.items():
        encoded = encode_request(classify_request(snapshot, request))
        body, headers = encoded.body, encoded.headers
        for _ in range(_FRAMES):
            engine.classify(snapshot, request)
            server.ask(body, headers)
        taken: list[tuple[float, float, float]] = []
        for _ in range(rounds):
            before = process_time()
            for _ in range(_FRAMES):
                engine.classify(snapshot, request)
            ours = process_time() - before
            before, started = server.processor_time(), perf_counter()
            for _ in range(_FRAMES):
                server.ask(body, headers)
            wall = perf_counter() - started
            taken.append((ours, server.processor_time() - before, wall))
        engine_ms, server_ms, wall_ms = (
            statistics.median(each) / _FRAMES * 1000 for each in zip(*taken, strict=True)
        )
        over = server_ms - engine_ms
        print(
            f"{name:12} {engine_ms:8.2f} {server_ms:8.2f} {over:8.2f}   ({wall_ms:.2f} ms to the answer)"
        )


def memory_in_process(snapshot: Path) -> int:
    """PSS of a Python that has an engine and has classified."""
    process = subprocess.Popen(
        [sys.executable, "-c", _IN_PROCESS, str(snapshot)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout
    assert process.stdin
    try:
        process.stdout.readline()
        return _pss(process.pid)
    finally:
        process.stdin.close()
        process.wait()


def _processor_time(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * _TICK


def _pss(pid: int) -> int:
    found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    assert found
    return int(found[1]) * 1024


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=20, help="(default: %(default)s)")
    parser.add_argument("--snapshot", type=Path, default=_SNAPSHOT, help="(default: %(default)s)")
    arguments = parser.parse_args()
    with serving() as server:
        compare(arguments.snapshot.read_bytes(), arguments.rounds, server)
        served = sum(_pss(each) for each in server.pids)
    alone = memory_in_process(arguments.snapshot)
    print(
        f"memory: engine in process {alone / 1e6:.0f} MB, server {served / 1e6:.0f} MB,"
        f" {(served - alone) / 1e6:.0f} MB over it"
    )


if __name__ == "__main__":
    main()
