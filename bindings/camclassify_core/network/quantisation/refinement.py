"""Adjusts a plan by what it does to the network's answers.

The range of least squared error holds all errors of a value for equally bad; the network does not:
large but rare values may matter less than fine steps, and the other way round. So, one value after the
other, other ranges are tried on pictures, and the one with the answers closest to fp32 is kept
(coordinate descent).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from camclassify_core.native import core
from camclassify_core.progress import Progress

from .. import onnx_writer
from ..fusion.match import CONVOLUTIONS
from ..graph import Array, Graph
from . import ranges
from .calibration import POOLS
from .int8_plan import Plan, Quantity, ValuePlan
from .rewrite import quantise
from .tables import CURVE_RANGE
from .weights import remembering

_SOMETHING = 0.1  # an answer above it
_FACTORS = (0.8, 1.25)
_LOWEST_INDEX = {"silu": (-7.0, -5.0, -4.0, -3.0), "hard_swish": (-3.0,)}
_SAME_INDEX = 0.4  # lowest indices closer together than this are not tried one after the other
# Less is more likely luck than gain.
_LEAST_GAIN = 1e-3

type Answers = Callable[[Mapping[str, Array]], NDArray[np.float32]]


def refine(
    graph: Graph, plan: Plan, pictures: Sequence[Array], answers: Answers, progress: Progress
) -> Plan:
    """A plan whose int8 network answers more like the fp32 network `graph`.

    `answers` makes of a network's outputs the numbers whose squared differences count; pictures for
    which fp32 answers nothing above 0.1 are left out. Takes minutes: each try runs all pictures.
    """
    run = partial(_answers_of, pictures=pictures, answers=answers)
    wanted = run(graph)
    kept = [index for index, each in enumerate(wanted) if each.max(initial=0.0) > _SOMETHING]
    run = partial(_answers_of, pictures=[pictures[index] for index in kept], answers=answers)
    wanted = [wanted[index] for index in kept]
    if not kept:
        return plan
    round_weights = remembering()

    def error(tried: Plan) -> float:
        found = run(quantise(graph, tried, round_weights))
        return float(sum(((a - b) ** 2).sum() for a, b in zip(found, wanted, strict=True)))

    best, least = dict(plan), error(plan)
    values = [
        (node, name)
        for node in graph.nodes
        for name in node.outputs
        if node.op in CONVOLUTIONS and name in plan and plan[name].stored.type != "f32"
    ]
    for step, (node, name) in enumerate(values):
        progress("Refining ranges", step / len(values))
        others = [
            _with(graph, best, name, each)
            for each in _alternatives(best[name], node.text("activation", "none"))
        ]
        errors = [error(each) for each in others]
        if min(errors, default=least) < least * (1 - _LEAST_GAIN):
            least = min(errors)
            best = others[errors.index(least)]
    return best


def _answers_of(
    graph: Graph, pictures: Sequence[Array], answers: Answers
) -> list[NDArray[np.float32]]:
    network = core.Network(onnx_writer.to_bytes(graph), runner="direct", threads=1)
    names = [name for name, _, _ in network.outputs]
    found = []
    for picture in pictures:
        np.copyto(network.input(0), picture)
        network.run()
        outputs = {name: network.output(index) for index, name in enumerate(names)}
        found.append(answers(outputs).copy())
    return found


def _with(graph: Graph, plan: Plan, name: str, value: ValuePlan) -> dict[str, ValuePlan]:
    """The plan with another value; what pools make of it is stored as it is."""
    changed, alike = {**plan, name: value}, {name}
    for node in graph.nodes:
        if node.op in POOLS and node.inputs[0] in alike:
            changed |= {each: replace(value, mean=plan[each].mean) for each in node.outputs}
            alike |= set(node.outputs)
    return changed


def _alternatives(value: ValuePlan, activation: str) -> Iterator[ValuePlan]:
    if value.stored.type == "i16":
        yield from _wide(value, activation)
    elif value.index is not None:
        yield from _tabled(value, value.index, activation)
    else:
        yield from (replace(value, stored=each) for each in _scaled(value.stored, activation))
    if value.inner is not None:
        yield from (replace(value, stored=each) for each in _scaled(value.stored, "none"))


def _wide(value: ValuePlan, activation: str) -> Iterator[ValuePlan]:
    """Half and twice the range; never less than what the curve's segments cover."""
    if activation not in CURVE_RANGE:
        return
    least = CURVE_RANGE[activation] / np.iinfo(np.int16).max
    for scale in (value.stored.scale / 2, value.stored.scale * 2):
        if scale > 0.99 * least:
            yield replace(value, stored=replace(value.stored, scale=scale))


def _tabled(value: ValuePlan, index: Quantity, activation: str) -> Iterator[ValuePlan]:
    own = value.inner or value.stored
    lowest, highest = ranges.limits(own)
    left, right = ranges.limits(index)
    for factor in _FACTORS:
        stored = ranges.u8(lowest, highest * factor)
        reaching = ranges.u8(left, max(ranges.argument(highest * factor, activation), 0.1))
        if value.inner is None:
            yield replace(value, stored=stored, index=reaching)
        else:
            yield replace(value, inner=stored, index=reaching)
    for other in _LOWEST_INDEX[activation]:
        if abs(other - left) > _SAME_INDEX:
            yield replace(value, index=ranges.u8(other, right))


def _scaled(stored: Quantity, activation: str) -> Iterator[Quantity]:
    """A narrower and a wider range; ReLU6 is clipped by its range's end."""
    lowest, highest = ranges.limits(stored)
    most = 6.0 if activation == "relu6" else np.inf
    for factor in _FACTORS:
        yield ranges.u8(lowest * factor, min(highest * factor, most))
