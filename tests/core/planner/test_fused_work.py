"""What a layer costs is counted from what its op says that it does."""

from itertools import islice

import pytest
from camclassify_core.native import core
from camclassify_core.options import Precision
from camclassify_core.planner.designs import PRECISIONS, DesignRunner
from camclassify_core.planner.fused_work import FusedWork
from camclassify_core.planner.layers import Kind, Layer
from camclassify_core.planner.loaded import Loaded
from camclassify_core.planner.profile import Setting
from camclassify_core.planner.sampling import calibration_networks
from camclassify_core.planner.work import beyond

from .profiles import CACHES

FP32 = FusedWork("avx2", Precision.FP32, CACHES)
INT8 = FusedWork("avx2", Precision.INT8, CACHES)


def pointwise(size: int, channels: int, filters: int) -> Layer:
    return Layer(
        kind=Kind.POINTWISE, source=-1, size=size, channels=channels, inner=0, filters=filters
    )


def steps(work: FusedWork, layer: Layer) -> int:
    """Multiply-adds of all tiles: pixels x vectors x 8 lanes x elements of a step."""
    (found,) = work.of(layer)
    total = 0.0
    for name, count in found.counts.items():
        read, kind, *size = name.split()
        if kind == "steps":
            pixels, vectors = map(int, size[0].split("x"))
            total += count * 1e6 * pixels * vectors * 8 * {"f32": 1, "u8": 4}[read]
    return round(total)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_layer_is_asked_about_as_the_ops_of_its_network_are(precision: Precision) -> None:
    counter = FusedWork(core.instruction_set(), precision, CACHES)
    setting = Setting(runner=DesignRunner.DIRECT, precision=precision, threads=1)
    for network in islice(calibration_networks(5, most_macs=1e8), 6):
        ops = Loaded(network, setting).op_works()
        assert [counter.of_op(*pair) for pair in zip(network.layers, ops, strict=True)] == [
            work for layer in network.layers for work in counter.of(layer)
        ]


@pytest.mark.parametrize("work", [FP32, INT8])
def test_whole_tiles_do_exactly_the_layers_multiply_adds(work: FusedWork) -> None:
    layer = pointwise(13, 64, 40)
    assert steps(work, layer) == layer.macs


def test_channels_that_fill_no_vector_cost_as_much_as_if_they_did() -> None:
    assert steps(FP32, pointwise(8, 64, 33)) == pointwise(8, 64, 40).macs


def test_a_block_counts_its_products_its_depthwise_convolution_and_its_residual() -> None:
    layer = Layer(
        kind=Kind.INVERTED,
        source=-1,
        size=28,
        channels=32,
        inner=192,
        filters=32,
        kernel=3,
        residual=True,
    )
    (found,) = FP32.of(layer)
    assert found.counts["residual"] == pytest.approx(28 * 28 * 32 / 1e6)
    assert found.counts["depthwise 3/1 outputs"] == pytest.approx(28 * 24 * 28 / 1e4)
    assert found.counts["depthwise 3/1 tiles"] == pytest.approx(28 * 24 * 7 / 1e4)
    assert steps(FP32, layer) == layer.dense_macs


def test_what_is_small_is_not_split() -> None:
    assert FP32.parts(pointwise(64, 64, 64), 2) == 2
    assert FP32.parts(pointwise(4, 8, 8), 2) == 1


def test_memory_that_a_cache_keeps_costs_nothing_beyond_it() -> None:
    assert beyond(1000, 4000) == 0
    assert 0 < beyond(4000, 4000) < 1
    assert beyond(16000, 4000) == 1
