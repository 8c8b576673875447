"""Work is counted as the kernels do it."""

import pytest
from camclassify_core.options import Precision
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
    assert found.counts["depthwise 3/1 outputs"] == pytest.approx(28 * 24 * 28 / 1e4)
    assert found.counts["depthwise 3/1 tiles"] == pytest.approx(28 * 24 * 7 / 1e4)
    assert steps(FP32, layer, "f32", tiles("f32")) == layer.dense_macs


def test_memory_that_a_cache_keeps_costs_nothing_beyond_it() -> None:
    assert beyond(1000, 4000) == 0
    assert 0 < beyond(4000, 4000) < 1
    assert beyond(16000, 4000) == 1


@pytest.mark.parametrize(
    ("instruction_set", "outputs", "tiles"),
    [
        # i16, three vectors of 16: four at once, or one
        ("avx2", 10 * (3 * 10), 10 * (3 * (2 + 2))),
        # u8, planes of 16 and 16 and 8 channels: two, two and four pixels to a vector, two at once
        ("avxvnni", 10 * (2 * 5 + 3), 10 * (2 * 3 + 2)),
        # u8, planes of 32 and 16: two and four pixels, four at once
        ("vnni", 10 * (5 + 3), 10 * (2 + 3)),
    ],
)
def test_a_depthwise_convolution_of_u8_depends_on_what_the_instruction_set_has(
    instruction_set: str, outputs: int, tiles: int
) -> None:
    layer = Layer(
        kind=Kind.SEPARABLE, source=-1, size=10, channels=40, inner=40, filters=16, kernel=3
    )
    (found,) = KernelWork(instruction_set, Precision.INT8, CACHES).of(layer)
    assert found.counts["depthwise 3/1 outputs"] == pytest.approx(outputs / 1e4)
    assert found.counts["depthwise 3/1 tiles"] == pytest.approx(tiles / 1e4)


def test_bytes_go_straight_to_where_they_belong_from_the_widest_tiles() -> None:
    wide = KernelWork("vnni", Precision.INT8, CACHES)
    (whole,) = wide.of(pointwise(8, 64, 128))
    assert whole.counts.get("tile_copied", 0) == 0
    (mixed,) = wide.of(pointwise(8, 64, 128 + 16))
    assert mixed.counts["tile_copied"] == pytest.approx(64 / 1e5)
