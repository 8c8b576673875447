"""A network with random weights is what the layers say, whatever they are."""

import itertools

from camclassify_core.native import core
from camclassify_core.options import Precision
from camclassify_core.planner.designs import DesignRunner
from camclassify_core.planner.layers import Kind, Layer, Network
from camclassify_core.planner.random_network import build


def test_a_network_that_halves_the_picture_seven_times_is_quantised() -> None:
    """As calibration draws some: of a small picture nothing would be left."""
    sizes = [512 >> halvings for halvings in range(8)]
    halvings = [
        Layer(
            kind=Kind.STEM if size == 512 else Kind.SEPARABLE,
            source=index - 1,
            size=size,
            channels=3 if size == 512 else 8,
            inner=0 if size == 512 else 8,
            filters=8,
            kernel=3,
            stride=2,
        )
        for index, (size, _) in enumerate(itertools.pairwise(sizes))
    ]
    head = Layer(kind=Kind.HEAD, source=6, size=4, channels=8, inner=0, filters=5)
    network = Network(name="deep", resolution=512, layers=(*halvings, head))
    content = build(network, DesignRunner.DIRECT, Precision.INT8)
    opened = core.Network(content)
    assert opened.output(0).shape == (1, 5)
