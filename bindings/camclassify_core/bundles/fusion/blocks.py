"""Pointwise, Depthwise, Pointwise to Block, where keeping the middle in cache pays."""

from ..graph import CAMCLASSIFY, Graph, Node
from .match import is_fused

# Measured: a block pays where the expanded activation is large against what it reads and writes.
MIN_EXPANSION = 3
MIN_PIXELS = 14 * 14


def find_blocks(graph: Graph) -> None:
    """Fuses inverted residuals that expand at least `MIN_EXPANSION` times."""
    for depthwise in [node for node in graph.nodes if is_fused(node, "Depthwise")]:
        expand, project = graph.producer(depthwise.inputs[0]), graph.sole_consumer(depthwise.output)
        if expand is None or project is None or not _is_simple(expand) or not _is_simple(project):
            continue
        if "residual" in expand.attributes or graph.sole_consumer(expand.output) is not depthwise:
            continue
        if len(project.inputs) == 4 and project.inputs[1] != expand.inputs[0]:
            continue
        shape, weights = graph.shape(expand.output), graph.constants[expand.inputs[-2]]
        if shape is None or shape[1] * shape[2] < MIN_PIXELS:
            continue
        if weights.shape[0] >= MIN_EXPANSION * weights.shape[1]:
            graph.substitute([expand, depthwise, project], [_block(expand, depthwise, project)])


def _is_simple(node: Node) -> bool:
    """A Pointwise with one activation input and one output."""
    return is_fused(node, "Pointwise") and not node.attributes.keys() & {"upsample", "outputs"}


def _block(expand: Node, depthwise: Node, project: Node) -> Node:
    constants = [name for node in (expand, depthwise, project) for name in node.inputs[-2:]]
    attributes = {key: depthwise.attributes[key] for key in ("stride", "pads")}
    for node, key in (
        (expand, "expand_activation"),
        (depthwise, "depthwise_activation"),
        (project, "activation"),
    ):
        if "activation" in node.attributes:
            attributes[key] = node.attributes["activation"]
    if "residual" in project.attributes:
        attributes["residual"] = project.attributes["residual"]
    return Node(
        "Block", [expand.inputs[0], *constants], list(project.outputs), attributes, CAMCLASSIFY
    )
