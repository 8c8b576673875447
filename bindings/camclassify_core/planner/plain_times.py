"""Times the operators of plain networks with ONNX Runtime's own profiler.

A program of its own, because it imports the onnxruntime package, which must not share a process with the
library that the engine loads: `python -m camclassify_core.planner.plain_times ROUNDS SECONDS LEAST PATIENCE
FILE...`. For each file, until the seconds are over and the least number is done, it writes a line of JSON:
for each layer its convolutions' costs in their order and the cost of all its other operators, in runs of the
reference network, and how many those are.
"""

import json
import re
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from camclassify_core.onnxruntime_package import onnxruntime

from .loaded import reference
from .measure import Round, Ruler, lower_quartile
from .plain import PICTURE

_CONVOLUTIONS = ("Conv", "FusedConv", "QLinearConv")
_SUFFIX = "_kernel_time"
_NODE = re.compile(r"layer(\d+)/(\d+)")


type LayerCosts = tuple[list[float], float, int]


def main(rounds: int, seconds: float, least: int, patience: float, files: Iterable[str]) -> None:
    """Times file after file."""
    end = time.monotonic() + seconds
    ruler = Ruler(reference().run, patience=patience)
    with tempfile.TemporaryDirectory() as folder:
        for count, file in enumerate(files, start=1):
            sys.stdout.write(
                json.dumps(layer_costs(Path(file), ruler, rounds, Path(folder))) + "\n"
            )
            if count >= least and time.monotonic() > end:
                break


def layer_costs(file: Path, ruler: Ruler, rounds: int, folder: Path) -> list[LayerCosts]:
    """Costs of each layer on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.enable_profiling = True
    options.profile_file_prefix = str(folder / "profile")
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    picture = session.get_inputs()[0]
    pixels = np.random.default_rng(0).integers(0, 256, picture.shape, dtype=np.uint8)
    runs = iter(range(1_000_000))

    def run() -> Sequence[float]:
        session.run(None, {picture.name: pixels})
        return (next(runs),)

    kept = ruler.rounds(run, rounds)
    trace = Path(session.end_profiling())
    events = json.loads(trace.read_text(encoding="utf-8"))
    trace.unlink()
    return _per_layer(events, kept)


def _per_layer(events: Iterable[Mapping[str, Any]], kept: Sequence[Round]) -> list[LayerCosts]:
    microseconds: dict[str, list[float]] = defaultdict(list)
    places: dict[str, tuple[int, int]] = {}
    convolutions = set()
    layer = 0
    for event in events:
        if event["cat"] == "Node" and event["name"].endswith(_SUFFIX):
            name = event["name"]
            microseconds[name].append(event["dur"])
            layer, serial = places.setdefault(name, _place(name, layer))
            if event["args"]["op_name"] in _CONVOLUTIONS:
                convolutions.add(name)
    unit = 1e6 * lower_quartile([each.unit for each in kept])
    ordered: dict[int, dict[int, float]] = defaultdict(dict)
    rest: dict[int, list[float]] = defaultdict(list)
    for name, durations in microseconds.items():
        cost = lower_quartile([durations[int(each.sampled[0])] for each in kept]) / unit
        layer, serial = places[name]
        if name in convolutions:
            ordered[layer][serial] = cost
        else:
            rest[layer].append(cost)
    return [
        ([cost for _, cost in sorted(ordered[layer].items())], sum(rest[layer]), len(rest[layer]))
        for layer in range(max([*ordered, *rest]) + 1)
    ]


def _place(node: str, before: int) -> tuple[int, int]:
    """Layer and serial number in a name like `layer3/17_nchwc`.

    The picture's operators belong to the first layer, and what ONNX Runtime puts in for a layout to the
    layer of what ran before.
    """
    found = _NODE.match(node)
    if found:
        return int(found[1]), int(found[2])
    return (0 if node.startswith(PICTURE) else before), 0


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), sys.argv[5:])
