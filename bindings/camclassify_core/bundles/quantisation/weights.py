"""s8 weights, a scale per output channel."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LARGEST = 127
_SHARES = np.linspace(1.0, 0.5, 26)

type Reals = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class QuantisedWeights:
    """`values` [O, ...] times `scale` [O] are close to the weights."""

    values: NDArray[np.int8]
    scale: Reals

    @property
    def real(self) -> Reals:
        """What the quantised weights stand for."""
        return self.values * self.scale.reshape(-1, *(1,) * (self.values.ndim - 1))


def quantise_weights(weights: Reals, least_scale: Reals) -> QuantisedWeights:
    """Scales of least squared error per row, none below `least_scale` [O].

    Where a row is a window, rounding keeps the window's sum: neighbouring pixels are alike, so
    rounding errors of one sign would add up to a brightness-dependent offset.
    """
    rows = weights.reshape(len(weights), -1)
    largest = np.maximum(np.abs(rows).max(axis=1), 1e-12)
    best = np.zeros(len(rows))
    least = np.full(len(rows), np.inf)
    for share in _SHARES:
        scale = np.maximum(largest * share / LARGEST, least_scale)
        error = ((_round(rows / scale[:, None]) * scale[:, None] - rows) ** 2).sum(axis=1)
        best = np.where(error < least, scale, best)
        least = np.minimum(error, least)
    steps = rows / best[:, None]
    values = _round_keeping_sum(steps) if weights.ndim > 2 else _round(steps)
    return QuantisedWeights(values.astype(np.int8).reshape(weights.shape), best)


def _round(steps: Reals) -> Reals:
    return np.clip(np.rint(steps), -LARGEST, LARGEST)


def _round_keeping_sum(steps: Reals) -> Reals:
    """Rounds each row so that its sum is off by half a step at most.

    Moves those that were closest to being rounded the other way.
    """
    values = _round(steps)
    for row, wanted in zip(values, steps, strict=True):
        missing = round(float((wanted - row).sum()))
        direction = np.sign(missing)
        gain = (wanted - row) * direction
        gain[np.abs(row + direction) > LARGEST] = -np.inf
        row[np.argsort(-gain)[: abs(missing)]] += direction
    return values
