"""Loaded networks that can be run and timed."""

from pathlib import Path

import numpy as np

from camclassify_core.native import core
from camclassify_core.options import Precision

from .designs import Design, DesignRunner
from .layers import Network
from .plain import output_name
from .predict import REFERENCE
from .profile import Setting
from .random_network import build


class Loaded:
    """A network with random weights, loaded as a setting says."""

    def __init__(self, network: Network, setting: Setting) -> None:
        self.content = build(network, setting.runner, setting.precision)
        self._native = core.Network(
            self.content,
            runner=native_runner(setting.runner),
            threads=setting.threads,
            heads=heads_apart(network),
        )
        picture = self._native.input(0)
        picture[...] = np.random.default_rng(0).integers(0, 256, picture.shape, dtype=np.uint8)

    def run(self) -> None:
        """Runs it once."""
        self._native.run()

    @property
    def ops(self) -> list[core.OpInfo]:
        """Its ops. Only the direct runner tells."""
        return self._native.ops

    def op_seconds(self) -> list[float]:
        """Runs it once; what each op took. Only the direct runner tells."""
        return [op.milliseconds / 1e3 for op in self._native.profile(1)]


def reference() -> Loaded:
    """The reference network, always run in the same way."""
    setting = Setting(runner=DesignRunner.DIRECT, precision=Precision.FP32, threads=1)
    return Loaded(REFERENCE, setting)


def heads_apart(network: Network) -> list[list[str]]:
    """The outputs of each head that is not run with the trunk."""
    if not network.apart:
        return []
    return [[output_name(head.end - 1)] for head in network.heads]


def native_runner(runner: DesignRunner) -> str:
    """The engine's name for what executes the ops."""
    return "direct" if runner is DesignRunner.DIRECT else "onnxruntime"


def write_networks(networks: tuple[Network, ...], design: Design, folder: Path) -> list[Path]:
    """Writes the files of a design's networks."""
    files = []
    for index, network in enumerate(networks):
        file = folder / f"network{index}.onnx"
        file.write_bytes(build(network, design.runner, design.precision, seed=index))
        files.append(file)
    return files
