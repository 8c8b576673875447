"""What a network costs is counted from what its ops say that they do."""

from itertools import islice

import pytest
from camclassify_core.native import core
from camclassify_core.options import Precision
from camclassify_core.planner.architecture import networks
from camclassify_core.planner.designs import PRECISIONS, Design, DesignRunner, Family, Head, Trunk
from camclassify_core.planner.fused_work import FusedWork
from camclassify_core.planner.layers import Kind, Layer
from camclassify_core.planner.loaded import Loaded
from camclassify_core.planner.profile import Setting
from camclassify_core.planner.sampling import calibration_networks
from camclassify_core.planner.work import Work, beyond

from .profiles import CACHES
from .with_ends import with_ends, works_between

FP32 = FusedWork("avx2", Precision.FP32, CACHES)
INT8 = FusedWork("avx2", Precision.INT8, CACHES)
DESIGNS = [
    Design(name=family, trunk=Trunk(family=family, width=0.5), heads=(Head(name="all", classes=9),))
    for family in Family
]


def pointwise(size: int, channels: int, filters: int) -> Layer:
    return Layer(
        kind=Kind.POINTWISE, source=-1, size=size, channels=channels, inner=0, filters=filters
    )


def inverted(size: int, inner: int) -> Layer:
    return Layer(
        kind=Kind.INVERTED,
        source=-1,
        size=size,
        channels=32,
        inner=inner,
        filters=32,
        kernel=3,
        residual=True,
    )


def steps(works: list[Work]) -> int:
    """Multiply-adds of all tiles: pixels x vectors x 8 lanes x elements of a step."""
    total = 0.0
    for name, count in (item for work in works for item in work.counts.items()):
        match name.split():
            case [read, "steps", size]:
                pixels, vectors = map(int, size.split("x"))
                total += count * 1e6 * pixels * vectors * 8 * {"f32": 1, "u8": 4, "pairs": 4}[read]
    return round(total)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_what_is_asked_by_shapes_is_what_the_built_network_does(precision: Precision) -> None:
    counter = FusedWork(core.instruction_set(), precision, CACHES)
    setting = Setting(runner=DesignRunner.DIRECT, precision=precision, threads=1)
    drawn = [
        *islice(calibration_networks(5, most_macs=1e8), 6),
        *(network for design in DESIGNS for network in networks(design)),
    ]
    for network in drawn:
        ops = Loaded(network, setting).ops
        asked = [(work.group, work.counts) for work in counter.of(network)]
        assert [(op.type, counter.counts(op.type, op.work)) for op in ops] == asked


@pytest.mark.parametrize("work", [FP32, INT8])
def test_whole_tiles_do_exactly_the_layers_multiply_adds(work: FusedWork) -> None:
    layer = pointwise(13, 64, 40)
    assert steps(works_between(work, [layer])) == layer.macs


def test_channels_that_fill_no_vector_cost_as_much_as_if_they_did() -> None:
    assert steps(works_between(FP32, [pointwise(8, 64, 33)])) == pointwise(8, 64, 40).macs


def test_a_block_counts_its_products_its_depthwise_convolution_and_its_residual() -> None:
    layer = inverted(28, 192)
    (found,) = works_between(FP32, [layer])
    assert found.group == "Block"
    assert found.counts["residual"] == pytest.approx(28 * 28 * 32 / 1e6)
    assert found.counts["depthwise 3/1 outputs"] == pytest.approx(28 * 24 * 28 / 1e4)
    assert found.counts["depthwise 3/1 tiles"] == pytest.approx(28 * 24 * 4 / 1e4)
    assert steps([found]) == layer.dense_macs


def test_a_layer_that_no_block_pays_for_is_three_ops() -> None:
    layer = inverted(28, 64)
    found = works_between(FP32, [layer])
    assert [work.group for work in found] == ["Pointwise", "Depthwise", "Pointwise"]
    assert {work.layer for work in found} == {1}
    assert steps(found) == layer.dense_macs


def test_products_of_few_inputs_are_not_of_pairs_and_no_product_is_where_four_are_multiplied() -> (
    None
):
    def kinds(instruction_set: str, channels: int) -> set[str]:
        counter = FusedWork(instruction_set, Precision.INT8, CACHES)
        (found,) = works_between(counter, [pointwise(14, channels, 64)])
        return {name.split()[0] for name in found.counts if " steps " in name}

    assert kinds("avx2", 32) == {"pairs"}
    assert kinds("avx2", 24) == {"u8"}
    assert kinds("vnni", 32) == {"u8"}


def test_what_is_small_is_not_split() -> None:
    assert FP32.parts(with_ends(pointwise(64, 64, 64)), 2) == [2, 2, 1]
    assert FP32.parts(with_ends(pointwise(4, 8, 8)), 2) == [1, 1, 1]


def test_memory_that_a_cache_keeps_costs_nothing_beyond_it() -> None:
    assert beyond(1000, 4000) == 0
    assert 0 < beyond(4000, 4000) < 1
    assert beyond(16000, 4000) == 1
