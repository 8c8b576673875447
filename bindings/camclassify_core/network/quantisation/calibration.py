"""Runs a fused fp32 network over pictures and plans the storage of every value."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from camclassify_core.errors import BundleError
from camclassify_core.progress import Progress

from ..fusion.match import CONVOLUTIONS
from ..graph import Array, Graph, Node
from ..reference import evaluate
from ..reference.epilogue import activate
from . import ranges
from .int8_plan import Plan, Quantity, ValuePlan
from .islands import borders, fp32_nodes
from .tables import TABLED, wide

# What they write is stored as what they read.
POOLS = ("SpatialPyramidPool", "Pooling")
_SAMPLES_PER_PICTURE = 2048
# 16 bits have room for values beyond those that calibration sees.
_WIDE_HEADROOM = 1.1


@dataclass(slots=True)
class _Statistics:
    """Samples, extremes and channel means of one value over the pictures."""

    samples: list[NDArray[np.float32]] = field(default_factory=list)
    lowest: float = 0.0
    highest: float = 0.0
    mean: NDArray[np.float64] | float = 0.0
    pictures: int = 0

    def add(self, values: Array) -> None:
        flat = values.reshape(-1).astype(np.float32)
        stride = max(1, flat.size // _SAMPLES_PER_PICTURE)
        # An odd stride visits every channel.
        self.samples.append(flat[self.pictures % stride :: stride | 1])
        self.lowest = min(self.lowest, float(flat.min()))
        self.highest = max(self.highest, float(flat.max()))
        mean = values.reshape(-1, values.shape[-1]).mean(axis=0, dtype=np.float64)
        self.mean = (self.mean * self.pictures + mean) / (self.pictures + 1)
        self.pictures += 1

    @property
    def all(self) -> NDArray[np.float64]:
        return np.concatenate(self.samples).astype(np.float64)

    @property
    def means(self) -> tuple[float, ...]:
        return tuple(float(f"{each:.6g}") for each in np.atleast_1d(self.mean))


@dataclass(slots=True)
class _ValueStatistics:
    """A value as stored, before its activation, and before its residual is added."""

    stored: _Statistics = field(default_factory=_Statistics)
    before: _Statistics = field(default_factory=_Statistics)
    inner: _Statistics = field(default_factory=_Statistics)


def calibrate(graph: Graph, pictures: Iterable[Array], progress: Progress) -> Plan:
    """Plans the storage of every value of a graph fused without blocks.

    `pictures` are inputs of the network, u8 1 x height x width x 3, as its camera would see them.
    Raises BundleError for a graph with standard operators.
    """
    standard = sorted({node.op for node in graph.nodes if not node.domain})
    if standard:
        raise BundleError(
            f"int8 needs a network that is fused as a whole; {', '.join(standard)} is not"
        )
    statistics: dict[str, _ValueStatistics] = {}
    shots = list(pictures)
    if not shots:
        raise BundleError("calibration needs pictures")
    for count, picture in enumerate(shots):
        progress("Calibrating", count / len(shots))
        _observe(graph, picture, statistics)
    progress("Choosing ranges", 1.0)
    return _plan(graph, statistics)


def _observe(graph: Graph, picture: Array, statistics: dict[str, _ValueStatistics]) -> None:
    values: dict[str, Array] = {**graph.constants, graph.inputs[0]: picture}
    _of(statistics, graph.inputs[0]).stored.add(picture)
    for node in graph.nodes:
        if node.op not in CONVOLUTIONS:
            values |= zip(node.outputs, evaluate(graph, node, values), strict=True)
        else:
            _observe_convolution(graph, node, values, statistics)
        for name in node.outputs:
            _of(statistics, name).stored.add(values[name])


def _observe_convolution(
    graph: Graph, node: Node, values: dict[str, Array], statistics: dict[str, _ValueStatistics]
) -> None:
    """Evaluates the node step by step, so that inner values are seen."""
    when, activation = node.text("residual", "none"), node.text("activation", "none")
    bare = replace(node, attributes={**node.attributes, "activation": "none"})
    if when != "none":
        bare.attributes = {key: it for key, it in bare.attributes.items() if key != "residual"}
        at = len(node.integers("upsample", (1,)))
        bare.inputs = [*node.inputs[:at], *node.inputs[at + 1 :]]
        residual = values[node.inputs[at]]
    for name, result in zip(node.outputs, evaluate(graph, bare, values), strict=True):
        before = result + residual if when == "before" else result
        after = activate(before, activation)
        _of(statistics, name).before.add(before)
        if when == "after":
            _of(statistics, name).inner.add(after)
            after = after + residual
        values[name] = after


def _of(statistics: dict[str, _ValueStatistics], name: str) -> _ValueStatistics:
    return statistics.setdefault(name, _ValueStatistics())


def _plan(graph: Graph, statistics: dict[str, _ValueStatistics]) -> Plan:
    picture = graph.inputs[0]
    plan = {picture: ValuePlan(Quantity(1.0, 0, "u8"), statistics[picture].stored.means)}
    island = fp32_nodes(graph)
    as_f32 = borders(graph, island)
    for node in [each for each in graph.nodes if each not in island]:
        for name in node.outputs:
            if name in as_f32:
                plan[name] = ValuePlan(Quantity(1.0, 0, "f32"), statistics[name].stored.means)
            elif node.op in CONVOLUTIONS:
                plan[name] = _plan_convolution(graph, node, name, statistics[name])
            elif node.op in POOLS:
                plan[name] = replace(plan[node.inputs[0]], mean=statistics[name].stored.means)
            elif node.op == "PooledHead":
                seen = statistics[name].stored
                plan[name] = ValuePlan(ranges.clipped(seen.all, seen.highest), seen.means)
    return plan


def _plan_convolution(
    graph: Graph, node: Node, name: str, statistics: _ValueStatistics
) -> ValuePlan:
    activation, residual = node.text("activation", "none"), node.text("residual", "none")
    seen, before = statistics.stored, statistics.before
    if activation in TABLED:
        if _is_wide(graph, node, name, activation):
            return ValuePlan(wide(activation, seen.highest * _WIDE_HEADROOM), seen.means)
        shown = statistics.inner if residual == "after" else seen
        index, stored = ranges.tabled(before.all, activation, shown.highest)
        if residual != "after":
            return ValuePlan(stored, seen.means, index)
        total = ranges.plain(seen.all, seen.lowest, seen.highest)
        return ValuePlan(total, seen.means, index, stored)
    rectified = activation in ("relu", "relu6") or _feeds_pool(graph, name)
    if residual == "after":
        inner = statistics.inner
        own = ranges.clipped(inner.all, inner.highest)
        total = ranges.plain(seen.all, seen.lowest, seen.highest)
        return ValuePlan(total, seen.means, None, own)
    if rectified:
        return ValuePlan(ranges.clipped(seen.all, seen.highest), seen.means)
    return ValuePlan(ranges.plain(seen.all, seen.lowest, seen.highest), seen.means)


def _is_wide(graph: Graph, node: Node, name: str, activation: str) -> bool:
    """SiLU and its kin need 16 bits where a depthwise convolution reads, and behind the first one."""
    consumers = graph.consumers(name)
    if activation not in TABLED or "residual" in node.attributes or name in graph.outputs:
        return False
    first = next((each for each in graph.nodes if each.op == "Depthwise"), None)
    only_depthwise = all(each.op == "Depthwise" for each in consumers)
    only_alone = all(
        each.op == "Pointwise" and not each.attributes.keys() & {"upsample", "residual"}
        for each in consumers
    )
    return only_depthwise or (node is first and only_alone)


def _feeds_pool(graph: Graph, name: str) -> bool:
    return any(each.op == "PooledHead" for each in graph.consumers(name))
