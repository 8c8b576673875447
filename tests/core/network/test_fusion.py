"""Fused networks compute what the originals do."""

import numpy as np
import pytest
from camclassify_core.network import reference
from camclassify_core.network.fusion import fuse
from camclassify_core.network.graph import Graph
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ..sketch import Sketch, onnxruntime_outputs

ACTIVATIONS = ["none", "relu", "relu6", "silu", "hard_swish"]


def assert_same(graph: Graph, picture: NDArray[np.uint8]) -> Graph:
    """Fuses, compares, and returns the fused graph."""
    fused, _ = fuse(graph)
    expected, found = (
        onnxruntime_outputs(graph, picture),
        reference.run(fused, {"picture": picture}),
    )
    for name, values in expected.items():
        error = np.abs(found[name] - values) / np.maximum(1, np.abs(values))
        assert error.max() < 1e-3, name
    return fused


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_random_backbones(data: st.DataObject) -> None:
    """Inverted residuals, separable convolutions, bottlenecks of any width, size and padding."""
    size = data.draw(st.tuples(st.integers(9, 40), st.integers(9, 40)))
    sketch = Sketch(size, data.draw(st.integers(0, 99)))
    activation = data.draw(st.sampled_from(ACTIVATIONS))
    pads = data.draw(st.sampled_from([(1, 1, 1, 1), (0, 0, 1, 1)]))
    value = sketch.conv("image", data.draw(st.integers(3, 12)), kernel=3, stride=2, pads=pads)
    value = sketch.activation(value, activation)
    for _ in range(data.draw(st.integers(1, 3))):
        kernel = data.draw(st.sampled_from([3, 5]))
        stride = data.draw(st.sampled_from([1, 2]))
        wide = sketch.channels[value] * data.draw(st.sampled_from([1, 4]))
        narrow = data.draw(st.sampled_from([sketch.channels[value], 7]))
        inner = sketch.activation(sketch.conv(value, wide), activation)
        inner = sketch.depthwise(inner, kernel, stride, [kernel // 2] * 4)
        inner = sketch.conv(sketch.activation(inner, activation), narrow)
        if stride == 1 and narrow == sketch.channels[value]:
            inner = sketch.node("Add", inner, value)
        value = sketch.activation(inner, data.draw(st.sampled_from(ACTIVATIONS)))
    pooled = sketch.node("Flatten", sketch.node("GlobalAveragePool", value), axis=1)
    graph = sketch.finish(pooled, value)
    fused = assert_same(graph, sketch.picture())
    assert {node.op for node in fused.nodes} <= {
        "Stem", "Pointwise", "Depthwise", "Block", "PooledHead", "Rearrange", "Elementwise",
        *(("Transpose", "Relu", "Clip", "Sigmoid", "HardSigmoid", "Mul")),
    }  # fmt: skip


def test_residual_is_added_after_the_activation() -> None:
    sketch = Sketch((16, 16))
    trunk = sketch.activation(sketch.conv("image", 8, kernel=3, stride=2, pads=[1] * 4), "silu")
    branch = sketch.activation(sketch.conv(trunk, 8), "silu")
    graph = sketch.finish(sketch.node("Add", branch, trunk))
    fused = assert_same(graph, sketch.picture())
    assert [node.attributes.get("residual") for node in fused.nodes[:2]] == [None, "after"]


def test_pointwise_reads_what_was_upsampled_and_concatenated() -> None:
    sketch = Sketch((32, 32))
    fine = sketch.conv("image", 8, kernel=3, stride=2, pads=[1] * 4)
    coarse = sketch.depthwise(fine, 3, 2, [1] * 4)
    joined = sketch.node("Concat", sketch.upsample(coarse), fine, channels=16, axis=1)
    fused = assert_same(sketch.finish(sketch.conv(joined, 5)), sketch.picture())
    assert fused.nodes[2].attributes["upsample"] == [2, 1]


@pytest.mark.parametrize("sizes", [(5, 9, 13), (5, 5, 5)])
def test_spatial_pyramids_of_both_shapes(sizes: tuple[int, ...]) -> None:
    sketch = Sketch((40, 40))
    value = sketch.conv("image", 4, kernel=3, stride=2, pads=[1] * 4)
    parts = [value]
    for size in sizes:
        source = value if sizes[1] != 5 else parts[-1]
        pads = [size // 2] * 4
        parts.append(
            sketch.node("MaxPool", source, kernel_shape=[size] * 2, pads=pads, strides=[1, 1])
        )
    joined = sketch.node("Concat", *parts, channels=16, axis=1)
    fused = assert_same(sketch.finish(sketch.conv(joined, 6)), sketch.picture())
    assert [node.op for node in fused.nodes][:3] == ["Stem", "SpatialPyramidPool", "Pointwise"]


def test_what_is_not_known_stays_between_transposes() -> None:
    sketch = Sketch((16, 16))
    value = sketch.activation(sketch.conv("image", 8, kernel=3, stride=2, pads=[1] * 4), "relu")
    value = sketch.conv(sketch.node("Softplus", value), 4)
    graph = sketch.finish(value)
    fused = assert_same(graph, sketch.picture())
    assert [node.op for node in fused.nodes] == [
        "Stem", "Transpose", "Softplus", "Transpose", "Pointwise", "Transpose",
    ]  # fmt: skip
    report = fuse(graph)[1]
    assert not report.complete
    assert "Softplus" in str(report)


def test_default_networks_are_fused_as_a_whole(
    scene_graph: Graph,
    object_graph: Graph,
    scene_picture: NDArray[np.uint8],
    object_picture: NDArray[np.uint8],
) -> None:
    for graph, picture in ((scene_graph, scene_picture), (object_graph, object_picture)):
        assert_same(graph, picture)
        assert fuse(graph)[1].complete
