"""Servers' use of the library of custom ops: several instances of several models at the same time.

    python -m benchmarks.custom_ops_load [--runs 100000]
    MALLOC_ARENA_MAX=1 python -m benchmarks.custom_ops_load --loads 1000

Each instance is an ONNX Runtime session with a thread of its own, as model servers have them, and is asked
for one picture or four. Ends with 1 if an answer was wrong, or if the process grew by more than 4 MB after
the first tenth of the runs. With `--loads`, so many sessions are loaded instead, four at a time, asked
once and dropped; in one arena, because what the C library keeps free in each thread's moves the process
by some MB.
"""

import argparse
import ctypes
import threading
from pathlib import Path

import numpy as np
import onnx
from camclassify_core import custom_ops_library
from camclassify_core.bundle.places import default_bundle
from camclassify_core.onnxruntime_package import onnxruntime

MODELS = ("scene.int8.onnx", "object.int8.onnx")
INSTANCES = 2  # of each model
MOST_GROWTH = 4_000_000
PAGE = 4096


def open_batch(file: Path) -> bytes:
    model = onnx.load(file)
    for tensor in (*model.graph.input, *model.graph.output, *model.graph.value_info):
        tensor.type.tensor_type.shape.dim[0].dim_param = "batch"
    return model.SerializeToString()


def load(model: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.add_session_config_entry("camclassify.threads", "1")
    options.register_custom_ops_library(str(custom_ops_library()))
    return onnxruntime.InferenceSession(model, options)


def resident() -> int:
    ctypes.CDLL(None).malloc_trim(0)  # what is free is no growth
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def load_and_drop(model: bytes) -> None:
    session = load(model)
    (picture,) = session.get_inputs()
    session.run(None, {"picture": np.zeros((1, *picture.shape[1:]), np.uint8)})


def repeat_loading(models: list[bytes], loads: int) -> int:
    sizes = []
    for tenth in range(1, 11):
        for _ in range(loads // len(models) // 10):
            threads = [threading.Thread(target=load_and_drop, args=(model,)) for model in models]
            for each in threads:
                each.start()
            for each in threads:
                each.join()
        sizes.append(resident())
        print(f"{loads * tenth // 10:,} loads, {sizes[-1] / 1e6:.1f} MB", flush=True)
    return told_growth(sizes)


def told_growth(sizes: list[int]) -> int:
    growth = sizes[-1] - sizes[0]
    print(f"growth after the first tenth: {growth / 1e6:+.1f} MB")
    return int(growth > MOST_GROWTH)


class Instance(threading.Thread):
    """Answers its share of the runs, and stops at `pause` after each tenth; `wrong` counts bad answers."""

    def __init__(self, model: bytes, runs: int, pause: threading.Barrier) -> None:
        super().__init__(daemon=True)
        self.wrong = 0
        self._model = model
        self._runs = runs
        self._pause = pause

    def run(self) -> None:
        session = load(self._model)
        size = session.get_inputs()[0].shape[1:]
        picture = np.random.default_rng(7).integers(0, 256, (1, *size), dtype=np.uint8)
        batches = {1: picture, 4: np.concatenate([picture] * 4)}
        expected = session.run(None, {"picture": picture})
        for mine in range(1, self._runs + 1):
            batch = 4 if mine % 8 == 0 else 1
            for output, one in zip(
                session.run(None, {"picture": batches[batch]}), expected, strict=True
            ):
                self.wrong += output.tobytes() != one.tobytes() * batch
            if mine % (self._runs // 10) == 0:
                self._pause.wait()
                self._pause.wait()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--loads", type=int)
    arguments = parser.parse_args()
    runs: int = arguments.runs
    models = [open_batch(default_bundle() / name) for name in MODELS] * INSTANCES
    if arguments.loads:
        return repeat_loading(models, arguments.loads)
    pause = threading.Barrier(len(models) + 1)
    instances = [Instance(model, runs // len(models), pause) for model in models]
    for each in instances:
        each.start()
    sizes = []
    for tenth in range(1, 11):
        pause.wait()
        sizes.append(resident())
        wrong = sum(each.wrong for each in instances)
        print(f"{runs * tenth // 10:,} runs, {sizes[-1] / 1e6:.1f} MB, {wrong} wrong", flush=True)
        pause.wait()
    return told_growth(sizes) or int(wrong > 0)


if __name__ == "__main__":
    raise SystemExit(main())
