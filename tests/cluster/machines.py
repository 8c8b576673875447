"""Machines of a cluster, all of them on this one: each is a `camclassify serve --ray` with its processes."""

import os
import re
import signal
import socket
import struct
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

from camclassify_core.cluster.local_cluster import free_port

REPLICA = "ray::ServeReplica:camclassify:engine"
FRONT = "ray::ServeReplica:camclassify:front"
CONTROLLER = "ray::ServeController"
INGRESS = "bin/haproxy"
_LISTEN = "0A"
_TALKING = ("01", "02")  # there is a connection, or it is tried
_READY_SECONDS = 90.0
_END_SECONDS = 20.0

type Place = tuple[str, int]


class Machine:
    """Started with `words` behind `camclassify serve --ray`; `head` is what others join."""

    def __init__(self, *words: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.lines: deque[str] = deque(maxlen=200)
        self.started = monotonic()
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "camclassify_core",
                "serve",
                "--ray",
                "--port",
                str(self.port),
                *words,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = Thread(target=self._read)
        self._reader.start()

    @property
    def head(self) -> str:
        return next(
            found[1] for line in self.lines if (found := re.search(r"join (\S+:\d+)", line))
        )

    def wait_until(self, word: str) -> float:
        """Seconds from its start until it says so."""
        while not any(word in line for line in self.lines):
            assert self.process.poll() is None, "\n".join(self.lines)
            assert monotonic() - self.started < _READY_SECONDS, "\n".join(self.lines)
            sleep(0.05)
        return monotonic() - self.started

    def processes(self, word: str = "") -> list[int]:
        return [each for each in below(self.process.pid) if word in command_of(each)]

    def kill(self, word: str) -> int:
        """The first of the processes that are called so."""
        process = self.processes(word)[0]
        os.kill(process, signal.SIGKILL)
        return process

    def vanish(self) -> None:
        """As if its plug was pulled."""
        for each in (*self.processes(), self.process.pid):
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        self.end()

    def end(self) -> int:
        with suppress(ProcessLookupError):
            self.process.terminate()
        try:
            return self.process.wait(_END_SECONDS)
        finally:
            self.process.kill()
            self._reader.join()

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout as output:
            self.lines.extend(output)


@contextmanager
def machine(*words: str) -> Iterator[Machine]:
    started = Machine(*words)
    try:
        yield started
    finally:
        started.end()


def below(process: int) -> list[int]:
    """The processes that it started, and those that these started."""
    found = [process]
    for each in found:
        with suppress(OSError):
            for task in Path(f"/proc/{each}/task").iterdir():
                found += map(int, Path(task, "children").read_text().split())
    return found[1:]


def command_of(process: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""


def listening(processes: list[int]) -> set[tuple[str, int]]:
    """Addresses and ports on which one of the processes waits for connections."""
    return {local for local, _, state in _connections(processes) if state == _LISTEN}


def peers(processes: list[int]) -> set[str]:
    """Addresses that one of the processes is connected with, or tries to be."""
    return {remote[0] for _, remote, state in _connections(processes) if state in _TALKING}


def _connections(processes: list[int]) -> Iterator[tuple[Place, Place, str]]:
    sockets = {each for process in processes for each in _sockets(process)}
    for protocol in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/net/{protocol}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[9] in sockets:
                yield _place(fields[1]), _place(fields[2]), fields[3]


def _sockets(process: int) -> Iterator[str]:
    for each in Path(f"/proc/{process}/fd").glob("*"):
        with suppress(OSError):
            if found := re.fullmatch(r"socket:\[(\d+)\]", str(each.readlink())):
                yield found[1]


def _place(text: str) -> Place:
    address, port = text.split(":")
    words = [int(address[place : place + 8], 16) for place in range(0, len(address), 8)]
    family = socket.AF_INET if len(words) == 1 else socket.AF_INET6
    return socket.inet_ntop(family, struct.pack(f"={len(words)}I", *words)), int(port, 16)


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = monotonic() + seconds
    while not condition():
        if monotonic() > deadline:
            return False
        sleep(0.1)
    return True


def is_open(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0


def own_address() -> str:
    """Of this machine, as others see it: Ray has a cluster of several machines at no loopback address."""
    with socket.socket(type=socket.SOCK_DGRAM) as asked:
        asked.connect(("192.0.2.1", 9))  # for documentation; nothing is sent
        return str(asked.getsockname()[0])
