"""The stock YOLOX export cut into a trunk and heads.

Source: Z. Ge et al., "YOLOX: Exceeding YOLO Series in 2021", https://arxiv.org/abs/2107.08430.
The stock file takes 1x3xHxW BGR, 0..255, and puts everything into one output, per anchor 4 box
numbers, objectness and a score for each of the classes it was trained on.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from camclassify_core.errors import BundleError
from camclassify_core.network import onnx_file
from camclassify_core.network.graph import Graph, Node, ValueType
from camclassify_core.network.picture_input import take_u8_nhwc

BOXES = "boxes"
OBJECTNESS = "objectness"


def cut(
    stock: bytes,
    *,
    width: int,
    height: int,
    groups: Mapping[str, Sequence[int]],
    subtract: Sequence[float] = (0,),
    divide: Sequence[float] = (1,),
) -> Graph:
    """A scene network with outputs `boxes`, `objectness` and one per class group.

    `groups` lists the class columns of each head; the input is u8 NHWC BGR, any multiple of the
    largest stride (32) in width and height; `subtract` and `divide` are for models trained on
    other values than 0..255. Raises BundleError for a file that is no YOLOX.
    """
    graph = onnx_file.read(stock)
    picture = graph.inputs[0]
    graph.types[picture] = ValueType(np.dtype(np.float32), (1, 3, height, width))
    levels = [_Level(graph, concat) for concat in _level_concats(graph)]
    outputs = {
        BOXES: [level.box for level in levels],
        OBJECTNESS: [level.objectness for level in levels],
    }
    for name, columns in groups.items():
        outputs[name] = [level.head(name, columns) for level in levels]
    graph.outputs = list(outputs)
    graph.opset = onnx_file.OPSET
    for name, values in outputs.items():
        _gather_levels(graph, name, values)
    anchors = sum((width // stride) * (height // stride) for stride in (8, 16, 32))
    columns_of = {BOXES: 4, OBJECTNESS: 1} | {name: len(each) for name, each in groups.items()}
    for name, count in columns_of.items():
        graph.types[name] = ValueType(np.dtype(np.float32), (1, anchors, count))
    take_u8_nhwc(graph, picture, subtract=subtract, divide=divide)
    graph.prune()
    graph.sort()
    onnx_file.infer_types(graph)
    return graph


def _level_concats(graph: Graph) -> list[Node]:
    """The concatenations of box, objectness and classes, one per level, finest first."""
    found = [
        node
        for node in graph.nodes
        if node.op == "Concat"
        and len(node.inputs) == 3
        and [getattr(graph.producer(each), "op", "") for each in node.inputs]
        == ["Conv", "Sigmoid", "Sigmoid"]
    ]
    if len(found) != 3:
        raise BundleError(
            f"this is not a YOLOX export: {len(found)} of its 3 prediction levels were found"
        )
    return found


class _Level:
    """The predictors of one level."""

    def __init__(self, graph: Graph, concat: Node) -> None:
        self._graph = graph
        self.box, self.objectness, classes = concat.inputs
        sigmoid = graph.producer(classes)
        conv = graph.producer(sigmoid.inputs[0]) if sigmoid else None
        if conv is None or conv.op != "Conv":
            raise BundleError("this is not a YOLOX export: a class predictor is no convolution")
        self._conv = conv

    def head(self, name: str, columns: Sequence[int]) -> str:
        """A predictor of these classes alone; returns its scores."""
        graph, conv = self._graph, self._conv
        weight, bias = (graph.constants[each][list(columns)] for each in conv.inputs[1:3])
        logits = graph.fresh(f"{name}_logits")
        scores = graph.fresh(f"{name}_scores")
        constants = [
            graph.add_constant(f"{logits}_weight", weight),
            graph.add_constant(f"{logits}_bias", bias),
        ]
        graph.nodes += [
            Node("Conv", [conv.inputs[0], *constants], [logits], dict(conv.attributes)),
            Node("Sigmoid", [logits], [scores]),
        ]
        return scores


def _gather_levels(graph: Graph, name: str, values: list[str]) -> None:
    """1xCxHxW of each level to 1 x anchors x C."""
    flat_shape = graph.add_constant("flat_shape", np.array([0, 0, -1], np.int64))
    flat = [graph.fresh(f"{name}_flat") for _ in values]
    graph.nodes += [
        Node("Reshape", [value, flat_shape], [each])
        for value, each in zip(values, flat, strict=True)
    ]
    together = graph.fresh(f"{name}_levels")
    graph.nodes += [
        Node("Concat", flat, [together], {"axis": 2}),
        Node("Transpose", [together], [name], {"perm": [0, 2, 1]}),
    ]
