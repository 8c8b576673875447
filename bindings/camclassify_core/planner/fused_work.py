"""What a network is for our own kernels: what its fused ops say that they do, as a model of costs counts it.

The ops are asked by shapes alone (core/include/camclassify/work.hpp); nothing is built or run.
"""

import math
from collections import defaultdict
from functools import cache

from camclassify_core.machine import Caches
from camclassify_core.native import core
from camclassify_core.network.graph import Graph, Node, Shape
from camclassify_core.network.quantisation.rewrite import LEAST_LIMITED
from camclassify_core.options import Precision

from .fused_graph import fused_graph
from .layers import Network
from .plain import layer_index
from .work import Counts, Work, beyond

# What of an op's attributes its work depends on.
_ATTRIBUTES = ("expand", "outputs", "pads", "residual", "stride")

type _Attributes = tuple[tuple[str, int | str | tuple[int, ...]], ...]


class FusedWork:
    """Counts for one instruction set, precision and machine."""

    def __init__(self, instruction_set: str, precision: Precision, caches: Caches) -> None:
        self._instruction_set = instruction_set
        self._precision = precision
        self._caches = caches

    def of(self, network: Network) -> list[Work]:
        """Its ops, each on one thread."""
        graph = fused_graph(network)
        return [
            Work(
                layer=layer_index(node.output),
                group=node.op,
                counts=self.counts(node.op, self._ask(graph, node, 1)),
                shape=_place(graph, node),
            )
            for node in graph.nodes
        ]

    def parts(self, network: Network, threads: int) -> list[int]:
        """Into how many parts each op is split."""
        graph = fused_graph(network)
        return [self._ask(graph, node, threads).parts for node in graph.nodes]

    def counts(self, kind: str, op: core.OpWork) -> dict[str, float]:
        """What an op says of itself, weighed with the sizes of the caches."""
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
            if kind != "Stem":  # whose weights are few, and whose pixels overlap
                self._add_memory(counts, product)
        if op.depthwise:
            self._add_depthwise(counts, op.depthwise)
        return dict(counts)

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

    def _ask(self, graph: Graph, node: Node, threads: int) -> core.OpWork:
        attributes = {key: node.attributes[key] for key in _ATTRIBUTES if key in node.attributes}
        return asked(
            node.op,
            self._precision,
            tuple(graph.types[name].shape for name in node.inputs if name in graph.types),
            tuple(_weights(graph, node)),
            tuple((key, _hashable(value)) for key, value in attributes.items()),
            0 if node.op == "PooledHead" else LEAST_LIMITED,  # whose weights are all limited
            threads,
            self._instruction_set,
        )


def _add_tiles(counts: Counts, product: core.ProductWork) -> None:
    read = "pairs" if product.pairs else product.read
    written = "planes" if product.planes else product.written
    for block in product.blocks:
        for pixels, number in block.tiles:
            tiles = product.times * block.count * number
            size = f"{pixels}x{block.vectors}"
            counts[f"{read} steps {size}"] += tiles * product.steps / 1e6
            counts[f"{written} tiles {size}"] += tiles / 1e4


def _weights(graph: Graph, node: Node) -> list[Shape]:
    """Of the op's convolutions."""
    constants = [graph.constants[name] for name in node.inputs if name in graph.constants]
    return [content.shape for content in constants if content.ndim > 1]


def _place(graph: Graph, node: Node) -> tuple[float, ...]:
    """An op's place among others of its type."""
    _, size, _, channels = graph.types[node.inputs[0]].shape
    weights = _weights(graph, node)
    inner = weights[0][0] if len(weights) > 1 else 1
    kernels = [shape[-1] for shape in weights if len(shape) > 2]
    return (
        math.log2(size) / 2,
        math.log2(channels) / 2,
        math.log2(inner) / 2,
        math.log2(weights[-1][0]) / 2,
        float(node.integer("stride", 1)),
        (kernels[0] if kernels else 1) / 2,
        float("residual" in node.attributes),
    )


@cache
def asked(
    op: str,
    precision: Precision,
    inputs: tuple[Shape, ...],
    weights: tuple[Shape, ...],
    attributes: _Attributes,
    limited_from: int,
    threads: int,
    instruction_set: str,
) -> core.OpWork:
    """What an op of these shapes does, asked once."""
    return core.op_work(
        op,
        precision=precision.value,
        inputs=inputs,
        weights=weights,
        attributes={
            key: list(value) if isinstance(value, tuple) else value for key, value in attributes
        },
        limited_from=limited_from,
        threads=threads,
        instruction_set=instruction_set,
    )


def _hashable(value: object) -> int | str | tuple[int, ...]:
    if isinstance(value, int | str):
        return value
    assert isinstance(value, list)
    return tuple(value)
