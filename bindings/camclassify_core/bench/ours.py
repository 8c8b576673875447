"""Our own runners as contestants."""

from pathlib import Path

import numpy as np

from camclassify_core.native import core

from .contestant import Contestant, Feed, Outputs


def open_network(file: Path, feed: Feed, threads: int, precision: str) -> Contestant:
    """Opens a network in the runner that suits it best. Raises `BundleError`."""
    network = core.Network(file, threads=threads)

    def fill() -> None:
        for index, (name, _, _) in enumerate(network.inputs):
            np.copyto(network.input(index), feed[name])

    def outputs() -> Outputs:
        names = [name for name, _, _ in network.outputs]
        return {name: network.output(index).copy() for index, name in enumerate(names)}

    return Contestant(
        f"CamClassify {network.runner}", precision, network.run, outputs, ours=True, fill=fill
    )
