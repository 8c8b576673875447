"""Which ops a network becomes: found out by fusing it, as a bundle's are, without weights."""

from functools import cache

from camclassify_core.network.fusion import fuse
from camclassify_core.network.graph import Graph

from .layers import Layer, Network
from .plain import WeightlessWriter


def fused_graph(network: Network) -> Graph:
    """The fused graph, in which every shape is known and every weight is 0; not to be changed.

    In int8 it has the same ops.
    """
    return _fused(network.resolution, network.layers)


@cache
def _fused(resolution: int, layers: tuple[Layer, ...]) -> Graph:
    network = Network(name="", resolution=resolution, layers=layers)
    return fuse(WeightlessWriter().write(network))[0]
