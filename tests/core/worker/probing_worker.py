"""The real engine in a confined worker, which tries what a snapshot's bytes name and says what came of it."""

import ctypes
import mmap
import os
import resource
import socket
import subprocess
import sys
from collections.abc import Buffer, Callable
from pathlib import Path

from camclassify_core import Engine, Frame, Request, Result, SnapshotError
from camclassify_core.worker.host import confine_this_process, serve


def map_memory(share: float) -> None:
    """Map a share of the memory that the worker may have."""
    limit, _ = resource.getrlimit(resource.RLIMIT_DATA)
    mmap.mmap(-1, int(limit * share), mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)


ATTEMPTS: dict[bytes, Callable[[], object]] = {
    b"open a socket": lambda: socket.create_connection(("127.0.0.1", 9)),
    b"open a local socket": lambda: socket.socketpair(),
    b"start a program": lambda: subprocess.run(["/bin/true"], check=True),
    b"become a program": lambda: os.execv(sys.executable, [sys.executable, "--version"]),
    b"start a process": lambda: os.fork() or os._exit(0),
    b"write a new file": lambda: Path("/tmp/camclassify-probe").write_text(""),
    b"write a file that exists": lambda: os.open(__file__, os.O_WRONLY),
    b"remove a file": lambda: Path(__file__).unlink(),
    b"map more than the limit": lambda: map_memory(1.0),
    b"raise the limit": lambda: resource.setrlimit(resource.RLIMIT_DATA, (-1, -1)),
    b"map less than the limit": lambda: map_memory(0.5),
    b"read a file": lambda: Path(__file__).read_bytes(),
    b"load a library": lambda: ctypes.CDLL("libz.so.1"),
}


class ProbingEngine(Engine):
    """Sees pictures as the engine does; answers the name of an attempt with what came of it."""

    def classify(self, picture: Buffer | Frame, request: Request | None = None) -> Result:
        """Try, or classify."""
        if not isinstance(picture, Frame) and (attempt := ATTEMPTS.get(bytes(picture))):
            try:
                attempt()
            except (OSError, ValueError) as error:
                raise SnapshotError(f"refused: {error!r}") from error
            raise SnapshotError("done")
        return super().classify(picture, request)


if __name__ == "__main__":
    serve(ProbingEngine, confine_this_process)
