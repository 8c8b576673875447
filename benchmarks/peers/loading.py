"""Load time and memory of a contestant, in a process of its own: `python -m benchmarks.peers.loading`."""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from resource import getpagesize
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

from .entries import Entry

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Loading:
    """Milliseconds from the file to the first answer, and MiB that stay resident after it.

    The engine's own libraries are loaded before and count for neither.
    """

    load_ms: float
    memory_mib: float


def loading(entry: Entry, threads: int) -> Loading:
    """Opens the entry in a new process and measures it there."""
    with TemporaryDirectory() as folder:
        feed = Path(folder, "feed.npz")
        np.savez(feed, **entry.feed)  # type: ignore[arg-type]
        file = str(entry.file.resolve())
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                __name__,
                entry.module,
                file,
                entry.precision,
                feed,
                str(threads),
            ],
            cwd=_ROOT,
            check=True,
            capture_output=True,
            text=True,
        )
    return Loading(**json.loads(done.stdout.splitlines()[-1]))


def main(module: str, file: str, precision: str, feed: str, threads: str) -> None:
    """Measures in this process and prints JSON."""
    import_module(module)
    entry = Entry(module, Path(file), precision, dict(np.load(feed)))
    before, start = _resident_mib(), perf_counter()
    contestant = entry.open(int(threads))
    contestant.fill()
    contestant.run()
    load_ms = (perf_counter() - start) * 1000.0
    print(json.dumps(asdict(Loading(load_ms, _resident_mib() - before))))


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * getpagesize() / 2**20


if __name__ == "__main__":
    main(*sys.argv[1:])
