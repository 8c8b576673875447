"""Concatenation over channels and upsampling by two become inputs of the Pointwise behind them."""

from ..graph import Graph, Node
from .match import is_fused

MAX_INPUTS = 8


def absorb_concatenations(graph: Graph) -> None:
    """Lets each Pointwise read what was concatenated and upsampled for it."""
    for node in [each for each in graph.nodes if is_fused(each, "Pointwise")]:
        upsample = node.integers("upsample", (1,))
        while _absorb_one(graph, node, upsample):
            pass
        if upsample != [1]:
            shapes = [graph.types[name].shape for name in node.inputs[: len(upsample)]]
            node.attributes |= {"upsample": upsample, "inputs": [shape[1] for shape in shapes]}


def _absorb_one(graph: Graph, node: Node, upsample: list[int]) -> bool:
    for index, factor in enumerate(upsample):
        source = graph.producer(node.inputs[index])
        if source is None:
            continue
        parts: list[str] = []
        if _joins_channels(graph, source) and len(upsample) + len(source.inputs) - 1 <= MAX_INPUTS:
            parts = source.inputs
        elif factor == 1 and doubles(graph, source):
            parts, factor = source.inputs[:1], 2
        if parts:
            node.inputs[index : index + 1] = parts
            upsample[index : index + 1] = [factor] * len(parts)
            return True
    return False


def _joins_channels(graph: Graph, node: Node) -> bool:
    shape = graph.shape(node.output)
    return (
        node.op == "Concat"
        and shape is not None
        and len(shape) == 4
        and node.integer("axis", 1) in (1, -3)
        and not any(name in graph.constants for name in node.inputs)
    )


def doubles(graph: Graph, node: Node) -> bool:
    """Whether the node doubles height and width by repeating pixels."""
    if node.op not in ("Resize", "Upsample") or node.text("mode", "nearest") != "nearest":
        return False
    before, after = graph.shape(node.inputs[0]), graph.shape(node.output)
    if before is None or after is None or len(before) != 4:
        return False
    if after != (*before[:2], 2 * before[2], 2 * before[3]):
        return False
    rule = (
        node.text("coordinate_transformation_mode", "half_pixel"),
        node.text("nearest_mode", "round_prefer_floor"),
    )
    return node.op == "Upsample" or rule in _REPEATS


# The rules under which output pixel i reads input pixel i / 2, rounded down.
_REPEATS = {
    ("asymmetric", "floor"),
    ("half_pixel", "round_prefer_floor"),
    ("half_pixel", "round_prefer_ceil"),
    ("pytorch_half_pixel", "round_prefer_floor"),
    ("pytorch_half_pixel", "round_prefer_ceil"),
}
