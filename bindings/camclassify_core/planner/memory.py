"""What networks need of memory, and how long they take to load."""

import itertools
import tempfile
from pathlib import Path

import numpy as np

from .layers import Network
from .loaded import native_runner
from .profile import Memory, Setting
from .programs import footprint
from .random_network import build
from .regression import non_negative
from .sampling import calibration_networks
from .tensors import activation_bytes, memory_terms

_DRAWN = 60


def weigh(setting: Setting, count: int, seed: int) -> tuple[Memory, tuple[float, float]]:
    """Memory, and milliseconds of loading as a constant and per million weights.

    From `count` sets of networks, each in a fresh process.
    """
    rows, sizes, loads = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        for chosen in _sets(setting, seed)[:count]:
            files = []
            for number, network in enumerate(chosen):
                files.append(Path(folder, f"{number}.onnx"))
                files[-1].write_bytes(build(network, setting.runner, setting.precision))
            found = footprint(files, native_runner(setting.runner), setting.threads)
            rows.append(memory_terms(chosen, setting.runner, setting.precision))
            sizes.append(found.memory_mb)
            loads += [
                (1.0, network.weights / 1e6, ms)
                for network, ms in zip(chosen, found.load_ms, strict=True)
            ]
    measured = np.array(sizes)
    process, each, weights, activations = non_negative(
        np.array(rows) / measured[:, None], np.ones(len(sizes))
    ).tolist()
    load = np.array(loads)
    constant, slope = non_negative(load[:, :2], load[:, 2]).tolist()
    memory = Memory(process=process, network=each, weights=weights, activations=activations)
    return memory, (constant, slope)


def _sets(setting: Setting, seed: int) -> list[list[Network]]:
    """Sets of networks that differ in weights, in what is alive between layers, and in number.

    The largest comes early: what a byte of activations takes shows best where there are many.
    """
    drawn = list(itertools.islice(calibration_networks(seed), _DRAWN))
    by_weights = sorted(drawn, key=lambda each: each.weights)
    by_values = sorted(
        drawn, key=lambda each: activation_bytes(each, setting.runner, setting.precision)
    )

    def at(ordered: list[Network], *shares: float) -> list[Network]:
        return [ordered[int(share * (_DRAWN - 1))] for share in shares]

    return [
        at(by_weights, 0.1),
        at(by_values, 1.0),
        at(by_weights, 0.9),
        at(by_values, 0.4, 0.6, 0.8),
        at(by_values, 0.7),
        at(by_weights, 0.6),
        at(by_weights, 0.3, 0.5, 0.7),
        at(by_values, 0.95),
    ]
