"""The last 1x1 convolutions of all levels, flattened and concatenated, to Predictor."""

from dataclasses import dataclass

import numpy as np

from ..graph import CAMCLASSIFY, Graph, Node
from .match import is_fused


@dataclass(frozen=True, slots=True)
class _Prediction:
    """One output of a predictor: its convolution in each level."""

    output: str
    convolutions: list[Node]
    sigmoid: bool

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(conv.inputs[0] for conv in self.convolutions)


def find_predictors(graph: Graph) -> None:
    """Fuses predictions that read the same features into one Predictor."""
    groups: dict[tuple[str, ...], list[_Prediction]] = {}
    for node in graph.nodes:
        found = _prediction(graph, node)
        if found:
            groups.setdefault(found.sources, []).append(found)
    for sources, group in groups.items():
        graph.nodes = [
            node for node in graph.nodes if not any(each.output in node.outputs for each in group)
        ]
        graph.nodes.append(_predictor(graph, sources, group))


def _predictor(graph: Graph, sources: tuple[str, ...], group: list[_Prediction]) -> Node:
    constants: list[str] = []
    for level in range(len(sources)):
        parts = [each.convolutions[level].inputs[-2:] for each in group]
        for kind, names in zip(("weights", "bias"), zip(*parts, strict=True), strict=True):
            content = np.concatenate([graph.constants[name] for name in names])
            constants.append(graph.add_constant(f"{group[0].output}_{level}_{kind}", content))
    channels = [graph.constants[each.convolutions[0].inputs[-1]].size for each in group]
    return Node(
        "Predictor",
        [*sources, *constants],
        [each.output for each in group],
        {
            "levels": len(sources),
            "outputs": channels,
            "sigmoid": [int(each.sigmoid) for each in group],
        },
        CAMCLASSIFY,
    )


def _prediction(graph: Graph, node: Node) -> _Prediction | None:
    """Both usual ways to write N x anchors x C: transposed after, or before, concatenation."""
    if node.op == "Transpose" and node.integers("perm") == [0, 2, 1]:
        levels, wanted, axis = graph.producer(node.inputs[0]), [0, 1, 2, 3], 2
    elif node.op == "Concat":
        levels, wanted, axis = node, [0, 2, 3, 1], 1
    else:
        return None
    if levels is None or levels.op != "Concat" or levels.integer("axis", 0) not in (axis, axis - 3):
        return None
    found = [_level(graph, name, wanted) for name in levels.inputs]
    convolutions = [conv for conv, _ in found if conv is not None]
    if len(convolutions) != len(found) or len({sigmoid for _, sigmoid in found}) != 1:
        return None
    if len({graph.constants[conv.inputs[-1]].size for conv in convolutions}) != 1:
        return None
    return _Prediction(node.output, convolutions, found[0][1])


def _level(graph: Graph, value: str, order: list[int]) -> tuple[Node | None, bool]:
    """The convolution behind one flattened level, and whether a sigmoid is between."""
    sigmoid, permutation = False, [0, 1, 2, 3]
    flat = graph.shape(value)
    node = graph.producer(value)
    while node is not None and node.op in ("Reshape", "Flatten", "Sigmoid", "Transpose"):
        if node.op == "Sigmoid":
            sigmoid = True
        if node.op == "Transpose":
            permutation = node.integers("perm")
        node = graph.producer(node.inputs[0])
    if node is None or not is_fused(node, "Pointwise") or permutation != order:
        return None, False
    if set(node.attributes) & {"upsample", "outputs", "residual", "activation"} or flat is None:
        return None, False
    channels = graph.constants[node.inputs[-1]].size
    return (node, sigmoid) if flat[2 if order[1] == 2 else 1] == channels else (None, False)
