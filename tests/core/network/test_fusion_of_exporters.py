"""What exporters write around convolutions is folded into them, and what cannot be is left alone."""

from collections.abc import Sequence

import numpy as np
import pytest
from camclassify_core.network.fusion import fuse
from camclassify_core.network.graph import Graph

from ..sketch import Sketch
from .test_fusion import assert_same


def stem(sketch: Sketch, channels: int = 8) -> str:
    return sketch.activation(
        sketch.conv("image", channels, kernel=3, stride=2, pads=[1] * 4), "relu"
    )


def ops(graph: Graph) -> list[str]:
    return [node.op for node in graph.nodes]


def batch_norm(sketch: Sketch, source: str) -> str:
    sketch.graph.opset = 15  # the onnx package computes something else in older ones
    count = sketch.channels[source]
    uniform = sketch.random.uniform
    parameters = [
        uniform(0.5, 1.5, count), uniform(-1, 1, count),
        uniform(-1, 1, count), uniform(0.5, 1.5, count),
    ]  # fmt: skip
    names = [sketch.constant(each.astype(np.float32)) for each in parameters]
    return sketch.node("BatchNormalization", source, *names, epsilon=1e-3)


def test_a_batch_norm_behind_a_convolution_is_folded_into_it() -> None:
    sketch = Sketch((16, 16))
    value = batch_norm(sketch, sketch.conv(stem(sketch), 4))
    fused = assert_same(sketch.finish(value), sketch.picture())
    assert ops(fused) == ["Stem", "Pointwise", "Rearrange"]


def test_a_batch_norm_behind_something_else_stays() -> None:
    sketch = Sketch((16, 16))
    value = batch_norm(sketch, sketch.node("Softplus", stem(sketch)))
    fused = assert_same(sketch.finish(value), sketch.picture())
    assert "BatchNormalization" in ops(fused)


def test_a_batch_norm_beside_another_reader_stays() -> None:
    sketch = Sketch((16, 16))
    value = sketch.conv(stem(sketch), 4)
    fused = assert_same(sketch.finish(batch_norm(sketch, value), value), sketch.picture())
    assert "BatchNormalization" in ops(fused)


def padded(amounts: Sequence[int], *, value: float = 0, mode: str = "constant") -> Graph:
    sketch = Sketch((16, 16))
    inputs = [stem(sketch), sketch.constant(np.array(amounts, np.int64))]
    if mode == "constant":
        inputs.append(sketch.constant(np.array(value, np.float32)))
    wide = sketch.node("Pad", *inputs, mode=mode)
    return sketch.finish(sketch.depthwise(wide, 3, 2, [0] * 4))


def test_zeros_around_a_convolution_become_its_padding() -> None:
    graph = padded([0, 0, 1, 0, 0, 0, 1, 2])
    fused = assert_same(graph, Sketch((16, 16)).random.integers(0, 256, (1, 16, 16, 3), np.uint8))
    assert ops(fused) == ["Stem", "Depthwise", "Rearrange"]
    assert fused.nodes[1].attributes["pads"] == [1, 0, 1, 2]


@pytest.mark.parametrize(
    "graph",
    [
        padded([0, 0, 1, 1, 0, 0, 1, 1], value=1),
        padded([0, 0, 1, 1, 0, 0, 1, 1], mode="edge"),
        padded([0, 0, -1, 0, 0, 0, 0, 0]),
    ],
    ids=["ones", "edge", "less"],
)
def test_other_padding_stays(graph: Graph) -> None:
    assert "Pad" in ops(fuse(graph)[0])


def test_a_convolution_that_is_split_writes_the_parts_itself() -> None:
    sketch = Sketch((16, 16))
    wide = sketch.conv(stem(sketch), 10)
    sizes = sketch.constant(np.array([4, 6], np.int64))
    first, second = sketch.graph.fresh("part"), sketch.graph.fresh("other")
    sketch.node("Split", wide, sizes, axis=1)
    sketch.graph.nodes[-1].outputs = [first, second]
    sketch.channels |= {first: 4, second: 6}
    fused = assert_same(
        sketch.finish(sketch.conv(first, 3), sketch.conv(second, 3)), sketch.picture()
    )
    assert "Split" not in ops(fused)
    assert [4, 6] in [node.attributes.get("outputs") for node in fused.nodes]


def hard_swish(sketch: Sketch, source: str, how: str) -> str:
    """The ways in which exporters spell x * clip(x + 3, 0, 6) / 6."""
    numbers = {each: sketch.constant(np.array(each, np.float32)) for each in (0, 3, 6, 1 / 6)}
    match how:
        case "operator":
            return sketch.node("HardSwish", source)
        case "gate":
            gate = sketch.node("HardSigmoid", source, alpha=1 / 6, beta=0.5)
            return sketch.node("Mul", gate, source)
    gate = sketch.node("Clip", sketch.node("Add", source, numbers[3]), numbers[0], numbers[6])
    match how:
        case "divided gate":
            return sketch.node("Mul", source, sketch.node("Div", gate, numbers[6]))
        case "multiplied gate":
            return sketch.node("Mul", source, sketch.node("Mul", gate, numbers[1 / 6]))
        case _:
            return sketch.node("Div", sketch.node("Mul", source, gate), numbers[6])


@pytest.mark.parametrize(
    "how", ["operator", "gate", "divided gate", "multiplied gate", "divided product"]
)
def test_every_spelling_of_an_activation_is_known(how: str) -> None:
    sketch = Sketch((16, 16))
    sketch.graph.opset = max(sketch.graph.opset, 14)
    value = hard_swish(sketch, sketch.conv(stem(sketch), 4), how)
    fused = assert_same(sketch.finish(value), sketch.picture())
    assert ops(fused) == ["Stem", "Pointwise", "Rearrange"]
    assert fused.nodes[1].attributes["activation"] == "hard_swish"


def test_what_only_looks_like_an_activation_stays() -> None:
    """A sixth is a seventh here, and six is five."""
    for offset, most, divisor in ((3, 6, 7), (3, 5, 6), (2, 6, 6)):
        sketch = Sketch((16, 16))
        value = sketch.conv(stem(sketch), 4)
        constants = [
            sketch.constant(np.array(each, np.float32)) for each in (0, offset, most, divisor)
        ]
        gate = sketch.node(
            "Clip", sketch.node("Add", value, constants[1]), constants[0], constants[2]
        )
        product = sketch.node("Mul", value, sketch.node("Div", gate, constants[3]))
        fused = assert_same(sketch.finish(product), sketch.picture())
        assert "Elementwise" in ops(fused)


def test_what_depends_on_constants_alone_is_computed_once() -> None:
    sketch = Sketch((16, 16))
    scale = sketch.constant(np.array(2, np.float32))
    weight = sketch.constant(sketch.random.standard_normal((4, 8, 1, 1), np.float32))
    doubled = sketch.node("Mul", weight, scale, channels=4)
    value = sketch.node("Identity", stem(sketch))
    value = sketch.node("Conv", value, doubled, channels=4, kernel_shape=[1, 1])
    fused = assert_same(sketch.finish(value), sketch.picture())
    assert ops(fused) == ["Stem", "Pointwise", "Rearrange"]
    assert fuse(sketch.graph)[1].fused["Pointwise"] == 1
