"""What calibration measures."""

import itertools

from camclassify_core.planner.layers import Kind
from camclassify_core.planner.sampling import calibration_networks

DRAWN = list(itertools.islice(calibration_networks(1), 60))


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
