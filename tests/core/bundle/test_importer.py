"""Models of every known layout become bundles whose boxes the engine decodes to the model's."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from camclassify_core import Engine, EngineOptions, Precision, Request, Runner
from camclassify_core.bundle.importing import ImportOptions, import_model
from camclassify_core.bundle.inspection import inspect
from camclassify_core.bundle.manifest import Manifest
from camclassify_core.errors import BundleError
from camclassify_core.network import onnx_file, onnx_writer
from camclassify_core.network.graph import Graph
from camclassify_core.onnxruntime_package import onnxruntime
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ..conftest import PHOTOGRAPHS
from ..sketch import Sketch, settle_outputs

SIZE = (32, 64)  # height, width


def silent(_step: str, _share: float) -> None:
    """No progress."""


@pytest.fixture
def names(tmp_path: Path) -> Path:
    path = tmp_path / "names.txt"
    path.write_text("Person\nDelivery Truck\n")
    return path


def model(sketch: Sketch, *outputs: str) -> Graph:
    """As somebody's exporter leaves it: f32 NCHW in."""
    graph = sketch.graph
    graph.outputs = list(outputs)
    graph.types |= dict.fromkeys(outputs, graph.types["image"])
    settle_outputs(graph)
    return graph


def imported(graph: Graph, tmp_path: Path, options: ImportOptions) -> tuple[Manifest, str]:
    """Imports a model; returns the manifest and the layout that was recognised."""
    onnx_writer.write(graph, tmp_path / "model.onnx")
    report = import_model(tmp_path / "model.onnx", tmp_path / "bundle", options, progress=silent)
    inspect(tmp_path / "bundle")
    return Manifest.read(tmp_path / "bundle"), report.layout


