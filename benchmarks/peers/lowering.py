"""A network for engines that read no ONNX: the fused ops of docs/ops.md as plain layers.

Batch is 1. `Layers` is implemented once per engine, in that engine's own file format.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Protocol

import numpy as np
from camclassify_core.bench.contestant import Feed
from camclassify_core.network.fusion import fuse
from camclassify_core.network.fusion.match import TAILS
from camclassify_core.network.graph import Graph, Node
from numpy.typing import NDArray

type Weights = NDArray[np.float32]
type Shape = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Value:
    """A blob: the engine's own number or name for it, and its height, width and channels."""

    handle: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class Convolution:
    """`weights`: outputs x inputs x k x k, inputs 1 if `depthwise`. `pads`: top, left, bottom, right."""

    weights: Weights
    bias: Weights
    stride: int = 1
    pads: tuple[int, int, int, int] = (0, 0, 0, 0)
    depthwise: bool = False

    def output_shape(self, shape: Shape) -> Shape:
        """Height, width and channels that come out."""
        top, left, bottom, right = self.pads
        outputs, _, kernel, _ = self.weights.shape
        height = (shape[0] + top + bottom - kernel) // self.stride + 1
        return height, (shape[1] + left + right - kernel) // self.stride + 1, outputs


class Layers(Protocol):
    """What an engine's file format can say."""

    def input(self, shape: Shape) -> Value:
        """The picture, `f32`."""

    def convolve(self, value: Value, convolution: Convolution, activation: str) -> Value:
        """Activations: none, relu, relu6, silu, sigmoid."""

    def add(self, value: Value, other: Value) -> Value:
        """The sum."""

    def concatenate(self, values: Sequence[Value]) -> Value:
        """One after the other along the channels."""

    def upsample(self, value: Value) -> Value:
        """Twice as high and wide, nearest."""

    def max_pool(self, value: Value, window: int) -> Value:
        """Maxima, stride 1, same size."""

    def mean(self, value: Value) -> Value:
        """Over height and width: 1 x 1 x channels."""

    def flatten(self, values: Sequence[Value], name: str) -> None:
        """An output: 1 x pixels of all values x channels, or 1 x channels if that is one pixel."""


def not_lowered(network: Graph) -> list[str]:
    """Operators that `lower` does not know."""
    fused, report = fuse(network, blocks=False)
    return sorted({*report.standard, *(node.op for node in fused.nodes if _is_beyond(node))})


def _is_beyond(node: Node) -> bool:
    added_before = node.text("residual", "none") == "before" and "activation" in node.attributes
    return node.op in ("Pooling", *TAILS) or node.integer("groups", 1) > 1 or added_before


def lower(network: Graph, layers: Layers, picture: Feed) -> Weights:
    """Writes a network into `layers`; returns what to feed it with: 1 x height x width x channels.

    The network has one `u8` picture for an input, and nothing that `not_lowered` finds.
    """
    fused, _ = fuse(network, blocks=False)
    _, height, width, channels = fused.types[fused.inputs[0]].shape
    values = {fused.inputs[0]: layers.input((height, width, channels))}
    shift = 0.0
    for node in fused.nodes:
        shift += float(node.integer("pad_value", 0))
        _Step(fused, node, values, layers).write()
    return picture[fused.inputs[0]].astype(np.float32) - np.float32(shift)


@dataclass(frozen=True, slots=True)
class _Step:
    graph: Graph
    node: Node
    values: dict[str, Value]
    layers: Layers

    def write(self) -> None:
        match self.node.op:
            case "Stem":
                weights, bias = self._constants(1)
                # The picture is fed minus the value that pads, so that padding is with zeros.
                bias = bias + self.node.integer("pad_value", 0) * weights.sum(axis=(1, 2, 3))
                self._convolve(Convolution(weights, bias, *self._window()))
            case "Depthwise":
                weights, bias = self._constants(1)
                self._convolve(Convolution(weights[:, None], bias, *self._window(), True))
            case "Convolution":
                weights, bias = self._constants(2 if "residual" in self.node.attributes else 1)
                self._convolve(Convolution(weights, bias, *self._window()))
                self._add_residual(self.node.inputs[1])
            case "Pointwise":
                self._pointwise()
            case "SpatialPyramidPool":
                value = self.values[self.node.inputs[0]]
                for output in self.node.outputs:
                    value = self.values[output] = self.layers.max_pool(value, 5)
            case "Predictor":
                self._predictor()
            case "PooledHead":
                self._pooled_head()
            case op:
                raise ValueError(f"the op {op} is not known")

    def _constants(self, first: int) -> tuple[Weights, Weights]:
        weights, bias = (
            self.graph.constants[name].astype(np.float32)
            for name in self.node.inputs[first : first + 2]
        )
        return weights, bias

    def _window(self) -> tuple[int, tuple[int, int, int, int]]:
        top, left, bottom, right = self.node.integers("pads", (0, 0, 0, 0))
        return self.node.integer("stride", 2 if self.node.op == "Stem" else 1), (
            top,
            left,
            bottom,
            right,
        )

    def _convolve(self, convolution: Convolution) -> None:
        self.values[self.node.outputs[0]] = self.layers.convolve(
            self.values[self.node.inputs[0]], convolution, self.node.text("activation", "none")
        )

    def _pointwise(self) -> None:
        upsample = self.node.integers("upsample", (1,))
        sources = [
            self.layers.upsample(self.values[name]) if factor == 2 else self.values[name]
            for name, factor in zip(self.node.inputs, upsample, strict=False)
        ]
        source = sources[0] if len(sources) == 1 else self.layers.concatenate(sources)
        residual = self.node.text("residual", "none")
        weights, bias = self._constants(len(sources) + (residual != "none"))
        activation = self.node.text("activation", "none")
        ends = accumulate(self.node.integers("outputs", (len(bias),)), initial=0)
        for name, (start, end) in zip(self.node.outputs, pairwise(ends), strict=True):
            part = Convolution(weights[start:end, :, None, None], bias[start:end])
            self.values[name] = self.layers.convolve(source, part, activation)
        self._add_residual(self.node.inputs[len(sources)])

    def _add_residual(self, other: str) -> None:
        if "residual" in self.node.attributes:
            name = self.node.outputs[0]
            self.values[name] = self.layers.add(self.values[name], self.values[other])

    def _predictor(self) -> None:
        levels = self.node.integer("levels", 1)
        ends = accumulate(self.node.integers("outputs"), initial=0)
        sigmoids = self.node.integers("sigmoid")
        for name, (start, end), sigmoid in zip(
            self.node.outputs, pairwise(ends), sigmoids, strict=True
        ):
            parts = []
            for level in range(levels):
                weights, bias = self._constants(levels + 2 * level)
                part = Convolution(weights[start:end, :, None, None], bias[start:end])
                source = self.values[self.node.inputs[level]]
                parts.append(self.layers.convolve(source, part, "sigmoid" if sigmoid else "none"))
            self.layers.flatten(parts, name)

    def _pooled_head(self) -> None:
        mean = self.layers.mean(self.values[self.node.inputs[0]])
        self.layers.flatten([mean], self.node.outputs[0])
        if len(self.node.outputs) > 1:
            weights, bias = self._constants(1)
            ends = accumulate(self.node.integers("outputs", (len(bias),)), initial=0)
            for name, (start, end) in zip(self.node.outputs[1:], pairwise(ends), strict=True):
                part = Convolution(weights[start:end, :, None, None], bias[start:end])
                self.layers.flatten([self.layers.convolve(mean, part, "none")], name)
