"""What only verification sees is unlike what calibration measures."""

import itertools

from camclassify_core.planner.architecture import networks
from camclassify_core.planner.designs import PRECISIONS, DesignRunner, Family
from camclassify_core.planner.layers import Kind, Layer
from camclassify_core.planner.sampling import calibration_networks

from benchmarks.held_out_designs import held_out_designs

DRAWN = list(itertools.islice(calibration_networks(1), 60))
HELD_OUT = held_out_designs(64, 11, DesignRunner.DIRECT)


def test_held_out_designs_are_of_every_family_and_precision() -> None:
    found = {(design.trunk.family, design.precision) for design in HELD_OUT}
    assert found == set(itertools.product(Family, PRECISIONS))


def test_no_held_out_network_resolution_or_number_of_heads_was_calibrated() -> None:
    assert not {design.trunk.resolution for design in HELD_OUT} & {it.resolution for it in DRAWN}
    most_heads = max(sum(layer.kind is Kind.HEAD for layer in it.layers) for it in DRAWN)
    assert min(len(design.heads) for design in HELD_OUT) > most_heads
    drawn = {it.layers for it in DRAWN}
    assert not any(part.layers in drawn for design in HELD_OUT for part in networks(design))


def test_no_calibrated_network_is_built_like_a_sandglass() -> None:
    def swings(layers: tuple[Layer, ...]) -> int:
        """How often the channels fall to a quarter or less, and rise again at once."""
        return sum(
            squeeze.filters * 4 <= squeeze.channels and widen.filters >= squeeze.filters * 4
            for squeeze, widen in itertools.pairwise(layers)
            if widen.kind is Kind.POINTWISE
        )

    squeezed = [
        swings(part.layers)
        for design in HELD_OUT
        if design.trunk.family is Family.SANDGLASS
        for part in networks(design)
    ]
    assert min(squeezed) >= 3
    assert max(swings(network.layers) for network in DRAWN) <= 1
