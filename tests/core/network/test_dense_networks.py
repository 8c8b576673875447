"""Networks of dense convolutions and pools: fused as a whole, close to fp32 in int8, the core's bytes too."""

import numpy as np
import pytest
from camclassify_core.errors import BundleError
from camclassify_core.native import core
from camclassify_core.network import onnx_writer, reference
from camclassify_core.network.fusion import fuse
from camclassify_core.network.graph import Array, Graph
from camclassify_core.network.int8 import to_int8
from camclassify_core.network.quantisation import calibrate, compare, quantise
from hypothesis import given, settings
from hypothesis import strategies as st

from ..sketch import Sketch
from .test_fusion import assert_same
from .test_quantisation import silent


def pool(sketch: Sketch, source: str, op: str, kernel: int, **others: object) -> str:
    attributes: dict[str, object] = {"kernel_shape": [kernel, kernel], **others}
    return sketch.node(op, source, channels=None, **attributes)


def residual_network(activation: str, *, groups: int = 1) -> tuple[Graph, Sketch]:
    """A small ResNet: wide stem, max-pool, basic blocks of which one strides, classifier."""
    sketch = Sketch((48, 48))
    value = sketch.conv("image", 16, kernel=7, stride=2, pads=[3] * 4)
    value = sketch.activation(value, activation)
    value = pool(sketch, value, "MaxPool", 3, strides=[2, 2], pads=[1] * 4)
    for channels, stride in ((16, 1), (32, 2)):
        inner = sketch.conv(value, channels, kernel=3, stride=stride, pads=[1] * 4, group=groups)
        inner = sketch.activation(inner, activation)
        inner = sketch.conv(inner, channels, kernel=3, pads=[1] * 4, group=groups)
        other = value if stride == 1 else sketch.conv(value, channels, stride=stride)
        value = sketch.activation(sketch.node("Add", inner, other), "relu")
    pooled = sketch.node("Flatten", sketch.node("GlobalAveragePool", value), axis=1)
    return sketch.finish(pooled), sketch


def core_outputs(graph: Graph, picture: Array) -> list[Array]:
    """What the direct runner makes of it."""
    network = core.Network(onnx_writer.to_bytes(graph), runner="direct", threads=1)
    np.copyto(network.input(0), picture)
    network.run()
    return [np.array(network.output(index)) for index in range(len(graph.outputs))]


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_random_dense_backbones(data: st.DataObject) -> None:
    """Any kernel, stride, padding and number of groups, with pools between."""
    sketch = Sketch((data.draw(st.integers(24, 40)), data.draw(st.integers(24, 40))))
    value = sketch.conv("image", 8, kernel=3, stride=2, pads=[1] * 4)
    for _ in range(data.draw(st.integers(1, 3))):
        groups = data.draw(st.sampled_from([1, 1, 2, 4]))
        kernel = data.draw(st.integers(1, 4))
        pads = [data.draw(st.integers(0, kernel - 1)) for _ in range(4)]
        value = sketch.conv(
            value,
            4 * data.draw(st.integers(1, 5)),
            kernel=kernel,
            stride=data.draw(st.integers(1, 2)),
            pads=pads,
            group=groups,
        )
        value = sketch.activation(value, data.draw(st.sampled_from(["none", "relu", "silu"])))
        if data.draw(st.booleans()):
            value = pool(
                sketch,
                value,
                data.draw(st.sampled_from(["MaxPool", "AveragePool"])),
                2,
                strides=[1, 1],
                pads=[0, data.draw(st.integers(0, 1)), 1, 1],
            )
    graph = sketch.finish(value)
    assert_same(graph, sketch.picture())
    left = fuse(graph)[1].standard.keys()
    assert left <= {"Transpose"}


