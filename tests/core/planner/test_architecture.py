"""A design's networks have the shapes that the words promise."""

from dataclasses import replace

import pytest
from camclassify_core.planner.architecture import network, networks, resident_networks, switches
from camclassify_core.planner.designs import (
    Design,
    Execution,
    Family,
    Grouping,
    Head,
    Resident,
    Trunk,
)
from camclassify_core.planner.layers import Kind

HEADS = (
    Head(name="people", classes=1),
    Head(name="vehicles", classes=12, layers=2, width=96),
    Head(name="animals", classes=7, layers=2, width=64, tap=4),
)


@pytest.mark.parametrize("family", Family)
def test_layers_fit_together(family: Family) -> None:
    (one,) = networks(
        Design(name="a", trunk=Trunk(family=family, width=0.4, depth=1.3), heads=HEADS)
    )
    for layer in one.layers:
        if layer.source < 0:
            assert (layer.size, layer.channels) == (224, 3)
        else:
            source = one.layers[layer.source]
            assert (layer.size, layer.channels) == (source.output_size, source.filters)
        if layer.residual:
            assert (layer.stride, layer.channels) == (1, layer.filters)


def test_a_sandglass_squeezes_to_a_sixth_between_wide_layers() -> None:
    trunk = Trunk(family=Family.SANDGLASS)
    layers = network("a", trunk, HEADS[:1], Execution.SERIAL, 1.0).layers
    squeezed, widened = layers[3], layers[4]
    assert (squeezed.kind, squeezed.channels, squeezed.filters) == (Kind.SEPARABLE, 96, 16)
    assert (widened.kind, widened.channels, widened.filters) == (Kind.POINTWISE, 16, 192)


def test_a_shared_trunk_is_computed_once() -> None:
    shared = networks(Design(name="a", trunk=Trunk(), heads=HEADS))
    apart = networks(Design(name="b", trunk=Trunk(), heads=HEADS, grouping=Grouping.PER_GROUP))
    assert len(shared) == 1
    assert len(apart) == len(HEADS)
    assert shared[0].macs < sum(each.macs for each in apart) / 2
    assert sum(layer.kind is Kind.HEAD for layer in shared[0].layers) == len(HEADS)


def test_layers_behind_the_last_tap_are_left_out() -> None:
    early = network("a", Trunk(), (Head(name="a", classes=1, tap=3),), Execution.SERIAL, 1.0)
    late = network("b", Trunk(), (Head(name="b", classes=1, tap=5),), Execution.SERIAL, 1.0)
    assert len(early.layers) < len(late.layers)


def test_fused_heads_of_one_depth_and_tap_become_one() -> None:
    heads = (Head(name="a", classes=2, width=16), Head(name="b", classes=3, width=32))
    fused = network("a", Trunk(), heads, Execution.FUSED, 1.0)
    (head,) = [layer for layer in fused.layers if layer.kind is Kind.HEAD]
    assert (head.channels, head.filters) == (48, 5)


def test_only_networks_for_lighting_conditions_switch() -> None:
    design = Design(name="a", trunk=Trunk(), heads=HEADS, regimes=3)
    assert not switches(design)
    assert switches(
        Design(name="b", trunk=Trunk(), heads=HEADS, regimes=3, grouping=Grouping.PER_REGIME)
    )


def test_heads_stand_behind_the_trunk_that_they_share() -> None:
    (one,) = networks(Design(name="a", trunk=Trunk(), heads=HEADS))
    assert [head.name for head in one.heads] == ["people", "vehicles", "animals"]
    assert one.heads[0].first == one.trunk_end
    assert one.heads[-1].end == len(one.layers)
    assert all(one.layers[head.end - 1].kind is Kind.HEAD for head in one.heads)
    assert not one.apart


def test_networks_of_every_condition_may_be_in_memory() -> None:
    timed = Design(name="a", trunk=Trunk(), heads=HEADS, regimes=3, grouping=Grouping.PER_REGIME)
    assert len(resident_networks(timed)) == 1
    everything = replace(timed, resident=Resident.ALL)
    assert len(resident_networks(everything)) == 3
    assert not switches(everything)


def test_multiply_adds_of_an_inverted_residual() -> None:
    (one,) = networks(Design(name="a", trunk=Trunk(), heads=HEADS[:1]))
    block = one.layers[1]
    assert (block.size, block.channels, block.inner, block.filters) == (112, 32, 192, 24)
    assert block.stride == 2
    expand, depthwise, project = 112**2 * 32 * 192, 56**2 * 192 * 9, 56**2 * 192 * 24
    assert block.macs == expand + depthwise + project
