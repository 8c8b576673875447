"""A layer is the operators that ONNX Runtime makes of it."""

from camclassify_core.options import Precision
from camclassify_core.planner.layers import Kind, Layer
from camclassify_core.planner.plain_work import PlainWork

from .profiles import CACHES

BLOCK = Layer(
    kind=Kind.INVERTED,
    source=-1,
    size=28,
    channels=32,
    inner=96,
    filters=32,
    kernel=3,
    residual=True,
)


def groups(precision: Precision) -> list[str]:
    return [work.group for work in PlainWork("avx2", precision, CACHES).of_layer(BLOCK)]


def test_fp32_adds_a_residual_within_the_last_convolution() -> None:
    assert groups(Precision.FP32) == ["dense", "depthwise", "dense"]
    counts = PlainWork("avx2", Precision.FP32, CACHES).of_layer(BLOCK)[2].counts
    assert counts["added"] == 28 * 28 * 32 / 1e6


def test_int8_adds_a_residual_in_an_operator_of_its_own() -> None:
    assert groups(Precision.INT8) == ["dense", "depthwise", "dense", "addition"]


def test_every_multiply_add_of_a_dense_convolution_is_counted_once() -> None:
    dense = PlainWork("avx2", Precision.FP32, CACHES).of_layer(BLOCK)[0].counts
    blocks = sum(dense.get(f"products of {size}", 0) * size for size in (1, 2, 3, 4))
    assert round(blocks * 1e6) * 8 == 28 * 28 * 32 * 96
