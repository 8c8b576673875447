"""Global average pool and the classifiers behind it to PooledHead."""

import numpy as np

from ..graph import CAMCLASSIFY, Array, Attribute, Graph, Node
from .match import constant_operand

type _Classifier = tuple[str, Array, Array]


def find_pooled_heads(graph: Graph) -> None:
    """Fuses each global average pool that is flattened, with its fully connected layers."""
    for pool in [node for node in graph.nodes if _is_global_pool(graph, node)]:
        flat = _flattened(graph, pool)
        if flat is None:
            continue
        classifiers: list[_Classifier] = []
        for node in graph.consumers(flat):
            found = _classifier(graph, node)
            if found:
                classifiers.append(found)
        _fuse(graph, pool, flat, classifiers)


def _fuse(graph: Graph, pool: Node, flat: str, classifiers: list[_Classifier]) -> None:
    gone = {flat, *(output for output, _, _ in classifiers)}
    index = graph.nodes.index(pool)
    graph.nodes = [node for node in graph.nodes if not gone.intersection(node.outputs)]
    constants: list[str] = []
    if classifiers:
        weights = np.concatenate([weight for _, weight, _ in classifiers])
        bias = np.concatenate([each for _, _, each in classifiers])
        constants = [
            graph.add_constant(f"{flat}_weights", weights),
            graph.add_constant(f"{flat}_bias", bias),
        ]
    outputs = [flat, *(output for output, _, _ in classifiers)]
    rows = [len(bias) for _, _, bias in classifiers]
    attributes: dict[str, Attribute] = {"outputs": rows} if rows else {}
    head = Node("PooledHead", [pool.inputs[0], *constants], outputs, attributes, CAMCLASSIFY)
    graph.nodes.insert(min(index, len(graph.nodes)), head)


def _is_global_pool(graph: Graph, node: Node) -> bool:
    shape = graph.shape(node.inputs[0]) if node.inputs else None
    if shape is None or len(shape) != 4:
        return False
    if node.op == "ReduceMean":
        axes = graph.constant(node.inputs[1]) if node.inputs[1:] else node.integers("axes")
        return axes is not None and sorted(int(axis) % 4 for axis in axes) == [2, 3]
    whole = node.integers("kernel_shape") == list(shape[2:]) if node.op == "AveragePool" else False
    return node.op == "GlobalAveragePool" or (whole and not any(node.integers("pads")))


def _flattened(graph: Graph, pool: Node) -> str | None:
    """The pooled features as N x C: the value itself or what follows."""
    value = pool.output
    while (shape := graph.shape(value)) is not None and len(shape) != 2:
        following = graph.sole_consumer(value)
        if following is None or following.op not in ("Flatten", "Reshape", "Squeeze"):
            return None
        value = following.output
    channels = graph.shape(pool.inputs[0])
    return value if shape is not None and channels is not None and shape[1] == channels[1] else None


def _classifier(graph: Graph, node: Node) -> _Classifier | None:
    """Output, weights [O, C] and bias of a fully connected layer."""
    weight = graph.constant(node.inputs[1]) if len(node.inputs) > 1 else None
    if weight is None or weight.ndim != 2:
        return None
    if node.op == "Gemm":
        plain = node.real("alpha", 1) == node.real("beta", 1) == 1 and not node.integer("transA", 0)
        rows = weight if node.integer("transB", 0) else weight.T
        bias = graph.constants.get(node.inputs[2]) if node.inputs[2:] else np.zeros(len(rows))
        if not plain or bias is None or bias.size != len(rows):
            return None
        return node.output, rows.astype(np.float32), bias.astype(np.float32).reshape(-1)
    if node.op == "MatMul":
        add = graph.sole_consumer(node.output)
        operands = constant_operand(graph, add) if add is not None and add.op == "Add" else None
        if add is not None and operands is not None and operands[1].size == weight.shape[1]:
            return (
                add.output,
                weight.T.astype(np.float32),
                np.asarray(operands[1], np.float32).reshape(-1),
            )
        return node.output, weight.T.astype(np.float32), np.zeros(weight.shape[1], np.float32)
    return None
