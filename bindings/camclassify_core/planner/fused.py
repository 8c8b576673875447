"""Writes a network's layers as fused ops (docs/ops.md)."""

import numpy as np

from camclassify_core.network.graph import CAMCLASSIFY, Array, Attribute, Graph, Node, ValueType
from camclassify_core.options import Precision

from .layers import Kind, Layer, Network

_OPS = {
    Kind.STEM: "Stem",
    Kind.POINTWISE: "Pointwise",
    Kind.INVERTED: "Block",
    Kind.SEPARABLE: "Block",
    Kind.HEAD: "PooledHead",
}


class FusedWriter:
    """Fills a graph whose input is declared; weights are random."""

    def __init__(self, graph: Graph, random: np.random.Generator, precision: Precision) -> None:
        self._graph = graph
        self._random = random
        self._int8 = precision is Precision.INT8

    def write(self, network: Network) -> None:
        """Adds every layer; heads become the graph's outputs."""
        values: list[str] = []
        for index, layer in enumerate(network.layers):
            source = values[layer.source] if layer.source >= 0 else self._graph.inputs[0]
            values.append(self._layer(layer, index, source))

    def _layer(self, layer: Layer, index: int, source: str) -> str:
        name = output_name(index)
        constants: list[str] = []
        for part, shape in enumerate(_weight_shapes(layer)):
            constants += self._convolution(f"{name}_{part}", shape)
        outputs = [name]
        if layer.kind is Kind.HEAD:
            outputs = [f"{name}_features", name]
            self._declare(outputs[0], np.float32, (1, layer.channels))
            self._declare(name, np.float32, (1, layer.filters))
            self._graph.outputs.append(name)
        else:
            kind = np.uint8 if self._int8 else np.float32
            self._declare(name, kind, (1, layer.output_size, layer.output_size, layer.filters))
        self._graph.nodes.append(
            Node(
                _OPS[layer.kind],
                [source, *constants],
                outputs,
                self._attributes(layer),
                CAMCLASSIFY,
                name,
            )
        )
        return name

    def _attributes(self, layer: Layer) -> dict[str, Attribute]:
        clip = "relu" if self._int8 else "relu6"
        attributes: dict[str, Attribute] = {}
        if layer.kind is Kind.HEAD:
            if self._int8:
                attributes = {"feature_multiplier": 0.05, "pooled_multiplier": 1.0}
            return attributes
        attributes["activation"] = "none" if layer.kind is Kind.INVERTED else clip
        if layer.kind is Kind.POINTWISE:
            return attributes
        attributes |= {"stride": layer.stride, "pads": _same_pads(layer)}
        if layer.kind is Kind.STEM:
            return attributes | {"pad_value": 127}
        attributes |= {
            "expand": int(layer.kind is Kind.INVERTED),
            "expand_activation": clip,
            "depthwise_activation": clip,
            "residual": "before" if layer.residual else "none",
        }
        if self._int8:
            attributes |= {"expand_type": "u8", "depthwise_type": "u8"}
            if layer.residual:
                attributes["residual_multiplier"] = 1.0
        return attributes

    def _convolution(self, name: str, shape: tuple[int, ...]) -> list[str]:
        filters = shape[0]
        terms = int(np.prod(shape[1:]))
        if self._int8:
            content: dict[str, Array] = {
                # As the quantiser limits them, so that pairs of products fit in i16.
                "weights": self._random.integers(-64, 65, shape, dtype=np.int8),
                "bias": self._random.integers(-1000, 1000, filters, dtype=np.int32),
                "multiplier": np.full(filters, 0.02 / np.sqrt(terms), np.float32),
            }
        else:
            scale = np.sqrt(2 / terms)
            content = {
                "weights": (self._random.standard_normal(shape) * scale).astype(np.float32),
                "bias": self._random.standard_normal(filters).astype(np.float32) * 0.1,
            }
        return [self._graph.add_constant(f"{name}_{key}", it) for key, it in content.items()]

    def _declare(self, name: str, kind: type[np.generic], shape: tuple[int, ...]) -> None:
        self._graph.types[name] = ValueType(np.dtype(kind), shape)


def output_name(index: int) -> str:
    """The name of what a network's layer makes."""
    return f"layer{index}"


def _weight_shapes(layer: Layer) -> list[tuple[int, ...]]:
    """Of the layer's convolutions, in the order of the op's constants."""
    kernel = (layer.kernel, layer.kernel)
    match layer.kind:
        case Kind.STEM:
            return [(layer.filters, layer.channels, *kernel)]
        case Kind.INVERTED:
            return [
                (layer.inner, layer.channels),
                (layer.inner, *kernel),
                (layer.filters, layer.inner),
            ]
        case Kind.SEPARABLE:
            return [(layer.inner, *kernel), (layer.filters, layer.inner)]
        case Kind.POINTWISE | Kind.HEAD:
            return [(layer.filters, layer.channels)]


def _same_pads(layer: Layer) -> list[int]:
    """TF "SAME": top, left, bottom, right; the odd one at the end."""
    total = max(0, (layer.output_size - 1) * layer.stride + layer.kernel - layer.size)
    return [total // 2, total // 2, total - total // 2, total - total // 2]
