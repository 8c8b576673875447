"""Pointwise, Depthwise, Pointwise to Block, where keeping the middle in cache pays."""

import numpy as np

from ..graph import CAMCLASSIFY, Attribute, Graph, Node
from .match import is_fused

# Measured: a block pays where the expanded activation is large against what it reads and writes.
MIN_EXPANSION = 3
MIN_PIXELS = 14 * 14

_RESIDUAL = ("residual", "residual_multiplier", "activation_multiplier", "residual_offset")


def find_blocks(graph: Graph) -> None:
    """Fuses inverted residuals, fp32 or int8, that expand at least `MIN_EXPANSION` times."""
    for depthwise in [node for node in graph.nodes if is_fused(node, "Depthwise")]:
        expand, project = graph.producer(depthwise.inputs[0]), graph.sole_consumer(depthwise.output)
        if expand is None or project is None or not _is_simple(expand) or not _is_simple(project):
            continue
        if "residual" in expand.attributes or graph.sole_consumer(expand.output) is not depthwise:
            continue
        if "residual" in project.attributes and project.inputs[1] != expand.inputs[0]:
            continue
        shape, weights = graph.shape(expand.output), graph.constants[expand.inputs[1]]
        if shape is not None and pays(shape[1] * shape[2], weights.shape[1], weights.shape[0]):
            block = _block(graph, expand, depthwise, project)
            graph.substitute([expand, depthwise, project], [block])


def pays(pixels: int, channels: int, expanded: int) -> bool:
    """Whether a block does, on so many pixels of so many channels that it expands to so many."""
    return pixels >= MIN_PIXELS and expanded >= MIN_EXPANSION * channels


def _is_simple(node: Node) -> bool:
    """A Pointwise with one activation input and one output."""
    return is_fused(node, "Pointwise") and not node.attributes.keys() & {"upsample", "outputs"}


def _block(graph: Graph, expand: Node, depthwise: Node, project: Node) -> Node:
    parts = (
        (expand, "expand_activation", "expand_type"),
        (depthwise, "depthwise_activation", "depthwise_type"),
        (project, "activation", ""),
    )
    constants: list[str] = []
    attributes: dict[str, Attribute] = {}
    for node, activation, kind in parts:
        constants += [name for name in node.inputs if name in graph.constants]
        if "activation" in node.attributes:
            attributes[activation] = node.attributes["activation"]
        if kind and graph.types[node.output].dtype != np.float32:
            attributes[kind] = "i16" if graph.types[node.output].dtype == np.int16 else "u8"
    for key in ("stride", "pads", "pad_value"):
        if key in depthwise.attributes:
            attributes[key] = depthwise.attributes[key]
    for key in _RESIDUAL:
        if key in project.attributes:
            attributes[key] = project.attributes[key]
    return Node(
        "Block", [expand.inputs[0], *constants], list(project.outputs), attributes, CAMCLASSIFY
    )
