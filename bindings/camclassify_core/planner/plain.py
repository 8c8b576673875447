"""Writes a network's layers as plain ONNX operators: for ONNX Runtime without our ops, and to be fused."""

import numpy as np

from camclassify_core.network.graph import Array, Attribute, Graph, Node, ValueType

from .layers import Kind, Layer, Network

PICTURE = "picture"


class PlainWriter:
    """Writes a graph: u8 NHWC picture in, fp32 NCHW inside, random weights, every shape known."""

    def __init__(self, seed: int = 0) -> None:
        self._graph = Graph([PICTURE], [], [], {}, {})
        self._random = np.random.default_rng(seed)
        self._serial = 0
        self._prefix = PICTURE

    def write(self, network: Network) -> Graph:
        """A graph of every layer; heads are its outputs, by `output_name`."""
        size = network.resolution
        self._graph.types[PICTURE] = ValueType(np.dtype(np.uint8), (1, size, size, 3))
        picture = self._node("Cast", [PICTURE], (size, size, 3), {"to": 1})
        turned = self._node("Transpose", [picture], (3, size, size), {"perm": [0, 3, 1, 2]})
        first = self._quantise(turned)
        values: list[str] = []
        for index, layer in enumerate(network.layers):
            self._prefix = output_name(index)
            values.append(self._layer(layer, values[layer.source] if layer.source >= 0 else first))
        return self._graph

    def _layer(self, layer: Layer, source: str) -> str:
        match layer.kind:
            case Kind.STEM | Kind.POINTWISE:
                return self._dense(source, layer.filters, layer, clip=True)
            case Kind.SEPARABLE:
                value = self._depthwise(source, layer)
                return self._dense(value, layer.filters, None, clip=True)
            case Kind.INVERTED:
                value = self._dense(source, layer.inner, None, clip=True)
                value = self._depthwise(value, layer)
                value = self._dense(value, layer.filters, None, clip=False)
                if layer.residual:
                    operands = [self._read(source), self._read(value)]
                    value = self._quantise(self._node("Add", operands, self._shape(source)))
                return value
            case Kind.HEAD:
                return self._head(source, layer)

    def _dense(self, source: str, filters: int, window: Layer | None, *, clip: bool) -> str:
        kernel = window.kernel if window else 1
        attributes: dict[str, Attribute] = _geometry(window) if window else {"kernel_shape": [1, 1]}
        channels, size, _ = self._shape(source)
        written = window.output_size if window else size
        weights = (filters, channels, kernel, kernel)
        return self._convolution(source, weights, written, attributes, clip=clip)

    def _depthwise(self, source: str, layer: Layer) -> str:
        weights = (layer.inner, 1, layer.kernel, layer.kernel)
        attributes = _geometry(layer) | {"group": layer.inner}
        return self._convolution(source, weights, layer.output_size, attributes, clip=True)

    def _convolution(
        self,
        source: str,
        shape: tuple[int, ...],
        size: int,
        attributes: dict[str, Attribute],
        *,
        clip: bool,
    ) -> str:
        weights, bias = self._weights(shape)
        operands = [self._read(source), weights, bias]
        value = self._node("Conv", operands, (shape[0], size, size), attributes)
        if clip:
            value = self._clip(value)
        return self._quantise(value)

    def _head(self, source: str, layer: Layer) -> str:
        pooled = self._node("GlobalAveragePool", [self._read(source)], (layer.channels, 1, 1))
        read = self._read(self._quantise(pooled))
        flat = self._node("Flatten", [read], (layer.channels,), {"axis": 1})
        weights, bias = self._weights((layer.filters, layer.channels))
        value = self._node("Gemm", [flat, weights, bias], (layer.filters,), {"transB": 1})
        self._graph.nodes[-1].outputs = [self._prefix]
        self._graph.types[self._prefix] = self._graph.types.pop(value)
        self._graph.outputs.append(self._prefix)
        return self._prefix

    def _clip(self, value: str) -> str:
        limits = [self._constant(np.float32(0)), self._constant(np.float32(6))]
        return self._node("Clip", [value, *limits], self._shape(value))

    def _weights(self, shape: tuple[int, ...]) -> tuple[str, str]:
        scale = np.sqrt(2 / np.prod(shape[1:]))
        weights = (self._random.standard_normal(shape) * scale).astype(np.float32)
        bias = self._random.standard_normal(shape[0]).astype(np.float32) * 0.1
        return self._constant(weights), self._constant(bias.astype(np.float32))

    def _quantise(self, value: str) -> str:
        """What a layer's result is stored as."""
        return value

    def _read(self, value: str) -> str:
        """What a layer computes with."""
        return value

    def _constant(self, content: Array | np.generic) -> str:
        self._serial += 1
        return self._graph.add_constant(f"constant{self._serial}", np.asarray(content))

    def _shape(self, value: str) -> tuple[int, ...]:
        """Without the batch."""
        return self._graph.types[value].shape[1:]

    def _node(
        self,
        op: str,
        inputs: list[str],
        shape: tuple[int, ...],
        attributes: dict[str, Attribute] | None = None,
    ) -> str:
        self._serial += 1
        output = f"{self._prefix}/{self._serial}"
        self._graph.nodes.append(Node(op, inputs, [output], attributes or {}, name=output))
        self._graph.types[output] = ValueType(np.dtype(np.float32), (1, *shape))
        return output


