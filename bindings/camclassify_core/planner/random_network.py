"""Real networks with random weights: what the planner measures."""

import numpy as np

from camclassify_core.network.graph import Graph, ValueType
from camclassify_core.network.onnx_file import to_bytes
from camclassify_core.options import Precision

from .designs import DesignRunner
from .fused import FusedWriter
from .layers import Network
from .plain import PlainWriter, QuantisedWriter

PICTURE = "picture"


def build(network: Network, runner: DesignRunner, precision: Precision, seed: int = 0) -> bytes:
    """The ONNX file of a network: u8 NHWC picture in, one f32 output per head."""
    graph = Graph([PICTURE], [], [], {}, {})
    graph.types[PICTURE] = ValueType(
        np.dtype(np.uint8), (1, network.resolution, network.resolution, 3)
    )
    random = np.random.default_rng(seed)
    if runner is not DesignRunner.ONNXRUNTIME:
        FusedWriter(graph, random, precision).write(network)
    elif precision is Precision.INT8:
        QuantisedWriter(graph, random).write(network)
    else:
        PlainWriter(graph, random).write(network)
    return to_bytes(graph)
