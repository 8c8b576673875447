"""Loads networks and says what that took.

A program of its own, `python -m camclassify_core.planner.footprint RUNNER THREADS FILE...`, so that nothing
else is in its memory. Writes one line of JSON: resident megabytes with all files loaded and run, and each
file's load time in milliseconds.
"""

import importlib
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from camclassify_core.native import core

_RUNS = 3  # ONNX Runtime plans its memory in the first and uses the plan from the second on

_GREY = 127


def main(runner: str, threads: int, files: Sequence[str]) -> None:
    """Loads and runs each file, keeping all."""
    bare = resident_mb()
    importlib.import_module("numpy")  # to fill pictures with: not a part of what networks need
    not_counted = resident_mb() - bare
    networks = []
    loads = []
    for file in files:
        content = Path(file).read_bytes()
        start = time.perf_counter()
        networks.append(core.Network(content, runner=runner, threads=threads))
        loads.append(1e3 * (time.perf_counter() - start))
        networks[-1].input(0)[...] = _GREY  # pages that were never written are not in memory
        del content
    for network in networks * _RUNS:
        network.run()
    sys.stdout.write(
        json.dumps({"memory_mb": resident_mb() - not_counted, "load_ms": loads}) + "\n"
    )


def resident_mb() -> float:
    """Resident memory of this process, in megabytes of a million bytes."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise OSError("/proc/self/status has no VmRSS")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