def decoded(manifest: Manifest, directory: Path) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Boxes (x0 y0 x1 y1 in pixels) and scores of a grey picture, as docs/bundle.md says."""
    scene = manifest.scenes[0]
    session = onnxruntime.InferenceSession(str(directory / scene.files[0].path))
    picture = np.full((1, scene.input.height, scene.input.width, 3), 100, np.uint8)
    boxes, objectness, scores = session.run(["boxes", "objectness", "scores"], {"picture": picture})
    cells = [
        (x, y, stride)
        for stride in scene.strides
        for y in range(scene.input.height // stride)
        for x in range(scene.input.width // stride)
    ]
    assert boxes.shape[1] == len(cells)
    x, y, stride = np.array(cells, np.float64).T
    codes = boxes[0].astype(np.float64)
    centre = np.stack([(codes[:, 0] + x) * stride, (codes[:, 1] + y) * stride], 1)
    half = np.exp(codes[:, 2:]) * stride[:, None] / 2
    return np.hstack([centre - half, centre + half]), (objectness * scores)[0]


def constant_detector(boxes: list[list[float]], scores: list[list[float]]) -> Graph:
    """Answers the same to every picture, but depends on it, so that nothing is folded away."""
    sketch = Sketch(SIZE)
    mean = sketch.node("ReduceMean", "image", keepdims=0)
    nothing = sketch.node("Mul", mean, sketch.constant(np.array(0, np.float32)))
    outputs = [
        sketch.node("Add", sketch.constant(np.array([each], np.float32)), nothing, channels=1)
        for each in (boxes, scores)
    ]
    return model(sketch, *outputs)


@pytest.mark.parametrize("order", ["xyxy", "yxyx", "cxcywh"])
@pytest.mark.parametrize("pixels", [True, False])
def test_boxes_in_every_order_and_unit(
    order: str, pixels: bool, names: Path, tmp_path: Path
) -> None:
    scale = 1.0 if pixels else 1 / np.array([64, 32, 64, 32])
    first, second = np.array([8, 4, 24, 12]) * scale, np.array([0, 16, 64, 32]) * scale
    columns = {"xyxy": [0, 1, 2, 3], "yxyx": [1, 0, 3, 2], "cxcywh": [0, 1, 2, 3]}[order]
    rows = [first, second]
    if order == "cxcywh":
        rows = [np.concatenate([(r[:2] + r[2:]) / 2, r[2:] - r[:2]]) for r in rows]
    graph = constant_detector([r[columns].tolist() for r in rows], [[0.9, 0.1], [0.2, 0.8]])
    options = ImportOptions(classes=names, boxes=order)  # type: ignore[arg-type]
    manifest, layout = imported(graph, tmp_path, options)
    boxes, scores = decoded(manifest, tmp_path / "bundle")
    assert layout == "boxes and scores"
    np.testing.assert_allclose(boxes[:2], [[8, 4, 24, 12], [0, 16, 64, 32]], atol=1e-3)
    np.testing.assert_allclose(scores[:2], [[0.9, 0.1], [0.2, 0.8]], atol=1e-6)
    assert not scores[2:].any()
    assert [each.name for each in manifest.classes] == ["person", "delivery_truck"]


def test_a_model_may_use_the_names_of_a_scene_network(names: Path, tmp_path: Path) -> None:
    graph = constant_detector([[8, 4, 24, 12]], [[0.9, 0.1]])
    taken = ("picture", "boxes", "scores")
    new = dict(zip([*graph.inputs, *graph.outputs], taken, strict=True))
    graph.rename(lambda name: new.get(name, name))
    manifest, _ = imported(graph, tmp_path, ImportOptions(classes=names))
    boxes, scores = decoded(manifest, tmp_path / "bundle")
    np.testing.assert_allclose(boxes[:1], [[8, 4, 24, 12]], atol=1e-3)
    np.testing.assert_allclose(scores[:1], [[0.9, 0.1]], atol=1e-6)


def test_background_column_is_dropped_after_a_softmax(names: Path, tmp_path: Path) -> None:
    graph = constant_detector([[8, 4, 24, 12]], [[0, 3, -3]])
    manifest, _ = imported(graph, tmp_path, ImportOptions(classes=names))
    _, scores = decoded(manifest, tmp_path / "bundle")
    expected = np.exp([0, 3, -3]) / np.exp([0, 3, -3]).sum()
    np.testing.assert_allclose(scores[0], expected[1:], atol=1e-5)


def test_classifier_sees_the_whole_picture(names: Path, tmp_path: Path) -> None:
    sketch = Sketch(SIZE)
    value = sketch.activation(sketch.conv("image", 8, kernel=3, stride=2, pads=[1] * 4), "relu")
    pooled = sketch.node("Flatten", sketch.node("GlobalAveragePool", value), axis=1)
    weight = sketch.constant(sketch.random.standard_normal((8, 2), np.float32))
    graph = model(sketch, sketch.node("MatMul", pooled, weight))
    manifest, layout = imported(graph, tmp_path, ImportOptions(classes=names))
    boxes, scores = decoded(manifest, tmp_path / "bundle")
    assert layout == "classifier"
    np.testing.assert_allclose(boxes[0], [0, 0, 64, 32], atol=1e-3)
    assert scores[0].sum() == pytest.approx(1, abs=1e-5)


def test_yolov8_rows_are_transposed(names: Path, tmp_path: Path) -> None:
    sketch = Sketch(SIZE)
    rows = np.array([[[16, 30], [8, 20], [16, 10], [8, 4], [0.9, 0.1], [0.2, 0.7]]], np.float32)
    nothing = sketch.node("Mul", sketch.node("ReduceMean", "image", keepdims=0),
                          sketch.constant(np.array(0, np.float32)))  # fmt: skip
    graph = model(sketch, sketch.node("Add", sketch.constant(rows), nothing, channels=1))
    manifest, layout = imported(graph, tmp_path, ImportOptions(classes=names))
    boxes, scores = decoded(manifest, tmp_path / "bundle")
    assert layout == "YOLOv8"
    np.testing.assert_allclose(boxes[:2], [[8, 4, 24, 12], [25, 18, 35, 22]], atol=1e-3)
    np.testing.assert_allclose(scores[:2], [[0.9, 0.2], [0.1, 0.7]], atol=1e-6)


def test_open_input_size_is_asked_for(names: Path, tmp_path: Path) -> None:
    sketch = Sketch(SIZE)
    value = sketch.conv("image", 2, kernel=3, stride=2, pads=[1] * 4)
    graph = model(sketch, sketch.node("Flatten", sketch.node("GlobalAveragePool", value), axis=1))
    proto = onnx_file.to_model(graph)
    for dimension in proto.graph.input[0].type.tensor_type.shape.dim[2:]:
        dimension.dim_param = "side"
    (tmp_path / "open.onnx").write_bytes(proto.SerializeToString())
    with pytest.raises(BundleError, match="give width and height"):
        import_model(
            tmp_path / "open.onnx", tmp_path / "new", ImportOptions(classes=names), progress=silent
        )
    options = ImportOptions(classes=names, width=48, height=40)
    import_model(tmp_path / "open.onnx", tmp_path / "bundle", options, progress=silent)
    assert Manifest.read(tmp_path / "bundle").scenes[0].input.width == 48


def test_unknown_outputs_are_named(names: Path, tmp_path: Path) -> None:
    graph = constant_detector([[8, 4, 24, 12]], [[0.1, 0.2, 0.3, 0.4, 0.5]])
    with pytest.raises(BundleError, match=r"1x1x5.*Check the list of class names"):
        imported(graph, tmp_path, ImportOptions(classes=names))


def test_missing_and_empty_class_names_are_refused(tmp_path: Path) -> None:
    graph = constant_detector([[8, 4, 24, 12]], [[0.1, 0.2]])
    with pytest.raises(BundleError, match="cannot be read"):
        imported(graph, tmp_path, ImportOptions(classes=tmp_path / "none.txt"))
    (tmp_path / "empty.txt").write_text("\n\n")
    with pytest.raises(BundleError, match="one per line"):
        imported(graph, tmp_path, ImportOptions(classes=tmp_path / "empty.txt"))


def test_input_that_is_no_picture_is_refused(names: Path, tmp_path: Path) -> None:
    value = onnx.helper.make_tensor_value_info
    body = onnx.helper.make_graph(
        [onnx.helper.make_node("Relu", ["x"], ["y"])],
        "numbers",
        [value("x", onnx.TensorProto.FLOAT, [1, 7])],
        [value("y", onnx.TensorProto.FLOAT, [1, 7])],
    )
    opset = [onnx.helper.make_opsetid("", 13)]
    proto = onnx.helper.make_model(body, opset_imports=opset, ir_version=8)
    (tmp_path / "model.onnx").write_bytes(proto.SerializeToString())
    with pytest.raises(BundleError, match="one input"):
        import_model(
            tmp_path / "model.onnx",
            tmp_path / "bundle",
            ImportOptions(classes=names),
            progress=silent,
        )


def test_nothing_that_exists_is_overwritten(names: Path, tmp_path: Path) -> None:
    graph = constant_detector([[8, 4, 24, 12]], [[0.1, 0.2]])
    imported(graph, tmp_path, ImportOptions(classes=names))
    before = (tmp_path / "bundle" / "bundle.json").read_bytes()
    with pytest.raises(BundleError, match="not empty"):
        imported(graph, tmp_path, ImportOptions(classes=names, threshold=0.1))
    assert (tmp_path / "bundle" / "bundle.json").read_bytes() == before


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda proto: _keep_weights_elsewhere(proto.graph.initializer[0]), "another file"),
        (lambda proto: _keep_weights_elsewhere(_constant(proto)), "another file"),
        (lambda proto: _branch(proto), "without control flow"),
        (lambda proto: _depend_on_the_picture(proto), "depends on the picture"),
    ],
)
def test_what_cannot_be_imported_is_told_with_its_remedy(
    spoil: Callable[[onnx.ModelProto], None], why: str, names: Path, tmp_path: Path
) -> None:
    proto = onnx_file.to_model(constant_detector([[8, 4, 24, 12]], [[0.1, 0.2]]))
    spoil(proto)
    (tmp_path / "model.onnx").write_bytes(proto.SerializeToString())
    with pytest.raises(BundleError, match=why):
        import_model(
            tmp_path / "model.onnx", tmp_path / "new", ImportOptions(classes=names), progress=silent
        )
    assert not (tmp_path / "new").exists()


def _keep_weights_elsewhere(tensor: onnx.TensorProto) -> None:
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../weights.bin")


def _constant(proto: onnx.ModelProto) -> onnx.TensorProto:
    node = proto.graph.node.add(op_type="Constant", output=["unused"])
    attribute = node.attribute.add(name="value", type=onnx.AttributeProto.TENSOR)
    attribute.t.CopyFrom(onnx.numpy_helper.from_array(np.zeros(1, np.float32)))
    return attribute.t


def _branch(proto: onnx.ModelProto) -> None:
    value = onnx.helper.make_tensor_value_info("one", onnx.TensorProto.FLOAT, [1])
    constant = onnx.helper.make_node(
        "Constant", [], ["one"], value=onnx.numpy_helper.from_array(np.ones(1, np.float32))
    )
    branch = onnx.helper.make_graph([constant], "branch", [], [value])
    proto.graph.initializer.append(onnx.numpy_helper.from_array(np.array(True), "which"))
    proto.graph.node.append(
        onnx.helper.make_node("If", ["which"], ["either"], then_branch=branch, else_branch=branch)
    )


def _depend_on_the_picture(proto: onnx.ModelProto) -> None:
    proto.graph.node.append(onnx.helper.make_node("NonZero", [proto.graph.output[0].name], ["n"]))
    proto.graph.output.append(
        onnx.helper.make_tensor_value_info("n", onnx.TensorProto.INT64, [3, "found"])
    )


def test_the_standard_operators_may_be_named_in_full(names: Path, tmp_path: Path) -> None:
    proto = onnx_file.to_model(constant_detector([[8, 4, 24, 12]], [[0.1, 0.2]]))
    proto.opset_import[0].domain = "ai.onnx"
    for node in proto.graph.node:
        node.domain = "ai.onnx"
    (tmp_path / "model.onnx").write_bytes(proto.SerializeToString())
    import_model(
        tmp_path / "model.onnx", tmp_path / "bundle", ImportOptions(classes=names), progress=silent
    )
    assert inspect(tmp_path / "bundle").manifest.scenes


@settings(max_examples=100, deadline=None)
@given(content=st.binary(max_size=300))
def test_any_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(BundleError):
        onnx_file.read(content)


def test_a_residual_network_runs_in_int8_without_onnx_runtime(tmp_path: Path, names: Path) -> None:
    """Dense convolutions, a pool and a softmax, which no runner but ours is needed for."""
    sketch = Sketch((64, 64))
    value = sketch.activation(sketch.conv("image", 16, kernel=7, stride=2, pads=[3] * 4), "relu")
    value = sketch.node("MaxPool", value, kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    inner = sketch.activation(sketch.conv(value, 16, kernel=3, pads=[1] * 4), "relu")
    inner = sketch.conv(inner, 16, kernel=3, pads=[1] * 4)
    value = sketch.activation(sketch.node("Add", inner, value), "relu")
    pooled = sketch.node("Flatten", sketch.node("GlobalAveragePool", value), axis=1)
    weights = sketch.constant(sketch.random.standard_normal((2, 16), np.float32))
    logits = sketch.node(
        "Gemm", pooled, weights, sketch.constant(np.zeros(2, np.float32)), transB=1, channels=2
    )
    options = ImportOptions(classes=names, fit="stretch", photographs=PHOTOGRAPHS)
    manifest, layout = imported(model(sketch, logits), tmp_path, options)
    assert layout == "classifier"
    assert {(file.precision, file.fused) for file in manifest.scenes[0].files} == {
        ("fp32", False), ("fp32", True), ("int8", True),
    }  # fmt: skip
    snapshot = (PHOTOGRAPHS / "dog.jpg").read_bytes()
    scores = []
    for precision in (Precision.FP32, Precision.INT8):
        engine = Engine(
            EngineOptions(bundle=tmp_path / "bundle", runner=Runner.DIRECT, precision=precision)
        )
        found = engine.classify(snapshot, Request(min_score=0.0)).detections
        scores.append({each.name: each.score for each in found})
    assert scores[0].keys() <= {"person", "delivery_truck"}
    for name, score in scores[0].items():
        assert scores[1][name] == pytest.approx(score, abs=0.1)
