"""Pointwise convolutions of the same inputs become one with several outputs."""

import numpy as np

from ..graph import Array, Graph, Node
from .match import is_fused
from .splits import MAX_OUTPUTS

# Below this many pixels the wider convolution gains nothing over two calls (measured).
MIN_PIXELS = 104 * 104


def merge_siblings(graph: Graph) -> None:
    """Merges where the shared input is large enough to be read only once."""
    groups: dict[tuple[object, ...], list[Node]] = {}
    for node in graph.nodes:
        shape = graph.shape(node.output)
        if not is_fused(node, "Pointwise") or node.attributes.keys() & {"residual", "outputs"}:
            continue
        if shape is None or shape[2] * shape[3] < MIN_PIXELS:
            continue
        key = (*node.inputs[:-2], node.text("activation", "none"), *node.integers("upsample", (1,)))
        groups.setdefault(key, []).append(node)
    for group in groups.values():
        for start in range(0, len(group), MAX_OUTPUTS):
            if len(group[start : start + MAX_OUTPUTS]) > 1:
                _merge(graph, group[start : start + MAX_OUTPUTS])


def _merge(graph: Graph, group: list[Node]) -> None:
    first = group[0]
    contents: list[list[Array]] = [
        [graph.constants[name] for name in node.inputs[-2:]] for node in group
    ]
    weights, bias = (np.concatenate(parts) for parts in zip(*contents, strict=True))
    names = [
        graph.add_constant(f"{first.output}_weights_all", weights),
        graph.add_constant(f"{first.output}_bias_all", bias),
    ]
    merged = Node(
        "Pointwise",
        [*first.inputs[:-2], *names],
        [node.output for node in group],
        {**first.attributes, "outputs": [len(each[1]) for each in contents]},
        first.domain,
    )
    graph.nodes.insert(graph.nodes.index(first), merged)
    graph.nodes = [node for node in graph.nodes if node not in group]
