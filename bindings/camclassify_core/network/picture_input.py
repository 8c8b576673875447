"""The input that all networks of a bundle share: a u8 NHWC picture named `picture`."""

from collections.abc import Sequence

import numpy as np

from .graph import Graph, Node, ValueType

PICTURE = "picture"


def take_u8_nhwc(
    graph: Graph,
    old: str,
    *,
    subtract: Sequence[float] = (0,),
    divide: Sequence[float] = (1,),
    channels_first: bool = True,
) -> None:
    """Puts u8 NHWC -> f32, (x - subtract) / divide, in front of the f32 input `old`.

    One number for all channels, or one for each in the order of the network's input.
    """
    shape = graph.types.pop(old).shape
    if channels_first:
        shape = (shape[0], shape[2], shape[3], shape[1])
    graph.types[PICTURE] = ValueType(np.dtype(np.uint8), shape)
    graph.inputs = [PICTURE if name == old else name for name in graph.inputs]
    steps = [Node("Cast", [PICTURE], [f"{PICTURE}_f32"], {"to": 1})]
    for op, numbers, neutral in (("Sub", subtract, 0), ("Div", divide, 1)):
        if any(number != neutral for number in numbers):
            content = np.array(numbers if len(numbers) > 1 else numbers[0], np.float32)
            constant = graph.add_constant(f"{PICTURE}_{op}", content)
            name = f"{PICTURE}_{op.lower()}"
            steps.append(Node(op, [steps[-1].output, constant], [name]))
    if channels_first:
        steps.append(Node("Transpose", [steps[-1].output], [old], {"perm": [0, 3, 1, 2]}))
    else:
        steps[-1].outputs = [old]
    graph.nodes[:0] = steps
