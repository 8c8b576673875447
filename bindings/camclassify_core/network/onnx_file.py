"""ONNX files to graphs; the only place that touches the untyped onnx package (onnx_writer.py writes them)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import helper, numpy_helper, shape_inference, version_converter
from onnx.reference import ReferenceEvaluator

from camclassify_core.errors import BundleError

from .graph import STANDARD, Array, Attribute, Graph, Node, ValueType
from .onnx_writer import to_bytes

# The oldest operator set that holds what we write: most engines read it.
OPSET = 13

_STANDARD_BY_NAME = "ai.onnx"  # means the same as no name


def read(source: Path | bytes) -> Graph:
    """Reads an ONNX file; shapes of standard operators are inferred.

    Raises BundleError for anything that is not an ONNX network.
    """
    label = str(source) if isinstance(source, Path) else "the model"
    with _refused(label):
        return from_model(shape_inference.infer_shapes(_parse(source), data_prop=True))


def read_open(path: Path, *, width: int | None, height: int | None) -> Graph:
    """Reads somebody's model: batch 1, operators of our set, and an input that may be open in size.

    Raises BundleError if it is not an ONNX network or its shapes stay unknown.
    """
    with _refused(str(path)):
        model = _parse(path)
        opset = max((each.version for each in model.opset_import if not each.domain), default=0)
        if opset < OPSET:
            model = version_converter.convert_version(model, OPSET)
        constants = {each.name for each in model.graph.initializer}
        pictures = [each for each in model.graph.input if each.name not in constants]
        for picture in pictures:
            _settle(picture.type.tensor_type.shape.dim, width, height)
        for value in (*model.graph.output, *model.graph.value_info):
            value.type.tensor_type.ClearField("shape")
        graph = from_model(shape_inference.infer_shapes(model, data_prop=True))
    if any(name not in graph.types for name in graph.inputs):
        raise BundleError(f"{path} leaves its input size open: give width and height")
    if open_ends := [name for name in graph.outputs if name not in graph.types]:
        raise BundleError(
            f"the shape of the output {open_ends[0]!r} of {path} depends on the picture: export it"
            " without non-maximum suppression, with the scores of all boxes"
        )
    return graph


def _settle(dimensions: Any, width: int | None, height: int | None) -> None:
    """Batch 1, and the size where the model leaves it open."""
    if len(dimensions) != 4:
        return
    dimensions[0].dim_value = 1
    rows, columns = (1, 2) if dimensions[3].dim_value == 3 else (2, 3)
    for axis, size in ((rows, height), (columns, width)):
        if size is not None and not dimensions[axis].dim_value:
            dimensions[axis].dim_value = size


def _parse(source: Path | bytes) -> onnx.ModelProto:
    content = source.read_bytes() if isinstance(source, Path) else source
    model = onnx.load_model_from_string(content)
    for tensor in _tensors(model.graph):
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            raise ValueError(
                f"the weights {tensor.name!r} are in another file; save it as one file, with"
                " onnx.save(onnx.load(NAME), NEW_NAME)"
            )
    named: list[onnx.OperatorSetIdProto | onnx.NodeProto] = [*model.opset_import, *model.graph.node]
    for each in named:
        if each.domain == _STANDARD_BY_NAME:
            each.domain = STANDARD
    onnx.checker.check_model(model)
    return model


def _tensors(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    """All weights, those in attributes and subgraphs included."""
    yield from graph.initializer
    for node in graph.node:
        for item in node.attribute:
            yield from (*item.tensors, item.t)
            for inner in (*item.graphs, item.g):
                yield from _tensors(inner)


@contextmanager
def _refused(label: str) -> Iterator[None]:
    """What the onnx package says of a bad file, as a BundleError."""
    try:
        yield
    except OSError as error:
        raise BundleError(f"{label} cannot be read: {error.strerror}") from error
    except (
        DecodeError,
        onnx.checker.ValidationError,
        shape_inference.InferenceError,
        version_converter.ConvertError,
        ValueError,
        TypeError,
        KeyError,
    ) as error:
        raise BundleError(f"{label} is not a valid ONNX network: {str(error).strip()}") from error


def from_model(model: onnx.ModelProto) -> Graph:
    """The graph of a model whose shapes have been inferred."""
    proto = model.graph
    constants = {each.name: numpy_helper.to_array(each) for each in proto.initializer}
    nodes: list[Node] = []
    for each in proto.node:
        attributes = {item.name: _attribute(item) for item in each.attribute}
        if each.op_type == "Constant" and "value" in attributes:
            constants[each.output[0]] = np.asarray(attributes["value"])
            continue
        outputs = list(each.output)
        nodes.append(
            Node(each.op_type, list(each.input), outputs, attributes, each.domain, each.name)
        )
    types = {
        value.name: known
        for value in (*proto.input, *proto.output, *proto.value_info)
        if (known := _value_type(value)) is not None
    }
    opset = next((each.version for each in model.opset_import if each.domain == STANDARD), 17)
    inputs = [value.name for value in proto.input if value.name not in constants]
    return Graph(inputs, [each.name for each in proto.output], nodes, constants, types, opset)


def to_model(graph: Graph) -> onnx.ModelProto:
    """The ONNX model of a graph; every input and output needs a type."""
    return onnx.load_model_from_string(to_bytes(graph))


def evaluate(graph: Graph) -> list[Array]:
    """The outputs of a graph of standard operators that has no inputs."""
    return list(ReferenceEvaluator(to_model(graph)).run(None, {}))


def infer_types(graph: Graph) -> None:
    """Fills in the types of all values from those of the inputs (standard operators only)."""
    kept = {name: graph.types[name] for name in (*graph.inputs, *graph.outputs)}
    inferred = shape_inference.infer_shapes(to_model(graph), strict_mode=True, data_prop=True)
    graph.types = from_model(inferred).types | kept


def _attribute(item: onnx.AttributeProto) -> Attribute:
    value: Any = helper.get_attribute_value(item)
    if isinstance(value, onnx.GraphProto):
        raise ValueError("it branches (If, Loop or Scan): export it without control flow")
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, onnx.TensorProto):
        return np.asarray(numpy_helper.to_array(value))
    if isinstance(value, int | float):
        return value
    return list(value)


def _value_type(value: onnx.ValueInfoProto) -> ValueType | None:
    tensor = value.type.tensor_type
    if not tensor.HasField("shape"):
        return None
    if not all(item.HasField("dim_value") for item in tensor.shape.dim):
        return None
    dtype = helper.tensor_dtype_to_np_dtype(tensor.elem_type)
    return ValueType(dtype, tuple(item.dim_value for item in tensor.shape.dim))
