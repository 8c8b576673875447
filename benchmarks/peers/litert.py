"""LiteRT (TensorFlow Lite) with XNNPACK, fp32."""

from collections.abc import Sequence
from pathlib import Path

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter
from camclassify_core.bench.contestant import Contestant, Feed, Outputs
from camclassify_core.network import onnx_file

from .lowering import Convolution, Shape, Value, Weights, lower

_VERSION = 3
_ACTIVATIONS = {
    "relu": schema.ActivationFunctionType.RELU,
    "relu6": schema.ActivationFunctionType.RELU6,
}


def open_network(file: Path, feed: Feed, threads: int, precision: str) -> Contestant:
    """Converts an ONNX network whose ops all have a fused form, and opens it."""
    network = onnx_file.read(file)
    layers = LiteRtLayers()
    picture = lower(network, layers, feed)
    interpreter = Interpreter(model_content=layers.to_bytes(), num_threads=threads)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], picture)
    indices = {detail["name"]: detail["index"] for detail in interpreter.get_output_details()}

    def outputs() -> Outputs:
        return {name: interpreter.get_tensor(index) for name, index in indices.items()}

    return Contestant("LiteRT", precision, interpreter.invoke, outputs)


class LiteRtLayers:
    """Layers as operators of a TFLite model; a value's handle is its tensor's number."""

    def __init__(self) -> None:
        self._graph = schema.SubGraphT()
        self._graph.tensors, self._graph.operators = [], []
        self._graph.inputs, self._graph.outputs = [], []
        self._buffers = [schema.BufferT()]
        self._codes: list[int] = []

    def to_bytes(self) -> bytes:
        """The model file."""
        model = schema.ModelT()
        model.version, model.buffers, model.subgraphs = _VERSION, self._buffers, [self._graph]
        model.operatorCodes = [_operator_code(code) for code in self._codes]
        builder = flatbuffers.Builder(1 << 20)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())

    def input(self, shape: Shape) -> Value:
        """The picture."""
        value = self._value(shape)
        self._graph.inputs.append(int(value.handle))
        return value

    def convolve(self, value: Value, convolution: Convolution, activation: str) -> Value:
        """A convolution without padding of its own: TFLite's is not symmetric at stride 2."""
        padding = _same_padding(value.shape, convolution)
        if not padding:
            value = self._pad(value, convolution.pads)
            convolution = Convolution(
                convolution.weights,
                convolution.bias,
                convolution.stride,
                depthwise=convolution.depthwise,
            )
        if convolution.depthwise:
            options = schema.DepthwiseConv2DOptionsT()
            options.depthMultiplier = 1
            kind, weights = "DEPTHWISE_CONV_2D", convolution.weights.transpose(1, 2, 3, 0)
        else:
            options = schema.Conv2DOptionsT()
            kind, weights = "CONV_2D", convolution.weights.transpose(0, 2, 3, 1)
        options.padding = schema.Padding.SAME if padding else schema.Padding.VALID
        options.strideW = options.strideH = convolution.stride
        options.dilationWFactor = options.dilationHFactor = 1
        options.fusedActivationFunction = _ACTIVATIONS.get(activation, 0)
        constants = [self._constant(weights), self._constant(convolution.bias)]
        shape = convolution.output_shape(value.shape)
        result = self._operator(kind, [value, *constants], shape, options)
        if activation not in ("silu", "sigmoid"):
            return result
        gate = self._operator("LOGISTIC", [result], shape)
        if activation == "sigmoid":
            return gate
        return self._operator("MUL", [result, gate], shape, schema.MulOptionsT())

    def add(self, value: Value, other: Value) -> Value:
        """The sum."""
        return self._operator("ADD", [value, other], value.shape, schema.AddOptionsT())

    def concatenate(self, values: Sequence[Value]) -> Value:
        """Along the channels."""
        height, width, _ = values[0].shape
        channels = sum(value.shape[2] for value in values)
        return self._concatenation(values, (height, width, channels), 3)

    def upsample(self, value: Value) -> Value:
        """Nearest."""
        height, width, channels = value.shape
        size = self._constant(np.array([2 * height, 2 * width], np.int32))
        shape = (2 * height, 2 * width, channels)
        options = schema.ResizeNearestNeighborOptionsT()
        return self._operator("RESIZE_NEAREST_NEIGHBOR", [value, size], shape, options)

    def max_pool(self, value: Value, window: int) -> Value:
        """Maxima."""
        options = schema.Pool2DOptionsT()
        options.padding = schema.Padding.SAME
        options.strideW = options.strideH = 1
        options.filterWidth = options.filterHeight = window
        return self._operator("MAX_POOL_2D", [value], value.shape, options)

    def mean(self, value: Value) -> Value:
        """Over height and width."""
        options = schema.ReducerOptionsT()
        options.keepDims = True
        axes = self._constant(np.array([1, 2], np.int32))
        return self._operator("MEAN", [value, axes], (1, 1, value.shape[2]), options)

    def flatten(self, values: Sequence[Value], name: str) -> None:
        """Each level as rows of channels, one level after the other."""
        channels = values[0].shape[2]
        rows = [
            self._reshape(value, (1, value.shape[0] * value.shape[1], channels)) for value in values
        ]
        pixels = sum(row.shape[1] for row in rows)
        if len(rows) > 1:
            rows = [self._concatenation(rows, (1, pixels, channels), 2)]
        shape = (1, channels) if pixels == 1 else (1, pixels, channels)
        result = self._reshape(rows[0], (1, pixels, channels), shape)
        self._graph.tensors[int(result.handle)].name = name
        self._graph.outputs.append(int(result.handle))

    def _pad(self, value: Value, pads: tuple[int, int, int, int]) -> Value:
        if not any(pads):
            return value
        top, left, bottom, right = pads
        height, width, channels = value.shape
        sizes = np.array([[0, 0], [top, bottom], [left, right], [0, 0]], np.int32)
        shape = (height + top + bottom, width + left + right, channels)
        return self._operator("PAD", [value, self._constant(sizes)], shape, schema.PadOptionsT())

    def _reshape(self, value: Value, shape: Shape, dimensions: Sequence[int] = ()) -> Value:
        options = schema.ReshapeOptionsT()
        options.newShape = list(dimensions or (1, *shape))
        sizes = self._constant(np.array(options.newShape, np.int32))
        result = self._operator("RESHAPE", [value, sizes], shape, options)
        self._graph.tensors[int(result.handle)].shape = options.newShape
        return result

    def _concatenation(self, values: Sequence[Value], shape: Shape, axis: int) -> Value:
        options = schema.ConcatenationOptionsT()
        options.axis = axis
        return self._operator("CONCATENATION", values, shape, options)

    def _operator(
        self, kind: str, sources: Sequence[Value], shape: Shape, options: object = None
    ) -> Value:
        code = getattr(schema.BuiltinOperator, kind)
        if code not in self._codes:
            self._codes.append(code)
        result = self._value(shape)
        operator = schema.OperatorT()
        operator.opcodeIndex = self._codes.index(code)
        operator.inputs = [int(value.handle) for value in sources]
        operator.outputs = [int(result.handle)]
        if options is not None:
            name = type(options).__name__.removesuffix("T")
            operator.builtinOptionsType = getattr(schema.BuiltinOptions, name)
            operator.builtinOptions = options
        self._graph.operators.append(operator)
        return result

    def _value(self, shape: Shape) -> Value:
        return self._tensor([1, *shape], schema.TensorType.FLOAT32, 0, shape)

    def _constant(
        self, content: Weights | np.ndarray[tuple[int, ...], np.dtype[np.int32]]
    ) -> Value:
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(np.ascontiguousarray(content).tobytes(), np.uint8)
        self._buffers.append(buffer)
        floats = content.dtype == np.float32
        kind = schema.TensorType.FLOAT32 if floats else schema.TensorType.INT32
        return self._tensor(list(content.shape), kind, len(self._buffers) - 1, (0, 0, 0))

    def _tensor(self, dimensions: list[int], kind: int, buffer: int, shape: Shape) -> Value:
        tensor = schema.TensorT()
        number = len(self._graph.tensors)
        tensor.shape, tensor.type, tensor.buffer = dimensions, kind, buffer
        tensor.name = f"tensor{number}"
        self._graph.tensors.append(tensor)
        return Value(str(number), shape)


def _same_padding(shape: Shape, convolution: Convolution) -> bool:
    """Whether TFLite's SAME, which puts the odd row and column last, is just these pads."""
    kernel, stride = convolution.weights.shape[2], convolution.stride
    totals = [max((-(-size // stride) - 1) * stride + kernel - size, 0) for size in shape[:2]]
    first = [total // 2 for total in totals]
    last = [total - half for total, half in zip(totals, first, strict=True)]
    return list(convolution.pads) == first + last


def _operator_code(code: int) -> schema.OperatorCodeT:
    entry = schema.OperatorCodeT()
    entry.builtinCode = code
    entry.deprecatedBuiltinCode = min(code, 127)
    entry.version = 1
    return entry
