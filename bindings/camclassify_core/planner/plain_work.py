"""What a layer is for plain ONNX Runtime: its operators, counted as MLAS, its kernel library, does them.

fp32 convolutions run on channels in blocks of a vector (NCHWc), up to four blocks of output channels and 128
input channels at a time (onnxruntime/core/mlas/lib/snchwc.cpp); a residual's addition is fused into the
convolution. int8 convolutions are products of u8 with s8, with the result requantised; a residual's
addition goes through fp32.
"""

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from camclassify_core.machine import Caches
from camclassify_core.options import Precision

from .layers import Kind, Layer, Network
from .work import Counts, Work, beyond

_INPUTS_AT_ONCE = 128
_BLOCKS_AT_ONCE = 4
_WIDE = ("avx512", "vnni")
_SMALLEST_PART = 250_000  # multiply-adds that are worth a thread of their own


class PlainWork:
    """Counts for one instruction set, precision and machine."""

    def __init__(self, instruction_set: str, precision: Precision, caches: Caches) -> None:
        self._block = 16 if instruction_set in _WIDE else 8
        self._int8 = precision is Precision.INT8
        self._bytes = 1 if self._int8 else 4
        self._caches = caches

    def of(self, network: Network) -> list[Work]:
        """The operators, layer by layer."""
        return [
            replace(work, layer=index)
            for index, layer in enumerate(network.layers)
            for work in self.of_layer(layer)
        ]

    def of_layer(self, layer: Layer) -> tuple[Work, ...]:
        """The operators of the first layer of a network, convolutions first, in their order."""
        pixels = layer.output_size**2
        match layer.kind:
            case Kind.STEM:
                return (self._stem(layer),)
            case Kind.POINTWISE:
                return (self._dense(pixels, layer.channels, layer.filters),)
            case Kind.SEPARABLE:
                return (
                    self._depthwise(layer),
                    self._dense(pixels, layer.inner, layer.filters),
                )
            case Kind.INVERTED:
                works: tuple[Work, ...] = (
                    self._dense(layer.size**2, layer.channels, layer.inner),
                    self._depthwise(layer),
                    self._dense(
                        pixels, layer.inner, layer.filters, added=layer.residual and not self._int8
                    ),
                )
                if layer.residual and self._int8:
                    works += (self._addition(pixels, layer.filters),)
                return works
            case Kind.HEAD:
                return (self._head(layer),)

    def parts(self, network: Network, threads: int) -> list[int]:
        """Into how many parts ONNX Runtime should split each: it does not tell."""
        return [
            min(threads, layer.output_size, max(1, layer.macs // _SMALLEST_PART))
            for layer in network.layers
            for _ in self.of_layer(layer)
        ]

    def _dense(self, pixels: int, depth: int, filters: int, *, added: bool = False) -> Work:
        counts = self._common(depth * filters, pixels * depth, pixels * filters)
        turns = self._products(counts, pixels, depth, filters)
        operand = pixels * depth * self._bytes
        counts["operand_far"] += turns * operand * beyond(operand, self._caches.first) / 1e7
        counts["operand_farther"] += turns * operand * beyond(operand, self._caches.second) / 1e7
        counts["partial"] += pixels * filters * (-(-depth // _INPUTS_AT_ONCE) - 1) / 1e6
        if added:
            counts["added"] += pixels * filters / 1e6
        if filters % self._block or depth % self._block:
            counts["uneven"] += pixels * depth * filters / 1e7
            counts["uneven_values"] += pixels * (depth + filters) / 1e6
        shape = (_doublings(pixels) / 2, _doublings(depth), _doublings(filters), 1.0 * added)
        return Work(layer=0, group="dense", counts=dict(counts), shape=shape)

    def _depthwise(self, layer: Layer) -> Work:
        pixels, area = layer.output_size**2, layer.kernel**2
        counts = self._common(area * layer.inner, layer.size**2 * layer.inner, pixels * layer.inner)
        blocks = -(-layer.inner // self._block)
        window = f"{layer.kernel}/{layer.stride}"
        counts[f"taps {window}"] += pixels * blocks * area / 1e5
        counts[f"outputs {window}"] += pixels * blocks / 1e5
        counts["rows"] += layer.output_size * blocks / 1e4
        counts["indirection"] += pixels * area / 1e5
        if layer.inner % (2 * self._block if self._int8 else self._block):
            counts["uneven"] += pixels * layer.inner * area / 1e6
        shape = (
            _doublings(layer.size),
            _doublings(layer.inner),
            2.0 * layer.stride,
            layer.kernel / 1.0,
        )
        return Work(layer=0, group="depthwise", counts=dict(counts), shape=shape)

    def _stem(self, layer: Layer) -> Work:
        pixels = layer.output_size**2
        depth = layer.channels * layer.kernel**2
        counts = self._common(depth * layer.filters, layer.values_read, pixels * layer.filters)
        self._products(counts, pixels, depth, layer.filters)
        counts["gathered"] += pixels * depth / 1e6
        shape = (_doublings(layer.size), _doublings(layer.filters))
        return Work(layer=0, group="stem", counts=dict(counts), shape=shape)

    def _addition(self, pixels: int, filters: int) -> Work:
        counts = self._common(0, 2 * pixels * filters, pixels * filters)
        values = 12 * pixels * filters  # three tensors of fp32
        counts["values_far"] += values * beyond(values, self._caches.first) / 1e6
        counts["values_farther"] += values * beyond(values, self._caches.second) / 1e6
        return Work(
            layer=0,
            group="addition",
            counts=dict(counts),
            shape=(_doublings(pixels) / 2, _doublings(filters)),
        )

    def _head(self, layer: Layer) -> Work:
        counts = self._common(layer.weights, layer.values_read, layer.filters)
        counts["pooled_channels"] += layer.channels / 1e3
        counts["logits"] += layer.filters / 1e3
        counts["products"] += layer.weights / 1e6
        shape = (_doublings(layer.size), _doublings(layer.channels), _doublings(layer.filters) / 2)
        return Work(layer=0, group="head", counts=dict(counts), shape=shape)

    def _common(self, weights: int, read: int, written: int) -> Counts:
        counts: Counts = defaultdict(float)
        counts["op"] += 1.0
        counts["weights"] += weights * self._bytes / 1e6
        counts["read"] += read / 1e6
        counts["written"] += written / 1e6
        for name, values in (("read", read), ("written", written)):
            size = values * self._bytes
            for level, cache in enumerate(_levels(self._caches)):
                counts[f"{name}_far {level}"] += values * beyond(size, cache) / 1e6
        return counts

    def _products(self, counts: Counts, pixels: int, depth: int, filters: int) -> int:
        """Adds a dense product; returns how often its operand is read again."""
        if self._int8:
            groups = -(-filters // (2 * self._block))
            counts["products"] += pixels * -(-depth // 4) * groups / 1e5
            counts["packed"] += pixels * depth / 1e6
            return groups - 1
        blocks = -(-filters // self._block)
        full, rest = divmod(blocks, _BLOCKS_AT_ONCE)
        for size, number in ((_BLOCKS_AT_ONCE, full), (rest, 1)):
            if size and number:
                counts[f"products of {size}"] += pixels * depth * number / 1e6
        return full + (rest > 0) - 1


def _levels(caches: Caches) -> Iterator[int]:
    """Sizes from the second cache to the last, whose share of this core others decide on, by fours."""
    size = caches.second
    while size <= caches.last:
        yield size
        size *= 4


def _doublings(value: int) -> float:
    return math.log2(value) / 2
