"""A network in plain layers, as engines that read no ONNX are given it, computes what it did before."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from camclassify_core.network import onnx_file
from camclassify_core.network.graph import Graph, ValueType

from benchmarks.peers.lowering import Convolution, Shape, Value, lower
from tests.core.sketch import F32, Sketch, onnxruntime_outputs, settle_outputs
from tests.core.whole_bundle import WHOLE_BUNDLE


@dataclass
class OnnxLayers:
    """Plain layers as standard operators: an engine of which it is known how it computes."""

    sketch: Sketch = field(default_factory=lambda: Sketch((1, 1)))
    outputs: dict[str, str] = field(default_factory=dict)

    def input(self, shape: Shape) -> Value:
        height, width, channels = shape
        self.sketch.graph.types["image"] = ValueType(F32, (1, channels, height, width))
        return Value("image", shape)

    def convolve(self, value: Value, convolution: Convolution, activation: str) -> Value:
        weights = convolution.weights
        result = self.sketch.node(
            "Conv",
            value.handle,
            self.sketch.constant(weights),
            self.sketch.constant(convolution.bias.astype(np.float32)),
            kernel_shape=list(weights.shape[2:]),
            strides=[convolution.stride] * 2,
            pads=list(convolution.pads),
            group=len(weights) if convolution.depthwise else 1,
        )
        if activation == "sigmoid":
            result = self.sketch.node("Sigmoid", result)
        else:
            result = self.sketch.activation(result, activation)
        return Value(result, convolution.output_shape(value.shape))

    def add(self, value: Value, other: Value) -> Value:
        return Value(self.sketch.node("Add", value.handle, other.handle), value.shape)

    def concatenate(self, values: Sequence[Value]) -> Value:
        height, width, _ = values[0].shape
        result = self.sketch.node("Concat", *(each.handle for each in values), axis=1)
        return Value(result, (height, width, sum(each.shape[2] for each in values)))

    def upsample(self, value: Value) -> Value:
        height, width, channels = value.shape
        return Value(self.sketch.upsample(value.handle), (2 * height, 2 * width, channels))

    def max_pool(self, value: Value, window: int) -> Value:
        pads = [window // 2] * 4
        kernel = [window, window]
        result = self.sketch.node("MaxPool", value.handle, kernel_shape=kernel, pads=pads)
        return Value(result, value.shape)

    def mean(self, value: Value) -> Value:
        return Value(self.sketch.node("GlobalAveragePool", value.handle), (1, 1, value.shape[2]))

    def flatten(self, values: Sequence[Value], name: str) -> None:
        parts = []
        for value in values:
            height, width, channels = value.shape
            last = self.sketch.node("Transpose", value.handle, perm=[0, 2, 3, 1])
            pixels = height * width
            shape = [1, channels] if pixels == len(values) == 1 else [1, pixels, channels]
            wanted = self.sketch.constant(np.array(shape, np.int64))
            parts.append(self.sketch.node("Reshape", last, wanted))
        whole = parts[0] if len(parts) == 1 else self.sketch.node("Concat", *parts, axis=1)
        self.outputs[name] = whole

    def graph(self) -> Graph:
        graph = self.sketch.graph
        graph.outputs = list(self.outputs.values())
        graph.types |= dict.fromkeys(graph.outputs, ValueType(F32, (0,)))
        settle_outputs(graph)
        return graph


def assert_computes_the_same(network: Graph, tolerance: float) -> None:
    """Compare a network with itself in plain layers, on noise."""
    name = network.inputs[0]
    shape = network.types[name].shape
    picture = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    expected = onnxruntime_outputs(network, picture)
    layers = OnnxLayers()
    fed = lower(network, layers, {name: picture})
    found = onnxruntime_outputs(layers.graph(), fed.transpose(0, 3, 1, 2))
    assert set(layers.outputs) == set(expected)
    for output, value in expected.items():
        np.testing.assert_allclose(
            found[layers.outputs[output]], value, rtol=tolerance, atol=tolerance
        )


@pytest.mark.parametrize("file", ["scene.onnx", "object.onnx"])
def test_the_networks_of_the_bundle_compute_the_same(file: str) -> None:
    assert_computes_the_same(onnx_file.read(WHOLE_BUNDLE / file), 2e-3)


def test_what_pads_a_picture_is_no_black() -> None:
    """The mean is subtracted from the picture, not from its margin."""
    sketch = Sketch((8, 8))
    value = sketch.conv("image", 8, kernel=3, stride=2, pads=(1, 1, 1, 1))
    value = sketch.activation(value, "relu")
    pooled = sketch.node("Flatten", sketch.node("GlobalAveragePool", value), axis=1)
    assert_computes_the_same(sketch.finish(pooled), 1e-4)


def test_a_residual_is_added() -> None:
    sketch = Sketch((8, 8))
    stem = sketch.activation(
        sketch.conv("image", 8, kernel=3, stride=2, pads=(1, 1, 1, 1)), "relu6"
    )
    inner = sketch.activation(sketch.conv(stem, 16), "relu6")
    value = sketch.activation(sketch.depthwise(inner, 3, 1, (1, 1, 1, 1)), "relu6")
    value = sketch.node("Add", sketch.conv(value, 8), stem)
    pooled = sketch.node("Flatten", sketch.node("GlobalAveragePool", value), axis=1)
    assert_computes_the_same(sketch.finish(pooled), 1e-4)
