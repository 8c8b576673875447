"""What int8 costs: signal to noise of every layer, and of the network's outputs."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ..graph import Array, Graph
from ..reference import run
from .int8_plan import Plan


@dataclass(frozen=True, slots=True)
class LayerCost:
    """A layer's output in int8 against fp32; all earlier layers' errors are in it too."""

    op: str
    value: str
    signal_to_noise_db: float


def compare(fp32: Graph, int8: Graph, plan: Plan, pictures: Iterable[Array]) -> list[LayerCost]:
    """Signal to noise over these pictures, layer by layer."""
    values = [name for node in fp32.nodes for name in node.outputs]
    signal = dict.fromkeys(values, 0.0)
    noise = dict.fromkeys(values, 1e-12)
    for picture in pictures:
        feeds = {fp32.inputs[0]: picture}
        wanted, got = run(fp32, feeds, values), run(int8, feeds, values)
        for name in values:
            exact = wanted[name].astype(np.float64)
            found = got[name]
            real = plan[name].stored.real(found) if found.dtype != np.float32 else found
            signal[name] += float((exact**2).sum())
            noise[name] += float(((real - exact) ** 2).sum())
    return [
        LayerCost(node.op, name, float(10 * np.log10(max(signal[name], 1e-12) / noise[name])))
        for node in fp32.nodes
        for name in node.outputs
    ]
