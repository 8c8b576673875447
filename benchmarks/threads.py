"""What more threads gain within one frame: each network on one thread and on several, in turns.

    python -m benchmarks.threads [--threads 2] [--rounds 9] [FILE ...]

Prints medians in milliseconds beside what as many busy loops gain over one in the same minutes. Files are
networks for the direct runner; by default those of the default bundle, int8 and fp32.
"""

import argparse
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
from camclassify_core.native import core

from benchmarks import busy_loops

_BUNDLE = Path(__file__).parents[1] / "models" / "default"
_DEFAULT = ("scene.int8.onnx", "scene.fused.onnx", "object.int8.onnx", "object.fused.onnx")
_RUNS = 20  # of a round
_LOOP_SECONDS = 0.5


def opened(file: Path, threads: int) -> core.Network:
    network = core.Network(file, runner="direct", threads=threads)
    random = np.random.default_rng(1)
    for index, (_name, _type, shape) in enumerate(network.inputs):
        network.input(index)[:] = random.integers(0, 255, shape)
    network.run()
    return network


def milliseconds(network: core.Network) -> float:
    times = []
    for _ in range(_RUNS):
        begin = perf_counter()
        network.run()
        times.append(perf_counter() - begin)
    return median(times) * 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--threads", type=int, default=2, help="(default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=9, help="(default: %(default)s)")
    parser.add_argument(
        "files", type=Path, nargs="*", default=[_BUNDLE / name for name in _DEFAULT]
    )
    arguments = parser.parse_args()
    pairs = {file: (opened(file, 1), opened(file, arguments.threads)) for file in arguments.files}
    times: dict[Path, list[tuple[float, float]]] = {file: [] for file in pairs}
    loops = []
    for _ in range(arguments.rounds):
        for file, (one, several) in pairs.items():
            times[file].append((milliseconds(one), milliseconds(several)))
        loops.append(busy_loops.gain(arguments.threads, _LOOP_SECONDS))
    for file, rounds in times.items():
        one, several = (median(each) for each in zip(*rounds, strict=True))
        gain = median(one / several for one, several in rounds)
        print(f"{file.name:20} {one:7.2f} {several:7.2f}   gain {gain:.2f}")
    print(f"{arguments.threads} busy loops gain {median(loops):.2f}")


if __name__ == "__main__":
    main()
