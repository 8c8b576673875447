"""Evaluates what depends on constants alone and takes out operators that do nothing."""

import numpy as np

from ..graph import Graph, Node, ValueType

_MAX_ELEMENTS = 1 << 24


def fold_constants(graph: Graph) -> None:
    """Constant nodes become constants; Identity and Dropout vanish."""
    for node in list(graph.nodes):
        if node.op in ("Identity", "Dropout") and node.output not in graph.outputs:
            _bypass(graph, node)
        elif (node.op == "Shape" and graph.shape(node.inputs[0]) is not None) or (
            node.inputs and all(name in graph.constants or not name for name in node.inputs)
        ):
            _evaluate(graph, node)


def _bypass(graph: Graph, node: Node) -> None:
    graph.nodes.remove(node)
    for consumer in graph.consumers(node.output):
        consumer.inputs = [
            node.inputs[0] if name == node.output else name for name in consumer.inputs
        ]


def _evaluate(graph: Graph, node: Node) -> None:
    known = {name: graph.types[name] for name in node.outputs if name in graph.types}
    if any(len(each.shape) and _elements(each) > _MAX_ELEMENTS for each in known.values()):
        return
    if len(known) != len(node.outputs) or set(node.outputs) & set(graph.outputs):
        return
    feeds = {name: graph.constants[name] for name in node.inputs if name in graph.constants}
    if node.op == "Shape":
        shape = graph.shape(node.inputs[0])
        graph.constants[node.output] = np.array(shape, np.int64)
    else:
        part = Graph([], list(node.outputs), [node], feeds, known, graph.opset)
        from .. import onnx_file  # only where there is something to evaluate: it needs a package

        results = onnx_file.evaluate(part)
        graph.constants |= dict(zip(node.outputs, results, strict=True))
    graph.nodes.remove(node)


def _elements(kind: ValueType) -> int:
    return int(np.prod(kind.shape))
