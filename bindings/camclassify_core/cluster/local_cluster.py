"""A cluster on this machine, started to see what it does."""

import random
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from camclassify_core.errors import CamClassifyError

LOOPBACK = "127.0.0.1"
_PORTS = range(20_000, 30_000)
_LONGEST_END = 20.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalCluster:
    """Where it is asked, and the process that started all of its others."""

    url: str
    process: int


@contextmanager
def local_cluster(engines: int, *words: str) -> Iterator[LocalCluster]:
    """`camclassify serve --ray` with these further words. Raises `CamClassifyError` if it does not start."""
    port = free_port()
    command = [sys.executable, "-P", "-m", "camclassify_core", "serve", "--ray", "--json"]
    command += ["--port", str(port), "--engines", str(engines), *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            if not process.stdout.readline():  # in which it says that it is ready
                raise CamClassifyError("The cluster does not start.")
            yield LocalCluster(url=f"http://{LOOPBACK}:{port}", process=process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(_LONGEST_END)
            except subprocess.TimeoutExpired:
                process.kill()


def free_port() -> int:
    """One that nobody listens on, and that the system gives nobody who asks for any: Ray's processes do."""
    while True:
        port = random.choice(_PORTS)
        with suppress(OSError), socket.socket() as listening:
            listening.bind((LOOPBACK, port))
            return port
