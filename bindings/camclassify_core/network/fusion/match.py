"""Small questions about a graph that several patterns ask."""

import numpy as np

from ..graph import CAMCLASSIFY, Array, Graph, Node

CONVOLUTIONS = ("Stem", "Pointwise", "Depthwise", "Convolution")
# On f32 tensors of any shape.
TAILS = ("Rearrange", "Concatenation", "Elementwise", "Softmax")


def is_fused(node: Node | None, *kinds: str) -> bool:
    """Whether the node is a fused op of one of these kinds."""
    return node is not None and node.domain == CAMCLASSIFY and node.op in kinds


def scalar(graph: Graph, value: str) -> float | None:
    """The number that a constant of one element holds."""
    content = graph.constant(value)
    return float(content.reshape(-1)[0]) if content is not None and content.size == 1 else None


def other_input(node: Node, value: str) -> str:
    """The operand of a binary operator that is not `value`."""
    first, second = node.inputs
    return second if first == value else first


def constant_operand(graph: Graph, node: Node) -> tuple[str, Array] | None:
    """The variable and the constant operand of a binary operator that has one of each."""
    for variable, constant in (node.inputs, node.inputs[::-1]):
        content = graph.constant(constant)
        if content is not None and graph.constant(variable) is None:
            return variable, content
    return None


def per_channel(content: Array, rank: int) -> Array | None:
    """A constant that is broadcast over all but axis 1 of a value of this rank, as a vector."""
    shape = (1,) * (rank - content.ndim) + content.shape
    if any(length != 1 for axis, length in enumerate(shape) if axis != 1):
        return None
    return content.reshape(-1).astype(np.float64)
