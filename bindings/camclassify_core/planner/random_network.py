"""Real networks with random weights: what the planner measures."""

import math

import numpy as np

from camclassify_core.network.fusion import fuse
from camclassify_core.network.graph import Graph
from camclassify_core.network.int8 import to_int8
from camclassify_core.network.onnx_writer import to_bytes
from camclassify_core.network.quantisation import Plan, calibrate
from camclassify_core.network.quantisation.weights import quantise_quickly
from camclassify_core.options import Precision

from .designs import DesignRunner
from .layers import Network
from .plain import PlainWriter, QuantisedWriter

_PICTURE_SIDE = 64  # what calibration looks at: enough for weights without a meaning, unless
_LEAST_SIDE = 2  # of what the smallest layer then reads, or nothing may be left of it


def build(network: Network, runner: DesignRunner, precision: Precision, seed: int = 0) -> bytes:
    """The ONNX file of a network: u8 NHWC picture in, one f32 output per head.

    Fused and quantised as a bundle's networks are, but quickly, because what they answer does not matter.
    """
    plain, int8 = runner is DesignRunner.ONNXRUNTIME, precision is Precision.INT8
    graph = (QuantisedWriter if plain and int8 else PlainWriter)(seed).write(network)
    if plain:
        return to_bytes(graph)
    if int8:
        return to_bytes(to_int8(graph, _plan(graph, _picture_side(network)), quantise_quickly))
    return to_bytes(fuse(graph)[0])


def _picture_side(network: Network) -> int:
    smallest = min(layer.size for layer in network.layers)
    return max(_PICTURE_SIDE, math.ceil(_LEAST_SIDE * network.resolution / smallest))


def _plan(graph: Graph, side: int) -> Plan:
    shape = (1, side, side, 3)
    picture = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    return calibrate(fuse(graph, blocks=False)[0], [picture], lambda step, share: None)
