"""How a worker process is started."""

import platform
import sys

import pytest
from camclassify_core.worker.process import WorkerProcess

# Two pieces one after the other, each of 8 MB, which are used and freed while what came behind stays.
_FREES_PIECES = """
from pathlib import Path
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
before, kept = resident(), []
for _ in range(2):
    piece = bytearray(b"1") * 8_000_000
    kept.append(bytearray(100_000))
    del piece
raise SystemExit("kept" if resident() - before > 4_000_000 else "given back")
"""


async def test_the_memory_of_a_picture_is_given_back() -> None:
    process = await WorkerProcess.start([sys.executable, "-c", _FREES_PIECES])
    assert await process.wait() == "exit status 1: given back"


async def test_most_snapshots_fit_into_the_pipe() -> None:
    asks = "import fcntl; raise SystemExit(f'{fcntl.fcntl(0, fcntl.F_GETPIPE_SZ)} bytes')"
    process = await WorkerProcess.start([sys.executable, "-c", asks])
    assert await process.wait() == f"exit status 1: {1 << 20} bytes"


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="musl keeps no large pieces")
async def test_memory_is_as_whoever_starts_it_wants(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALLOC_MMAP_THRESHOLD_", "30000000")
    process = await WorkerProcess.start([sys.executable, "-c", _FREES_PIECES])
    assert await process.wait() == "exit status 1: kept"
