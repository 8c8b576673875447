"""Writes a network's layers as plain ONNX operators, for ONNX Runtime without our ops."""

import numpy as np

from camclassify_core.network.graph import Array, Attribute, Graph, Node, ValueType

from .layers import Kind, Layer, Network


class PlainWriter:
    """Fills a graph whose input is declared: NCHW, fp32, random weights."""

    def __init__(self, graph: Graph, random: np.random.Generator) -> None:
        self._graph = graph
        self._random = random
        self._serial = 0
        self._prefix = "picture"

    def write(self, network: Network) -> None:
        """Adds every layer; heads become the graph's outputs."""
        picture = self._node("Cast", [self._graph.inputs[0]], {"to": 1})
        first = self._quantise(self._node("Transpose", [picture], {"perm": [0, 3, 1, 2]}))
        values: list[str] = []
        for index, layer in enumerate(network.layers):
            self._prefix = f"layer{index}"
            values.append(self._layer(layer, values[layer.source] if layer.source >= 0 else first))

    def _layer(self, layer: Layer, source: str) -> str:
        match layer.kind:
            case Kind.STEM | Kind.POINTWISE:
                return self._dense(source, layer.channels, layer.filters, layer, clip=True)
            case Kind.SEPARABLE:
                value = self._depthwise(source, layer)
                return self._dense(value, layer.inner, layer.filters, None, clip=True)
            case Kind.INVERTED:
                value = self._dense(source, layer.channels, layer.inner, None, clip=True)
                value = self._depthwise(value, layer)
                value = self._dense(value, layer.inner, layer.filters, None, clip=False)
                if layer.residual:
                    added = self._node("Add", [self._read(source), self._read(value)])
                    value = self._quantise(added)
                return value
            case Kind.HEAD:
                return self._head(source, layer)

    def _dense(
        self, source: str, channels: int, filters: int, spatial: Layer | None, *, clip: bool
    ) -> str:
        kernel = spatial.kernel if spatial else 1
        attributes: dict[str, Attribute] = (
            _geometry(spatial) if spatial else {"kernel_shape": [1, 1]}
        )
        shape = (filters, channels, kernel, kernel)
        return self._convolution(source, shape, attributes, clip=clip)

    def _depthwise(self, source: str, layer: Layer) -> str:
        shape = (layer.inner, 1, layer.kernel, layer.kernel)
        return self._convolution(
            source, shape, _geometry(layer) | {"group": layer.inner}, clip=True
        )

    def _convolution(
        self, source: str, shape: tuple[int, ...], attributes: dict[str, Attribute], *, clip: bool
    ) -> str:
        weights, bias = self._weights(shape)
        value = self._node("Conv", [self._read(source), weights, bias], attributes)
        if clip:
            value = self._clip(value)
        return self._quantise(value)

    def _head(self, source: str, layer: Layer) -> str:
        pooled = self._node("GlobalAveragePool", [self._read(source)])
        flat = self._node("Flatten", [self._read(self._quantise(pooled))], {"axis": 1})
        weights, bias = self._weights((layer.filters, layer.channels))
        value = self._node("Gemm", [flat, weights, bias], {"transB": 1})
        self._graph.outputs.append(value)
        self._graph.types[value] = ValueType(np.dtype(np.float32), (1, layer.filters))
        return value

    def _clip(self, value: str) -> str:
        return self._node(
            "Clip", [value, self._constant(np.float32(0)), self._constant(np.float32(6))]
        )

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

    def _node(
        self, op: str, inputs: list[str], attributes: dict[str, Attribute] | None = None
    ) -> str:
        self._serial += 1
        output = f"{self._prefix}/{self._serial}"
        self._graph.nodes.append(Node(op, inputs, [output], attributes or {}))
        return output


class QuantisedWriter(PlainWriter):
    """The same as QDQ: u8 activations, s8 per-channel weights, as ONNX Runtime wants its int8."""

    def _quantise(self, value: str) -> str:
        return self._node("QuantizeLinear", [value, *self._activation_scale()])

    def _read(self, value: str) -> str:
        return self._node("DequantizeLinear", [value, *self._activation_scale()])

    def _clip(self, value: str) -> str:
        return self._node("Relu", [value])

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
        return self._node("DequantizeLinear", inputs, {"axis": 0})

    def _activation_scale(self) -> list[str]:
        return [self._constant(np.float32(6 / 255)), self._constant(np.uint8(0))]


def _geometry(layer: Layer) -> dict[str, Attribute]:
    return {
        "kernel_shape": [layer.kernel, layer.kernel],
        "strides": [layer.stride, layer.stride],
        "auto_pad": "SAME_UPPER",
    }
