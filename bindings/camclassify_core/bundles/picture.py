"""The input that all networks of a bundle share: a u8 NHWC picture named `picture`."""

import numpy as np

from .graph import Graph, Node, ValueType

PICTURE = "picture"


def take_u8_nhwc(graph: Graph, old: str, *, subtract: float = 0, divide: float = 1) -> None:
    """Puts u8 NHWC -> float NCHW, (x - subtract) / divide in front of the f32 NCHW input `old`."""
    batch, channels, height, width = graph.types.pop(old).shape
    graph.types[PICTURE] = ValueType(np.dtype(np.uint8), (batch, height, width, channels))
    graph.inputs = [PICTURE if name == old else name for name in graph.inputs]
    steps = [Node("Cast", [PICTURE], [f"{PICTURE}_f32"], {"to": 1})]
    for op, number, neutral in (("Sub", subtract, 0), ("Div", divide, 1)):
        if number != neutral:
            constant = graph.add_constant(f"{PICTURE}_{op}", np.array(number, np.float32))
            name = f"{PICTURE}_{op.lower()}"
            steps.append(Node(op, [steps[-1].output, constant], [name]))
    steps.append(Node("Transpose", [steps[-1].output], [old], {"perm": [0, 3, 1, 2]}))
    graph.nodes[:0] = steps
