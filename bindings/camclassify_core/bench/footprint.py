"""Load time and memory of a contestant, in a process of its own: `python -m ...footprint`."""

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

from .contestant import Entry


@dataclass(frozen=True, slots=True)
class Footprint:
    """Milliseconds from the file to the first answer, and MiB that stay resident after it.

    The engine's own libraries are loaded before and count for neither.
    """

    load_ms: float
    memory_mib: float


def footprint(entry: Entry, threads: int) -> Footprint:
    """Opens the entry in a new process and measures it there."""
    with TemporaryDirectory() as folder:
        feed = Path(folder, "feed.npz")
        np.savez(feed, **entry.feed)  # type: ignore[arg-type]
        arguments = [entry.module, str(entry.file), entry.precision, str(feed), str(threads)]
        done = subprocess.run(
            [sys.executable, "-P", "-m", __name__, *arguments],
            check=True,
            capture_output=True,
            text=True,
        )
    return Footprint(**json.loads(done.stdout.splitlines()[-1]))


def main(module: str, file: str, precision: str, feed: str, threads: str) -> None:
    """Measures in this process and prints JSON."""
    import_module(module)
    entry = Entry(module, Path(file), precision, dict(np.load(feed)))
    before, start = _resident_mib(), perf_counter()
    contestant = entry.open(int(threads))
    contestant.run()
    load_ms = (perf_counter() - start) * 1000.0
    print(json.dumps(asdict(Footprint(load_ms, _resident_mib() - before))))  # noqa: T201


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * getpagesize() / 2**20


if __name__ == "__main__":
    main(*sys.argv[1:])
