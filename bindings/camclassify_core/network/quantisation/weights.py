"""s8 weights, a scale per output channel.

Processors without a dot product of u8 and s8 multiply two neighbouring weights with two activations
and add the products in 16 bits. That is exact if the weights' sum stays within 128, of either
sign; so neighbours of the reduction are rounded such that it does. It binds few pairs: those of two
large weights.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

LARGEST = 127
LARGEST_PAIR = 128
_SHARES = np.linspace(1.0, 0.5, 26)
# With both of a pair at the row's largest magnitude, only twice the scale fits.
_PAIR_SHARES = np.linspace(2.0, 0.5, 76)

type Reals = NDArray[np.float64]
type Pairs = NDArray[np.intp]
type RoundWeights = Callable[[Reals, Reals, Pairs | None], QuantisedWeights]


@dataclass(frozen=True, slots=True)
class QuantisedWeights:
    """`values` [O, ...] times `scale` [O] are close to the weights."""

    values: NDArray[np.int8]
    scale: Reals

    @property
    def real(self) -> Reals:
        """What the quantised weights stand for."""
        return self.values * self.scale.reshape(-1, *(1,) * (self.values.ndim - 1))


def neighbours(shape: tuple[int, ...], segments: tuple[int, ...]) -> Pairs:
    """[2, P]: positions in a flattened row whose weights a kernel multiplies together.

    `shape` is that of the weights; `segments` are the lengths of the contiguous parts of the reduction.
    Channels are innermost in it: those of a window [O, I, rows, columns] are read column by column.
    """
    order = np.arange(int(np.prod(shape[1:])))
    if len(shape) == 4:
        order = order.reshape(shape[1:]).transpose(1, 2, 0).ravel()
    starts = np.cumsum((0, *segments[:-1]))
    first = [np.arange(start, start + n - 1, 2) for start, n in zip(starts, segments, strict=True)]
    at = np.concatenate(first)
    pairs: Pairs = order[np.stack([at, at + 1])]
    return pairs


def quantise_weights(
    weights: Reals, least_scale: Reals, pairs: Pairs | None = None
) -> QuantisedWeights:
    """Scales of least squared error per row, none below `least_scale` [O].

    `pairs` [2, P] are positions in a row that obey the limit of neighbours. Where a row is a window, rounding
    keeps the window's sum: neighbouring pixels are alike, so rounding errors of one sign would add
    up to a brightness-dependent offset.
    """
    if pairs is None:
        pairs = np.zeros((2, 0), np.intp)
    rows = weights.reshape(len(weights), -1)
    largest = np.maximum(np.abs(rows).max(axis=1), 1e-12)
    best = np.zeros(len(rows))
    least = np.full(len(rows), np.inf)
    for share in _PAIR_SHARES if pairs.size else _SHARES:
        scale = np.maximum(largest * share / LARGEST, least_scale)
        error = ((_round(rows / scale[:, None], pairs) * scale[:, None] - rows) ** 2).sum(axis=1)
        best = np.where(error < least, scale, best)
        least = np.minimum(error, least)
    steps = rows / best[:, None]
    values = _round(steps, pairs)
    if weights.ndim > 2:
        _keep_sums(values, steps, pairs)
    return QuantisedWeights(values.astype(np.int8).reshape(weights.shape), best)


def quantise_quickly(
    weights: Reals, least_scale: Reals, pairs: Pairs | None = None
) -> QuantisedWeights:
    """The same without a search for scales: for weights whose errors do not matter."""
    rows = weights.reshape(len(weights), -1)
    scale = np.maximum(np.abs(rows).max(axis=1) / LARGEST, np.maximum(least_scale, 1e-12))
    values = _round(rows / scale[:, None], np.zeros((2, 0), np.intp) if pairs is None else pairs)
    return QuantisedWeights(values.astype(np.int8).reshape(weights.shape), scale)


def remembering() -> RoundWeights:
    """`quantise_weights` that does the same work only once."""
    known: dict[tuple[bytes, ...], QuantisedWeights] = {}

    def round_weights(weights: Reals, least_scale: Reals, pairs: Pairs | None) -> QuantisedWeights:
        parts = (weights, least_scale, np.zeros(0) if pairs is None else pairs)
        key = tuple(sha256(np.ascontiguousarray(part).tobytes()).digest() for part in parts)
        if key not in known:
            known[key] = quantise_weights(weights, least_scale, pairs)
        return known[key]

    return round_weights


def _round(steps: Reals, pairs: Pairs) -> Reals:
    values = np.clip(np.rint(steps), -LARGEST, LARGEST)
    first, second = values[:, pairs[0]], values[:, pairs[1]]
    over = np.abs(first + second) > LARGEST_PAIR
    if over.any():
        # The nearest two whose magnitudes add up to the limit.
        wanted = np.abs(steps[:, pairs[0]]) - np.abs(steps[:, pairs[1]])
        share = np.clip(np.rint((wanted + LARGEST_PAIR) / 2), LARGEST_PAIR - LARGEST, LARGEST)
        values[:, pairs[0]] = np.where(over, np.sign(first) * share, first)
        values[:, pairs[1]] = np.where(over, np.sign(second) * (LARGEST_PAIR - share), second)
    return values


def _keep_sums(values: Reals, steps: Reals, pairs: Pairs) -> None:
    """Changes rounded rows such that their sums are off by half a step at most, where limits allow it.

    Moves those that were closest to being rounded the other way.
    """
    partner = np.full(values.shape[1], -1)
    partner[pairs[0]], partner[pairs[1]] = pairs[1], pairs[0]
    for row, wanted in zip(values, steps, strict=True):
        missing = round(float((wanted - row).sum()))
        direction = np.sign(missing)
        for index in np.argsort((row - wanted) * direction):
            if missing == 0:
                break
            moved = row[index] + direction
            together = moved + row[partner[index]] if partner[index] >= 0 else moved
            if abs(moved) <= LARGEST and abs(together) <= LARGEST_PAIR:
                row[index] = moved
                missing -= int(direction)
