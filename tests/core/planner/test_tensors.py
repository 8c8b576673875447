"""Memory is what is alive at once."""

from dataclasses import replace

from camclassify_core.options import Precision
from camclassify_core.planner.designs import DesignRunner
from camclassify_core.planner.layers import Kind, Layer, Network
from camclassify_core.planner.tensors import activation_bytes

STEM = Layer(
    kind=Kind.STEM, source=-1, size=64, channels=3, inner=0, filters=16, kernel=3, stride=2
)
BLOCK = Layer(kind=Kind.INVERTED, source=0, size=32, channels=16, inner=64, filters=16, kernel=3)
PICTURE = 64 * 64 * 3


def network(*layers: Layer) -> Network:
    """With a head on the last layer."""
    last = layers[-1]
    head = Layer(
        kind=Kind.HEAD,
        source=len(layers) - 1,
        size=last.output_size,
        channels=last.filters,
        inner=0,
        filters=5,
    )
    return Network(name="a", resolution=layers[0].size, layers=(*layers, head))


def test_a_fused_block_keeps_only_its_input_and_output() -> None:
    found = activation_bytes(network(STEM, BLOCK), DesignRunner.DIRECT, Precision.FP32)
    assert found == PICTURE + 2 * 32 * 32 * 16 * 4


def test_a_layer_that_is_no_block_keeps_what_is_between_its_convolutions() -> None:
    narrow = replace(BLOCK, inner=32)
    found = activation_bytes(network(STEM, narrow), DesignRunner.DIRECT, Precision.FP32)
    assert found == PICTURE + 2 * 32 * 32 * 32 * 4


def test_a_tensor_that_a_later_layer_reads_stays() -> None:
    again = replace(BLOCK, source=1)
    tapped = Layer(kind=Kind.HEAD, source=0, size=32, channels=16, inner=0, filters=5)
    one = network(STEM, BLOCK, again)
    two = replace(one, layers=(*one.layers, tapped))
    alone = activation_bytes(one, DesignRunner.DIRECT, Precision.INT8)
    read_later = activation_bytes(two, DesignRunner.DIRECT, Precision.INT8)
    assert read_later - alone == 32 * 32 * 16


def test_onnx_runtime_keeps_more_than_the_direct_runner() -> None:
    large = network(replace(STEM, size=512), replace(BLOCK, size=256))
    fused = activation_bytes(large, DesignRunner.FUSED, Precision.FP32)
    assert fused > activation_bytes(large, DesignRunner.DIRECT, Precision.FP32)


def test_plain_operators_keep_what_is_between_them() -> None:
    fused = activation_bytes(network(STEM, BLOCK), DesignRunner.FUSED, Precision.FP32)
    plain = activation_bytes(network(STEM, BLOCK), DesignRunner.ONNXRUNTIME, Precision.FP32)
    assert plain - fused > 2 * 32 * 32 * 64 * 4


def test_an_int8_stem_gathers_and_adds_up_beside_what_it_writes() -> None:
    stem = activation_bytes(network(STEM), DesignRunner.ONNXRUNTIME, Precision.INT8)
    assert stem >= PICTURE + 32 * 32 * (27 + 4 * 16 + 16)


def test_the_direct_runners_large_arenas_are_whole_huge_pages() -> None:
    large = replace(STEM, size=512, filters=32)
    found = activation_bytes(network(large), DesignRunner.DIRECT, Precision.FP32)
    assert found % (2 << 20) == 0
