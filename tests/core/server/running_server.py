"""`camclassify serve` as a process of its own, with the real engine."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit


@dataclass
class Running:
    """A server that runs: its address, its process, and how many seconds it took to answer."""

    address: str
    process: subprocess.Popen[str]
    seconds: float

    @property
    def port(self) -> int:
        port = urlsplit(self.address).port
        assert port
        return port

    def end(self, sign: int = signal.SIGTERM) -> tuple[int, str]:
        """Exit status and what it said."""
        self.process.send_signal(sign)
        _, said = self.process.communicate(timeout=15)
        return self.process.returncode, said

    def processes(self) -> list[int]:
        """Itself and all that it started."""
        return [self.process.pid, *_children(self.process.pid)]


@contextmanager
def running(*arguments: str) -> Iterator[Running]:
    """A server on a port of its own."""
    command = [sys.executable, "-m", "camclassify_core", "serve", "--port", "0", "--json"]
    started = monotonic()
    process = subprocess.Popen(
        [*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        line = process.stdout.readline()
        if not line:
            raise AssertionError(process.communicate()[1])
        yield Running(json.loads(line)["address"], process, monotonic() - started)
    finally:
        process.kill()
        process.communicate()


def listening_addresses(processes: list[int]) -> set[tuple[str, int]]:
    """What these processes listen on, of TCP and UDP: (address as the kernel writes it, port)."""
    inodes = set()
    for each in processes:
        for file in Path(f"/proc/{each}/fd").iterdir():
            with suppress(OSError):
                inodes.add(os.readlink(file).removeprefix("socket:[").removesuffix("]"))
    found = set()
    for table, listens in (("tcp", "0A"), ("tcp6", "0A"), ("udp", "07"), ("udp6", "07")):
        for line in Path(f"/proc/{processes[0]}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            address, _, port = fields[1].partition(":")
            if fields[3] == listens and fields[9] in inodes:
                found.add((address, int(port, 16)))
    return found


def _children(pid: int) -> list[int]:
    children = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        children += [int(each) for each in (task / "children").read_text().split()]
    return children + [child for each in children for child in _children(each)]
