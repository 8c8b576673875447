"""A network of standard operators to fused int8."""

from .fusion import fuse
from .fusion.blocks import find_blocks
from .graph import Graph
from .quantisation import Plan, quantise
from .quantisation.weights import RoundWeights, quantise_weights


def to_int8(source: Graph, plan: Plan, round_weights: RoundWeights = quantise_weights) -> Graph:
    """The fused int8 graph; `source` stays as it is. The plan is one for it fused without blocks."""
    graph = quantise(fuse(source, blocks=False)[0], plan, round_weights)
    find_blocks(graph)
    graph.prune()
    return graph