@pytest.mark.parametrize(
    ("op", "others"),
    [
        ("MaxPool", {"ceil_mode": 1}),
        ("AveragePool", {"count_include_pad": 1, "pads": [1, 1, 1, 1]}),
        ("AveragePool", {"pads": [1, 1, 1, 1]}),
    ],
)
def test_pools_that_round_up_or_count_their_padding(op: str, others: dict[str, object]) -> None:
    sketch = Sketch((34, 34))
    value = sketch.conv("image", 8, kernel=3, stride=2, pads=[1] * 4)
    value = pool(sketch, value, op, 3, strides=[2, 2], **others)
    fused = assert_same(sketch.finish(sketch.conv(value, 5)), sketch.picture())
    assert [node.op for node in fused.nodes][:3] == ["Stem", "Pooling", "Pointwise"]


def test_a_dilated_convolution_and_one_with_two_strides_stay() -> None:
    for attributes in ({"dilations": [2, 2]}, {"strides": [2, 1]}):
        sketch = Sketch((32, 32))
        value = sketch.conv("image", 8, kernel=3, stride=2, pads=[1] * 4)
        value = sketch.conv(value, 8, kernel=3, pads=[1] * 4)
        sketch.graph.nodes[-1].attributes |= attributes
        assert "Conv" in fuse(sketch.finish(value))[1].standard


@pytest.mark.parametrize("groups", [1, 4])
@pytest.mark.parametrize("activation", ["relu", "relu6", "silu"])
def test_int8_stays_close_to_fp32_and_the_core_gives_its_bytes(
    activation: str, groups: int
) -> None:
    graph, sketch = residual_network(activation, groups=groups)
    fused, report = fuse(graph, blocks=False)
    assert report.complete
    pictures = [sketch.picture() for _ in range(3)]
    plan = calibrate(fused, pictures, silent)
    costs = compare(fused, quantise(fused, plan), plan, pictures)
    assert min(cost.signal_to_noise_db for cost in costs) > 22
    int8 = to_int8(graph, plan)
    expected = reference.run(int8, {"picture": pictures[0]})
    for name, values in zip(int8.outputs, core_outputs(int8, pictures[0]), strict=True):
        np.testing.assert_array_equal(values, expected[name])


def grid_detector() -> tuple[Graph, Sketch]:
    """The end of a detector whose boxes are expectations over bins: softmax, arithmetic, sigmoid."""
    sketch = Sketch((64, 64))
    value = sketch.conv("image", 16, kernel=3, stride=2, pads=[1] * 4)
    value = sketch.activation(value, "silu")
    levels = []
    for size in (16, 8):
        value = sketch.conv(value, 24, kernel=3, stride=2, pads=[1] * 4)
        value = sketch.activation(value, "silu")
        both = sketch.node(
            "Concat", sketch.conv(value, 32), sketch.conv(value, 5), channels=37, axis=1
        )
        shape = sketch.constant(np.array([1, 37, size**2], np.int64))
        levels.append(sketch.node("Reshape", both, shape))
    rows = sketch.node("Concat", *levels, axis=2)
    parts = sketch.constant(np.array([32, 5], np.int64))
    bins, logits = sketch.graph.fresh("bins"), sketch.graph.fresh("logits")
    sketch.node("Split", rows, parts, axis=1)
    sketch.graph.nodes[-1].outputs = [bins, logits]
    sketch.channels |= {bins: 32, logits: 5}
    folded = sketch.node("Reshape", bins, sketch.constant(np.array([1, 4, 8, 320], np.int64)))
    turned = sketch.node("Transpose", folded, channels=8, perm=[0, 2, 1, 3])
    shares = sketch.node("Softmax", turned, axis=1)
    weights = sketch.constant(np.arange(8, dtype=np.float32).reshape(1, 8, 1, 1))
    sides = sketch.node("Conv", shares, weights, channels=1, kernel_shape=[1, 1])
    sides = sketch.node("Reshape", sides, sketch.constant(np.array([1, 4, 320], np.int64)))
    near = _slice(sketch, sides, 0, 2)
    cells = sketch.constant(sketch.random.random((1, 2, 320), np.float32))
    corners = sketch.node("Sub", cells, near, channels=2)
    steps = sketch.constant(np.full((1, 320), 8, np.float32))
    boxes = sketch.node("Mul", sketch.node("Concat", corners, near, axis=1), steps)
    scores = sketch.node("Sigmoid", logits)
    return sketch.finish(boxes, scores), sketch


