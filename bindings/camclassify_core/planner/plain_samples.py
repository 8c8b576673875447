"""From profiled runs of plain networks to what each of their works costs.

The profiler takes time for every operator, and where a session's memory comes to lie differs from load to
load. So each network is also run as a whole, in another session, without the profiler: over all networks,
that says what the profiler adds to an operator; for each, the truth is taken to lie halfway between.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from .cost_model import Sample
from .layers import Kind, Layer, Network
from .plain_work import PlainWork
from .programs import PlainLayerCosts
from .regression import non_negative

_LEAST_SHARE = 0.1  # of what was profiled


@dataclass(frozen=True, slots=True, kw_only=True)
class Profiled:
    """A network, the costs of its layers as profiled, and of a whole run without the profiler."""

    network: Network
    layers: Sequence[PlainLayerCosts]
    whole: float


class ProfilerCorrection:
    """What an operator takes without the profiler: `factor` times what was profiled, less `per_operator`."""

    def __init__(self, factor: float, per_operator: float) -> None:
        self._factor = factor
        self._per_operator = per_operator

    @classmethod
    def fit(cls, runs: Sequence[Profiled]) -> ProfilerCorrection:
        """From what whole runs took."""
        terms = [
            (sum(it.total for it in run.layers), -sum(it.operators for it in run.layers))
            for run in runs
        ]
        wholes = np.array([run.whole for run in runs])
        factor, per_operator = non_negative(
            np.array(terms) / wholes[:, None], np.ones(len(runs))
        ).tolist()
        return cls(factor, per_operator)

    def of(self, profiled: float, operators: int) -> float:
        """The cost of so many operators together."""
        own = self._factor * profiled
        return max(_LEAST_SHARE * own, own - self._per_operator * operators)


def plain_samples(
    counter: PlainWork, run: Profiled, correction: ProfilerCorrection
) -> Iterator[Sample]:
    """Of each work, but not of the last head: ONNX Runtime runs that first, and slower than the others."""
    costs = [
        _of_works(counter, *pair, correction)
        for pair in zip(run.network.layers, run.layers, strict=True)
    ]
    halfway = math.sqrt(run.whole / sum(map(sum, costs)))
    for layer, each in zip(run.network.layers[:-1], costs[:-1], strict=True):
        for work, cost in zip(counter.of_layer(layer), each, strict=True):
            yield Sample(work=work, cost=cost * halfway)


def _of_works(
    counter: PlainWork, layer: Layer, profiled: PlainLayerCosts, correction: ProfilerCorrection
) -> list[float]:
    """A layer's convolutions, then all else if that is a work, or else as part of the last."""
    convolutions = [correction.of(cost, 1) for cost in profiled.convolutions]
    rest = correction.of(profiled.rest, profiled.others)
    if layer.kind is Kind.HEAD:
        return [rest]
    if len(counter.of_layer(layer)) > len(convolutions):
        return [*convolutions, rest]
    return [*convolutions[:-1], convolutions[-1] + rest]
