"""What layers cost: physics first, then what the samples say beyond it.

The physics of everything that runs by itself, a fused op or a plain operator, is the work that it does,
counted as the kernels do it (fused_work.py, plain_work.py), times what each piece of work takes; that is
learnt from samples and never negative. On top of it, the logarithm of measured over physical cost is
smoothed over the shapes (regression.py), which is near zero where nothing similar was measured.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from camclassify_core.errors import CamClassifyError

from .layers import Network
from .regression import Matrix, Smoother, Vector, non_negative
from .work import Work

# Noise of a sample: relative, and in runs of the reference network.
_NOISE = 0.02
_ABSOLUTE_NOISE = 2e-4
_CHANGE = 0.25  # by which another way of running the same ops is expected to change what they take
_MOST_PLACES = 300  # samples that the smoothing remembers
_LEAST = 1e-9


class Counter(Protocol):
    """Says what a network consists of."""

    def of(self, network: Network) -> list[Work]:
        """All that runs by itself in it, in its order."""

    def parts(self, network: Network, threads: int) -> list[int]:
        """Into how many parts each of that is split for so many threads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Work and what it cost, in runs of the reference network."""

    work: Work
    cost: float


class GroupModel:
    """The cost of works of one group: what each piece of work takes, and a correction over their shapes."""

    def __init__(self, pieces: Mapping[str, float], correction: Smoother) -> None:
        self._pieces = dict(pieces)
        self._correction = correction

    @classmethod
    def fit(cls, samples: Sequence[Sample]) -> GroupModel:
        """Fits physics and correction; needs at least one sample."""
        names = sorted({name for sample in samples for name in sample.work.counts})
        counts = _matrix([sample.work for sample in samples], names)
        costs = np.array([max(sample.cost, _LEAST) for sample in samples])
        weights = 1 / (costs + _ABSOLUTE_NOISE)
        pieces = non_negative(counts * weights[:, None], costs * weights)
        physics = np.maximum(counts @ pieces, _LEAST)
        excess = np.log(costs / physics)
        variances = _NOISE**2 + (_ABSOLUTE_NOISE / costs) ** 2
        places = np.array([sample.work.shape for sample in samples])
        kept = slice(None, None, -(-len(samples) // _MOST_PLACES))
        correction = Smoother.fit(places[kept], excess[kept], variances[kept])
        named = zip(names, pieces.tolist(), strict=True)
        return cls({name: takes for name, takes in named if takes > 0}, correction)

    def costs(self, works: Sequence[Work]) -> Vector:
        """The cost of each work, in runs of the reference network."""
        places = np.array([work.shape for work in works])
        return np.asarray(
            self.physical(works) * np.exp(self._correction.at(places)), dtype=np.float64
        )

    def physical(self, works: Sequence[Work]) -> Vector:
        """The cost of each work by physics alone."""
        counts = _matrix(works, list(self._pieces))
        takes = np.array(list(self._pieces.values()))
        return np.asarray(np.maximum(counts @ takes, _LEAST), dtype=np.float64)

    def breakdown(self, work: Work) -> dict[str, float]:
        """The physical cost by piece of work."""
        return {name: work.counts.get(name, 0.0) * takes for name, takes in self._pieces.items()}

    def to_json(self) -> dict[str, Any]:
        """All that from_json() needs."""
        return {"pieces": self._pieces, "correction": self._correction.to_json()}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> GroupModel:
        """Back from to_json(). Raises KeyError or ValueError if something is missing."""
        pieces = {name: float(takes) for name, takes in content["pieces"].items()}
        return cls(pieces, Smoother.from_json(content["correction"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Overhead:
    """What another way of running the same ops makes of their costs, in runs of the reference network.

    A work that is split into parts for `threads` costs `split` times a part plus `hand_over`, any other
    `whole` times as much; each costs `op` more, and a run `run` more.
    """

    threads: int = 1
    split: float = 1.0
    whole: float = 1.0
    hand_over: float = 0.0
    op: float = 0.0
    run: float = 0.0

    def of(self, parts: Sequence[int], costs: Sequence[float]) -> list[float]:
        """The cost of each work, from into how many parts it is split, and its cost in one."""
        factors = (self.split, self.whole, self.hand_over, self.op, self.run)
        return [float(cost) for cost in _terms(parts, costs) @ np.array(factors)]

    @classmethod
    def fit(
        cls, threads: int, runs: Iterable[tuple[Sequence[int], Sequence[float], float]]
    ) -> Overhead:
        """From works' parts, their costs in the way that is known, and the whole cost in the new one.

        That the new way is any faster has to show. It is as if two networks more had been run, one split
        wholly and one not at all, which took as long as in the known way; they count the more, the less
        the others agree. What a run is compared with is what it should take: one that was lucky counts no
        more than one that was not.
        """
        known = [(_terms(parts, costs).sum(axis=0), whole) for parts, costs, whole in runs]
        terms, wholes = np.array([row for row, _ in known]), np.array([whole for _, whole in known])
        unchanged = np.array([(1 / threads, 0, 0, 0, 0), (0, 1, 0, 0, 0)])
        expected, noise = wholes, _NOISE
        for _ in range(2):
            weight = noise / _CHANGE
            factors = non_negative(
                np.vstack([terms / expected[:, None], weight * unchanged]),
                np.concatenate([wholes / expected, [weight, weight]]),
            )
            expected = np.maximum(terms @ factors, _LEAST)
            freedom = max(1, len(known) - int(np.count_nonzero(factors)))
            noise = float(np.linalg.norm(wholes / expected - 1)) / math.sqrt(freedom)
        split, whole, hand_over, op, run = factors.tolist()
        return cls(threads=threads, split=split, whole=whole, hand_over=hand_over, op=op, run=run)


def _terms(parts: Sequence[int], costs: Sequence[float]) -> Vector:
    """What `split`, `whole`, `hand_over`, `op` and `run` are multiplied with: a row a work."""
    rows = [
        (cost / count, 0.0, 1.0, 1.0, 1.0 / len(parts))
        if count > 1
        else (0.0, cost, 0.0, 1.0, 1.0 / len(parts))
        for count, cost in zip(parts, costs, strict=True)
    ]
    return np.array(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class CostModel:
    """The cost of every network in one setting."""

    counter: Counter
    groups: dict[str, GroupModel]
    overhead: Overhead = Overhead()

    @classmethod
    def fit(cls, counter: Counter, samples: Iterable[Sample]) -> CostModel:
        """Fits a model for each group that was sampled."""
        grouped: dict[str, list[Sample]] = {}
        for sample in samples:
            grouped.setdefault(sample.work.group, []).append(sample)
        groups = {name: GroupModel.fit(group) for name, group in grouped.items()}
        return cls(counter=counter, groups=groups)

    def cost(self, network: Network) -> float:
        """The cost of running a network once, in runs of the reference network."""
        return sum(self.per_layer(network, range(len(network.layers))))

    def per_layer(self, network: Network, layers: range) -> list[float]:
        """The cost of each of these layers, which are a run. Raises CamClassifyError as per_work() does.

        A work of several layers counts as the last one's.
        """
        works = self.counter.of(network)
        parts = self.counter.parts(network, self.overhead.threads)
        own = [place for place, work in enumerate(works) if work.layer in layers]
        costs = self.per_work([works[place] for place in own])
        totals = dict.fromkeys(layers, 0.0)
        for place, cost in zip(
            own, self.overhead.of([parts[place] for place in own], costs), strict=True
        ):
            totals[works[place].layer] += cost
        return list(totals.values())

    def per_work(self, works: Sequence[Work]) -> list[float]:
        """The cost of each work by itself. Raises CamClassifyError if its like was never measured."""
        costs = [0.0] * len(works)
        for name in {work.group for work in works}:
            if name not in self.groups:
                raise CamClassifyError(
                    f"The profile does not tell what {name} costs: run `camclassify calibrate` again."
                )
            members = [place for place, work in enumerate(works) if work.group == name]
            found = self.groups[name].costs([works[place] for place in members])
            for place, cost in zip(members, found.tolist(), strict=True):
                costs[place] = cost
        return costs


def _matrix(works: Sequence[Work], names: Sequence[str]) -> Matrix:
    return np.array([[work.counts.get(name, 0.0) for name in names] for work in works])