def _slice(sketch: Sketch, source: str, start: int, end: int) -> str:
    numbers = [sketch.constant(np.array([each], np.int64)) for each in (start, end, 1)]
    return sketch.node("Slice", source, *numbers)


def test_a_detectors_arithmetic_behind_its_convolutions_is_fused_too() -> None:
    graph, sketch = grid_detector()
    picture = sketch.picture()
    fused = assert_same(graph, picture)
    assert fuse(graph)[1].complete
    expected = reference.run(fused, {"picture": picture})
    for name, values in zip(fused.outputs, core_outputs(fused, picture), strict=True):
        np.testing.assert_allclose(values, expected[name], rtol=1e-4, atol=1e-4)


def test_what_is_behind_the_convolutions_stays_fp32_in_int8() -> None:
    graph, sketch = grid_detector()
    fused, _ = fuse(graph, blocks=False)
    pictures = [sketch.picture() for _ in range(3)]
    plan = calibrate(fused, pictures, silent)
    int8 = quantise(fused, plan)
    costs = compare(fused, int8, plan, pictures)
    assert min(cost.signal_to_noise_db for cost in costs) > 20
    kinds = {int8.types[name].dtype for node in int8.nodes[-4:] for name in node.outputs}
    assert kinds == {np.dtype(np.float32)}
    expected = reference.run(int8, {"picture": pictures[0]})
    for name, values in zip(int8.outputs, core_outputs(int8, pictures[0]), strict=True):
        np.testing.assert_allclose(values, expected[name], rtol=1e-4, atol=1e-4)


def test_arithmetic_between_int8_convolutions_is_refused() -> None:
    sketch = Sketch((32, 32))
    value = sketch.activation(sketch.conv("image", 8, kernel=3, stride=2, pads=[1] * 4), "relu")
    gate = sketch.node("Sigmoid", sketch.conv(value, 8))
    graph = sketch.finish(sketch.conv(sketch.node("Mul", value, gate), 4))
    fused = assert_same(graph, sketch.picture())
    assert "Elementwise" in {node.op for node in fused.nodes}
    with pytest.raises(BundleError, match="only the end is arithmetic"):
        calibrate(fuse(graph, blocks=False)[0], [sketch.picture()], silent)


def test_one_operator_that_is_not_known_leaves_the_others_to_onnx_runtime() -> None:
    sketch = Sketch((32, 32))
    value = sketch.conv("image", 8, kernel=3, stride=2, pads=[1] * 4)
    value = sketch.node("Mul", value, sketch.constant(np.array(2, np.float32)))
    graph = sketch.finish(sketch.node("Softplus", value))
    assert fuse(graph)[1].standard.keys() >= {"Mul", "Softplus"}


@pytest.mark.parametrize(
    ("op", "attributes"),
    [
        ("Relu", {}),
        ("LeakyRelu", {"alpha": 0.1}),
        ("HardSigmoid", {}),
        ("GlobalAveragePool", {}),
    ],
)
def test_what_stands_alone_is_fused_as_well(op: str, attributes: dict[str, float]) -> None:
    """Squeeze and excitation, and activations that no convolution takes."""
    sketch = Sketch((24, 24))
    value = sketch.conv("image", 8, kernel=3, stride=2, pads=[1] * 4)
    value = sketch.node("MaxPool", value, kernel_shape=[2, 2], strides=[2, 2])
    more: dict[str, object] = dict(attributes)
    gate = sketch.node(op, value, channels=None, **more)
    graph = sketch.finish(sketch.node("Mul", value, sketch.conv(gate, 8)))
    fused = assert_same(graph, sketch.picture())
    assert fuse(graph)[1].complete
    for values in core_outputs(fused, sketch.picture()):
        assert np.isfinite(values).all()
