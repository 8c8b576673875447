"""What calibration measures and what only verification sees."""

import itertools

from camclassify_core.planner.architecture import networks
from camclassify_core.planner.designs import Family, Precision, Runner
from camclassify_core.planner.held_out import held_out_designs
from camclassify_core.planner.layers import Kind, Layer
from camclassify_core.planner.sampling import calibration_networks

DRAWN = list(itertools.islice(calibration_networks(1), 60))
HELD_OUT = held_out_designs(64, 11, Runner.DIRECT)


def test_a_few_networks_hold_every_kind_of_layer() -> None:
    assert {layer.kind for network in DRAWN[:6] for layer in network.layers} == set(Kind)


def test_layers_fit_each_other() -> None:
    for network in DRAWN:
        for layer in network.layers[1:]:
            before = network.layers[layer.source]
            assert (layer.size, layer.channels) == (before.output_size, before.filters)


def test_the_same_seed_draws_the_same() -> None:
    assert list(itertools.islice(calibration_networks(1), 60)) == DRAWN


def test_no_network_is_larger_than_asked_for() -> None:
    small = list(itertools.islice(calibration_networks(1, most_macs=2e8), 30))
    assert max(network.macs for network in small) <= 2e8
    assert max(network.macs for network in DRAWN) > 1e9


def test_held_out_designs_are_of_every_family_and_precision() -> None:
    found = {(design.trunk.family, design.precision) for design in HELD_OUT}
    assert found == set(itertools.product(Family, Precision))


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
