"""A Pointwise whose output is split over channels writes the parts itself."""

from ..graph import Graph
from .match import is_fused

MAX_OUTPUTS = 4


def absorb_splits(graph: Graph) -> None:
    """Pointwise + Split becomes a Pointwise with several outputs."""
    for split in [node for node in graph.nodes if node.op == "Split"]:
        source = graph.producer(split.inputs[0])
        shapes = [graph.shape(name) for name in split.outputs]
        if source is None or not is_fused(source, "Pointwise"):
            continue
        if "residual" in source.attributes or graph.sole_consumer(source.output) is not split:
            continue
        if split.integer("axis", 0) not in (1, -3) or len(shapes) > MAX_OUTPUTS or None in shapes:
            continue
        source.attributes["outputs"] = [shape[1] for shape in shapes if shape]
        source.outputs = list(split.outputs)
        graph.nodes.remove(split)
