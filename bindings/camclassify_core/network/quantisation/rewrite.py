"""Rewrites a fused fp32 graph to int8, following a plan."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..fusion.match import CONVOLUTIONS
from ..graph import Array, Graph, Node, ValueType
from ..reference.epilogue import F32
from .int8_plan import Plan, Quantity, ValuePlan
from .islands import fp32_nodes
from .tables import TABLED, table
from .weights import Pairs, RoundWeights, neighbours, quantise_weights

# Biases stay below, so that sums keep within 31 bits.
_LARGEST_BIAS = float(1 << 27)
# Inputs of a sum from which its weights obey the limit of neighbours. Below, it saves little time, and costs
# answers: a photographed horse became a dog.
LEAST_LIMITED = 32

type Reals = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Source:
    """The channels that a convolution reads: stored scale, zero point, fp32 mean, each [I]."""

    scale: Reals
    zero: Reals
    mean: Reals


def quantise(source: Graph, plan: Plan, round_weights: RoundWeights = quantise_weights) -> Graph:
    """The int8 graph. Outputs of the network stay f32."""
    graph = source.copy()
    island = fp32_nodes(graph)
    for node in [each for each in graph.nodes if each not in island]:
        if node.op in CONVOLUTIONS:
            _Convolution(graph, node, plan).rewrite(round_weights)
        elif node.op == "Predictor":
            _predictor(graph, node, plan, round_weights)
        elif node.op == "PooledHead":
            _pooled_head(graph, node, plan, round_weights)
        else:
            if node.op == "Pooling":
                node.attributes["pad_value"] = plan[node.inputs[0]].stored.zero
            _store(graph, plan, node)
    graph.prune()
    return graph


class _Convolution:
    """Stem, Pointwise, Depthwise or Convolution."""

    def __init__(self, graph: Graph, node: Node, plan: Plan) -> None:
        self._graph, self._node, self._plan = graph, node, plan
        self._activation = node.text("activation", "none")
        self._residual = node.text("residual", "none")

    def rewrite(self, round_weights: RoundWeights) -> None:
        graph, node = self._graph, self._node
        weights, bias = (graph.constants[name].astype(np.float64) for name in node.inputs[-2:])
        read = node.inputs[: len(node.integers("upsample", (1,)))]
        source = _source(graph, self._plan, read)
        targets = [self._target(name) for name in node.outputs]
        counts = node.integers("outputs", (len(weights),))
        scale = np.repeat([each.scale for each in targets], counts)
        zero = np.repeat([float(each.zero) for each in targets], counts)
        if self._residual == "before":
            zero = zero - self._add_residual_before(targets[0])
        per_input = _per_input(node, weights, source)
        pairs = self._pairs(read, weights)
        constants = _constants(weights, bias, per_input, scale, zero, pairs, round_weights)
        if node.op in ("Depthwise", "Convolution"):
            node.attributes["pad_value"] = int(source.zero[0])
        if self._residual == "after":
            self._add_residual_after()
        names = [
            graph.add_constant(f"{node.output}_{kind}", content)
            for kind, content in zip(("s8", "i32", "multiplier"), constants, strict=True)
        ]
        node.inputs = [*node.inputs[:-2], *names, *self._tables()]
        self._name_activation()
        _store(graph, self._plan, node)

    def _pairs(self, read: list[str], weights: Reals) -> Pairs | None:
        """None where the kernel multiplies in 16 bits anyway, and where errors would not average out."""
        if self._node.op == "Depthwise" or self._plan[read[0]].stored.type == "i16":
            return None
        if weights[0].size < LEAST_LIMITED:
            return None
        return neighbours(weights.shape, self._segments(read, weights))

    def _segments(self, read: list[str], weights: Reals) -> tuple[int, ...]:
        """The contiguous parts of the reduction: inputs, rows of a window, or its elements in groups."""
        if weights.ndim == 2:
            return tuple(self._graph.types[name].shape[-1] for name in read)
        inputs, rows, columns = (int(extent) for extent in weights.shape[1:])
        if self._node.integer("groups", 1) > 1:
            return (inputs,) * (rows * columns)
        return (inputs * columns,) * rows

    def _target(self, name: str) -> Quantity:
        """What the sums are requantised to: a table's index, or the value itself."""
        planned = self._plan[name]
        return planned.index or planned.inner or planned.stored

    def _tables(self) -> list[str]:
        if self._activation not in TABLED:
            return []
        names: list[str] = []
        for name in self._node.outputs:
            planned = self._plan[name]
            stored = planned.inner or planned.stored
            content = table(self._activation, planned.index or stored, stored)
            names.append(self._graph.add_constant(f"{name}_table", content))
        return names

    def _name_activation(self) -> None:
        if self._activation in TABLED:
            self._node.attributes["activation"] = "table"
        elif self._activation == "relu6":
            self._node.attributes["activation"] = "relu"

    def _residual_plan(self) -> ValuePlan:
        return self._plan[self._node.inputs[len(self._node.integers("upsample", (1,)))]]

    def _add_residual_before(self, target: Quantity) -> float:
        """Returns what the residual's zero point adds, in steps of the target."""
        other = self._residual_plan().stored
        multiplier = float(F32(other.scale / target.scale))
        self._node.attributes["residual_multiplier"] = multiplier
        return other.zero * multiplier

    def _add_residual_after(self) -> None:
        planned = self._plan[self._node.output]
        own, other, total = planned.inner, self._residual_plan().stored, planned.stored
        assert own is not None
        own_factor, other_factor = (float(F32(it.scale / total.scale)) for it in (own, other))
        offset = total.zero - own.zero * own_factor - other.zero * other_factor
        self._node.attributes |= {
            "activation_multiplier": own_factor,
            "residual_multiplier": other_factor,
            "residual_offset": float(F32(offset)),
        }


