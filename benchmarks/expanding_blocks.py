"""The object network's expanding blocks at 28x28 and more, fp32, against ONNX Runtime's convolutions.

    chrt -f 50 taskset -c 1 .venv/bin/python benchmarks/expanding_blocks.py

Both run the whole network in turns, and what their own profiles say of these blocks is compared: as
parts of a network, and without the conversions that a block alone would need.
"""

import json
import re
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from camclassify_core.bench.ratios import paired_ratio
from camclassify_core.native import core
from camclassify_core.onnxruntime_package import onnxruntime

ROOT = Path(__file__).parents[1]
ROUNDS = 200
BLOCKS = (1, 2, 3, 4, 5)  # of EfficientNet-Lite0: their inputs have 112, 56, 56, 28 and 28 rows
_NAME = re.compile(r"_blocks\.(\d+)\.")

type BlockTimes = dict[int, list[float]]
"""Milliseconds of each block, a value a round."""


def _block_of(name: str) -> int:
    found = _NAME.match(name)
    return int(found[1]) if found else 0


def _times_in_profile(file: Path) -> BlockTimes:
    """Sums of ONNX Runtime's kernel times: its events are in the order in which they happened."""
    runs: list[dict[int, float]] = [defaultdict(float)]
    for event in json.loads(file.read_text()):
        if event["name"] == "model_run":  # written when it has ended
            runs.append(defaultdict(float))
        elif event.get("cat") == "Node" and event["name"].endswith("_kernel_time"):
            runs[-1][_block_of(event["name"])] += event["dur"] / 1000
    runs.pop()
    return {block: [run[block] for run in runs] for block in BLOCKS}


def measure() -> tuple[BlockTimes, BlockTimes]:
    """ONNX Runtime's times and ours."""
    bundle = ROOT / "models" / "default"
    ours = core.Network(bundle / "object.fused.onnx", threads=1)
    picture = np.random.default_rng(0).integers(0, 255, ours.inputs[0][2]).astype(np.uint8)
    np.copyto(ours.input(0), picture)
    own_times: BlockTimes = {block: [] for block in BLOCKS}
    with TemporaryDirectory() as folder:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        options.enable_profiling = True
        options.profile_file_prefix = str(Path(folder, "profile"))
        peer = onnxruntime.InferenceSession(
            bundle / "object.onnx", options, providers=["CPUExecutionProvider"]
        )
        feed = {peer.get_inputs()[0].name: picture}
        for _ in range(ROUNDS):
            peer.run(None, feed)
            sums = dict.fromkeys(BLOCKS, 0.0)
            for op in ours.profile(1):
                if (block := _block_of(op.name)) in sums:
                    sums[block] += op.milliseconds
            for block, time in sums.items():
                own_times[block].append(time)
        return _times_in_profile(Path(peer.end_profiling())), own_times


def main() -> None:
    theirs, ours = measure()
    print("block  ONNX Runtime ms  ours ms  faster")
    rows = [(str(block), theirs[block], ours[block]) for block in BLOCKS]
    rows.append(
        (
            "all",
            list(np.sum([theirs[block] for block in BLOCKS], axis=0)),
            list(np.sum([ours[block] for block in BLOCKS], axis=0)),
        )
    )
    for name, peer, own in rows:
        ratio = paired_ratio(np.array(peer), np.array(own))
        print(
            f"{name:5}  {np.median(peer):15.3f}  {np.median(own):7.3f}  "
            f"{ratio.median:.2f}x ({ratio.low:.2f}-{ratio.high:.2f})"
        )


if __name__ == "__main__":
    main()
