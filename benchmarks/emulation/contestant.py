"""Runs one engine under the emulator: `python -m benchmarks.emulation.contestant`.

What is counted lies between two marks (executed_blocks.c), after a run that made everything ready.
"""

import os
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import numpy as np
from camclassify_core.bench.contestant import Contestant, Feed
from camclassify_core.network import onnx_file

_MARK = 1 << 24  # no open file


def main(adapter: str, file: str, precision: str, runs: str) -> None:
    """Opens the network with an adapter (benchmarks/peers/entries.py) and runs it."""
    opened: Contestant = import_module(adapter).open_network(
        Path(file), _noise(Path(file)), 1, precision
    )
    run_between_marks(opened, int(runs))


def run_between_marks(contestant: Contestant, runs: int) -> None:
    """Runs it so often between two marks, on whatever its inputs hold after the first time."""
    contestant.fill()
    contestant.run()
    _mark()
    for _ in range(runs):
        contestant.run()
    _mark()


def _noise(file: Path) -> Feed:
    network = onnx_file.read(file)
    noise = np.random.default_rng(0)
    types = {name: network.types[name] for name in network.inputs}
    return {name: noise.integers(0, 256, kind.shape, kind.dtype) for name, kind in types.items()}


def _mark() -> None:
    with suppress(OSError):
        os.close(_MARK)


if __name__ == "__main__":
    main(*sys.argv[1:])
