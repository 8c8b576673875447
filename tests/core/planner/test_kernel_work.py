"""Work is counted as the kernels do it."""

import pytest
from camclassify_core.planner.designs import Precision
from camclassify_core.planner.kernel_work import KernelWork
from camclassify_core.planner.layers import Kind, Layer
from camclassify_core.planner.work import beyond

from .profiles import CACHES

FP32 = KernelWork("avx2", Precision.FP32, CACHES)
INT8 = KernelWork("avx2", Precision.INT8, CACHES)


def pointwise(size: int, channels: int, filters: int) -> Layer:
    return Layer(
        kind=Kind.POINTWISE, source=-1, size=size, channels=channels, inner=0, filters=filters
    )


def steps(work: KernelWork, layer: Layer, read: str, vectors: dict[str, tuple[int, int]]) -> int:
    """Multiply-adds of all tiles: pixels x vectors x 8 lanes x elements of a step."""
    (found,) = work.of(layer)
    elements = {"f32": 1, "u8": 4}[read]
    return round(
        sum(
            count * 1e6 * vectors[name][0] * vectors[name][1] * 8 * elements
            for name, count in found.counts.items()
            if name in vectors
        )
    )


def tiles(read: str) -> dict[str, tuple[int, int]]:
    return {
        f"{read} steps {pixels}x{vectors}": (pixels, vectors)
        for pixels in (1, 2, 3, 4, 6, 8)
        for vectors in (1, 2)
    }


@pytest.mark.parametrize(("work", "read"), [(FP32, "f32"), (INT8, "u8")])
def test_whole_tiles_do_exactly_the_layers_multiply_adds(work: KernelWork, read: str) -> None:
    layer = pointwise(13, 64, 40)
    assert steps(work, layer, read, tiles(read)) == layer.macs


def test_channels_that_fill_no_vector_cost_as_much_as_if_they_did() -> None:
    assert steps(FP32, pointwise(8, 64, 33), "f32", tiles("f32")) == pointwise(8, 64, 40).macs


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
    assert found.counts["depthwise 3/1 4"] == pytest.approx(28 * 24 * 7 / 1e4)
    assert steps(FP32, layer, "f32", tiles("f32")) == layer.dense_macs


def test_memory_that_a_cache_keeps_costs_nothing_beyond_it() -> None:
    assert beyond(1000, 4000) == 0
    assert 0 < beyond(4000, 4000) < 1
    assert beyond(16000, 4000) == 1