def _per_input(node: Node, weights: Reals, source: _Source) -> _Source:
    """The source's numbers, shaped so that they broadcast over the weights."""
    groups = node.integer("groups", 1)
    if node.op == "Depthwise":
        shape: tuple[int, ...] = (-1, 1, 1)
    else:
        shape = (groups, -1, *(1,) * (weights.ndim - 2))
    numbers = (each.reshape(shape) for each in (source.scale, source.zero, source.mean))
    if groups > 1:
        numbers = (each.repeat(len(weights) // groups, axis=0) for each in numbers)
    return _Source(*numbers)


def _constants(
    weights: Reals,
    bias: Reals,
    source: _Source,
    target_scale: Reals | float,
    target_zero: Reals | float,
    pairs: Pairs | None,
    round_weights: RoundWeights,
) -> tuple[Array, Array, Array]:
    """s8 weights, i32 bias and f32 multiplier, bias-corrected for the rounding of the weights."""
    folded = weights * source.scale
    offset = np.abs(bias) + np.abs(np.asarray(target_zero) * target_scale)
    quantised = round_weights(folded, offset / _LARGEST_BIAS, pairs)
    axes = tuple(range(1, weights.ndim))
    mean = source.mean / source.scale
    corrected = bias + ((folded - quantised.real) * mean).sum(axis=axes)
    multiplier = (quantised.scale / target_scale).astype(F32)
    zeros = (quantised.values * source.zero).sum(axis=axes)
    total = np.rint(corrected / quantised.scale) - zeros + np.rint(target_zero / multiplier)
    return quantised.values, total.astype(np.int32), multiplier


def _source(graph: Graph, plan: Plan, names: list[str]) -> _Source:
    parts = []
    for name in names:
        planned = plan[name]
        channels = graph.types[name].shape[-1]
        stored = planned.stored
        parts.append(
            (
                np.full(channels, stored.scale),
                np.full(channels, float(stored.zero)),
                np.array(planned.mean),
            )
        )
    return _Source(*(np.concatenate(each) for each in zip(*parts, strict=True)))


def _store(graph: Graph, plan: Plan, node: Node) -> None:
    """Declares the stored types of a node's outputs."""
    for name in node.outputs:
        graph.types[name] = ValueType(plan[name].stored.dtype, graph.types[name].shape)


def _predictor(graph: Graph, node: Node, plan: Plan, round_weights: RoundWeights) -> None:
    levels = node.integer("levels", 1)
    names = node.inputs[:levels]
    for level in range(levels):
        constants = node.inputs[levels + 2 * level :][:2]
        weights, bias = (graph.constants[name].astype(np.float64) for name in constants)
        source = _per_input(node, weights, _source(graph, plan, [node.inputs[level]]))
        pairs = neighbours(weights.shape, (weights.shape[1],))
        results = _constants(weights, bias, source, 1.0, 0.0, pairs, round_weights)
        for kind, content in zip(("s8", "i32", "multiplier"), results, strict=True):
            names.append(graph.add_constant(f"{node.output}_{level}_{kind}", content))
    node.inputs = names


def _pooled_head(graph: Graph, node: Node, plan: Plan, round_weights: RoundWeights) -> None:
    source = plan[node.inputs[0]].stored
    _, height, width, _ = graph.types[node.inputs[0]].shape
    node.attributes["feature_multiplier"] = float(F32(source.scale / (height * width)))
    if len(node.inputs) == 1:
        return
    features = plan[node.output]
    node.attributes["pooled_multiplier"] = float(F32(1 / features.stored.scale))
    weights, bias = (graph.constants[name].astype(np.float64) for name in node.inputs[-2:])
    scale = np.full((1, weights.shape[1]), features.stored.scale)
    read = _Source(scale, np.zeros_like(scale), np.array(features.mean)[None])
    pairs = neighbours(weights.shape, (weights.shape[1],))
    results = _constants(weights, bias, read, 1.0, 0.0, pairs, round_weights)
    names = [
        graph.add_constant(f"{node.output}_{kind}", content)
        for kind, content in zip(("s8", "i32", "multiplier"), results, strict=True)
    ]
    node.inputs = [node.inputs[0], *names]
