"""The ops of docs/ops.md in NumPy: slow, plain, exact. What calibration and tests run.

Arrays are NHWC. Standard operators in a graph are evaluated by the onnx package.
"""

from collections.abc import Iterable, Mapping

from ..graph import CAMCLASSIFY, Array, Graph, Node
from .ops import OPS


def run(graph: Graph, feeds: Mapping[str, Array], wanted: Iterable[str] = ()) -> dict[str, Array]:
    """Values of `wanted`, by default the graph's outputs."""
    names = list(wanted) or graph.outputs
    values: dict[str, Array] = {"": None, **graph.constants, **feeds}  # type: ignore[dict-item]
    last_use = {name: index for index, node in enumerate(graph.nodes) for name in node.inputs}
    for index, node in enumerate(graph.nodes):
        values |= zip(node.outputs, evaluate(graph, node, values), strict=True)
        for name in node.inputs:
            if last_use[name] == index and name not in names and name not in graph.constants:
                values.pop(name, None)
    return {name: values[name] for name in names}


def evaluate(graph: Graph, node: Node, values: Mapping[str, Array]) -> list[Array]:
    """The outputs of one node, given its inputs."""
    if node.domain == CAMCLASSIFY:
        dtypes = [graph.types[name].dtype for name in node.outputs]
        return OPS[node.op](node, [values[name] for name in node.inputs], dtypes)
    feeds = {name: values[name] for name in node.inputs if name}
    known = {name: graph.types[name] for name in node.outputs}
    part = Graph([], list(node.outputs), [node], feeds, known, graph.opset)
    from .. import onnx_file  # only for standard operators: it needs a package

    return onnx_file.evaluate(part)
