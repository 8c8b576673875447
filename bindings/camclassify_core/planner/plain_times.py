"""Times the layers of plain networks with ONNX Runtime's own profiler.

A program of its own, `python -m camclassify_core.planner.plain_times FILE...`: it imports the onnxruntime
package, which must not share a process with the library that the engine loads. Writes, for each file, a
line of JSON: the microseconds of each layer, `layer0` first.
"""

import json
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

_ROUNDS = 12
_SKIPPED = 2  # rounds before caches are warm
_SUFFIX = "_kernel_time"


def main(files: Iterable[str]) -> None:
    """Times each file."""
    with tempfile.TemporaryDirectory() as folder:
        for file in files:
            sys.stdout.write(json.dumps(layer_times(Path(file), Path(folder))) + "\n")


def layer_times(file: Path, folder: Path) -> list[float]:
    """Microseconds of each layer on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.enable_profiling = True
    options.profile_file_prefix = str(folder / "profile")
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    picture = session.get_inputs()[0]
    pixels = np.random.default_rng(0).integers(0, 256, picture.shape, dtype=np.uint8)
    for _ in range(_ROUNDS + _SKIPPED):
        session.run(None, {picture.name: pixels})
    trace = Path(session.end_profiling())
    events = json.loads(trace.read_text(encoding="utf-8"))
    trace.unlink()
    return _per_layer(events)


def _per_layer(events: Iterable[Mapping[str, Any]]) -> list[float]:
    nodes: dict[str, list[float]] = defaultdict(list)
    for event in events:
        if event["cat"] == "Node" and event["name"].endswith(_SUFFIX):
            nodes[event["name"]].append(event["dur"])
    layers: dict[int, float] = defaultdict(float)
    for name, durations in nodes.items():
        layers[_layer_of(name)] += statistics.median(durations[_SKIPPED:])
    return [layers[index] for index in range(max(layers) + 1)]


def _layer_of(node: str) -> int:
    """Index in a name like `layer3/17_nchwc`; what prepares the picture belongs to the first layer."""
    prefix, slash, _ = node.partition("/")
    return int(prefix.removeprefix("layer")) if slash and prefix.startswith("layer") else 0


if __name__ == "__main__":
    main(sys.argv[1:])