class WeightlessWriter(PlainWriter):
    """The same with weights of zero that take no memory: for what only shapes decide."""

    def _weights(self, shape: tuple[int, ...]) -> tuple[str, str]:
        zero = np.float32(0)
        return (
            self._constant(np.broadcast_to(zero, shape)),
            self._constant(np.broadcast_to(zero, shape[:1])),
        )


class QuantisedWriter(PlainWriter):
    """The same as QDQ: u8 activations, s8 per-channel weights, as ONNX Runtime wants its int8."""

    def _quantise(self, value: str) -> str:
        operands = [value, *self._activation_scale()]
        return self._node("QuantizeLinear", operands, self._shape(value))

    def _read(self, value: str) -> str:
        operands = [value, *self._activation_scale()]
        return self._node("DequantizeLinear", operands, self._shape(value))

    def _clip(self, value: str) -> str:
        return self._node("Relu", [value], self._shape(value))

    def _weights(self, shape: tuple[int, ...]) -> tuple[str, str]:
        scales = np.full(shape[0], np.sqrt(2 / np.prod(shape[1:])) / 64, np.float32)
        weights = self._random.integers(-127, 128, shape, dtype=np.int8)
        bias = self._random.integers(-1000, 1000, shape[0], dtype=np.int32)
        return self._dequantised(weights, scales), self._dequantised(
            bias, scales * np.float32(6 / 255)
        )

    def _dequantised(self, content: Array, scales: Array) -> str:
        zeros = np.zeros(len(content), content.dtype)
        inputs = [self._constant(content), self._constant(scales), self._constant(zeros)]
        return self._node("DequantizeLinear", inputs, content.shape, {"axis": 0})

    def _activation_scale(self) -> list[str]:
        return [self._constant(np.float32(6 / 255)), self._constant(np.uint8(0))]


def _geometry(layer: Layer) -> dict[str, Attribute]:
    return {
        "kernel_shape": [layer.kernel, layer.kernel],
        "strides": [layer.stride, layer.stride],
        "auto_pad": "SAME_UPPER",
    }


def output_name(index: int) -> str:
    """The name of a layer's output, if that is one of the network; its inner values begin with it."""
    return f"layer{index}"


def layer_index(value: str) -> int:
    """The layer that makes a value, whatever fusion appended to its name."""
    return int(value.removeprefix("layer").split("/")[0])
