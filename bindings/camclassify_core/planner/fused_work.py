"""What a layer is for our own kernels: what its fused op says that it does, as a model of costs counts it.

The op is asked by shapes alone (core/include/camclassify/work.hpp); nothing is built or run.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from camclassify_core.native import core
from camclassify_core.options import Precision

from .layers import Kind, Layer
from .machine import Caches
from .work import Counts, Work, beyond, layer_shape

_OPS = {
    Kind.STEM: "Stem",
    Kind.POINTWISE: "Pointwise",
    Kind.INVERTED: "Block",
    Kind.SEPARABLE: "Block",
    Kind.HEAD: "PooledHead",
}


class FusedWork:
    """Counts for one instruction set, precision and machine."""

    def __init__(self, instruction_set: str, precision: Precision, caches: Caches) -> None:
        self._instruction_set = instruction_set
        self._precision = precision
        self._caches = caches

    def of(self, layer: Layer) -> tuple[Work, ...]:
        """One fused op, on one thread."""
        return (self.of_op(layer, self._ask(layer, 1)),)

    def parts(self, layer: Layer, threads: int) -> int:
        """Into how many parts it is split."""
        return self._ask(layer, threads).parts

    def of_op(self, layer: Layer, op: core.OpWork) -> Work:
        """What an op that carries out the layer says of itself."""
        counts: Counts = defaultdict(float)
        counts["op"] = 1.0
        counts["weights"] = op.weight_bytes / 1e6
        counts["read"] = op.read_bytes / 1e6
        counts["read_far"] = op.read_bytes * beyond(op.read_bytes, self._caches.second) / 1e6
        counts["written"] = op.written_bytes / 1e6
        counts["written_far"] = (
            op.written_bytes * beyond(op.written_bytes, self._caches.second) / 1e6
        )
        counts["rows"] = op.rows / 1e3
        counts["turns"] = op.turns / 1e3
        counts["padded"] = op.padded_bytes / 1e6
        counts["copied"] = op.copied_bytes / 1e6
        scratch_far = beyond(op.part_scratch_bytes, self._caches.first)
        counts["inside_far"] = op.inside_bytes * scratch_far / 1e6
        counts["residual"] = op.residual / 1e6
        counts["pooled"] = op.pooled / 1e6
        for product in op.products:
            _add_tiles(counts, product)
            if layer.kind is not Kind.STEM:  # whose weights are few, and whose pixels overlap
                self._add_memory(counts, product)
        if op.depthwise:
            self._add_depthwise(counts, op.depthwise)
        return Work(group=layer.kind, counts=dict(counts), shape=layer_shape(layer))

    def _add_memory(self, counts: Counts, product: core.ProductWork) -> None:
        """What products fetch from beyond the first cache, and what they copy."""
        times, operand, near = product.times, product.operand_bytes, self._caches.first
        every_weight = sum(block.count * block.weight_bytes for block in product.blocks)
        for block in product.blocks:
            often, weights = times * block.count, block.weight_bytes
            tile = weights + 4 * operand / product.pixels
            again = sum(number for _, number in block.tiles) * weights * beyond(tile, near)
            counts["weights_far"] += often * again / 1e7
            counts["weights_again"] += often * weights * beyond(every_weight + operand, near) / 1e7
            counts["tile_copied"] += often * block.copied / 1e5
        others = sum(block.count for block in product.blocks) - 1
        counts["operand_far"] += times * others * operand * beyond(operand, near) / 1e7
        if product.rest and not product.planes:
            counts[f"{product.written} rest"] += times * product.pixels / 1e5
        counts["products"] += times / 1e4

    def _add_depthwise(self, counts: Counts, depthwise: core.DepthwiseWork) -> None:
        window, read = f"{depthwise.kernel}/{depthwise.stride}", depthwise.loaded_bytes
        counts[f"depthwise {window} tiles"] += depthwise.tiles / 1e4
        counts[f"depthwise {window} outputs"] += depthwise.outputs / 1e4
        counts["depthwise_rows"] += depthwise.rows / 1e4
        counts["depthwise_rest"] += depthwise.rest / 1e5
        counts["window_far"] += read * beyond(depthwise.window_bytes, self._caches.first) / 1e7
        counts["window_farther"] += read * beyond(depthwise.window_bytes, self._caches.second) / 1e7

    def _ask(self, layer: Layer, threads: int) -> core.OpWork:
        # Many layers differ in nothing but what they read.
        return _asked(replace(layer, source=-1), self._precision, threads, self._instruction_set)


def _add_tiles(counts: Counts, product: core.ProductWork) -> None:
    written = "planes" if product.planes else product.written
    for block in product.blocks:
        for pixels, number in block.tiles:
            tiles = product.times * block.count * number
            size = f"{pixels}x{block.vectors}"
            counts[f"{product.read} steps {size}"] += tiles * product.steps / 1e6
            counts[f"{written} tiles {size}"] += tiles / 1e4


@cache
def _asked(layer: Layer, precision: Precision, threads: int, instruction_set: str) -> core.OpWork:
    return core.op_work(
        _OPS[layer.kind],
        precision=precision.value,
        reads=(1, layer.size, layer.size, layer.channels),
        weights=_weight_shapes(layer),
        attributes=_attributes(layer),
        threads=threads,
        instruction_set=instruction_set,
    )


def _weight_shapes(layer: Layer) -> list[tuple[int, ...]]:
    """Of the layer's convolutions, in the order of the op's constants."""
    kernel = (layer.kernel, layer.kernel)
    filtered = [(layer.inner, *kernel), (layer.filters, layer.inner)]
    match layer.kind:
        case Kind.STEM:
            return [(layer.filters, layer.channels, *kernel)]
        case Kind.INVERTED:
            return [(layer.inner, layer.channels), *filtered]
        case Kind.SEPARABLE:
            return filtered
        case Kind.POINTWISE | Kind.HEAD:
            return [(layer.filters, layer.channels)]


def _attributes(layer: Layer) -> Mapping[str, int | str | list[int]]:
    if layer.kind in (Kind.POINTWISE, Kind.HEAD):
        return {}
    total = max(0, (layer.output_size - 1) * layer.stride + layer.kernel - layer.size)
    before, after = total // 2, total - total // 2  # as for TF's "SAME"
    return {
        "stride": layer.stride,
        "pads": [before, before, after, after],
        "expand": int(layer.kind is Kind.INVERTED),
        "residual": "before" if layer.residual else "none",
    }
