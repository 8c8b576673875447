"""Chooses scales and zero points so that the mean squared error on samples is least."""

import numpy as np
from numpy.typing import NDArray

from .int8_plan import Quantity
from .tables import LOWEST_INDEX, activate_real

type Samples = NDArray[np.float64]

# Shares of the observed range that are tried as the stored range.
SHARES = np.geomspace(1.0, 0.1, 28)


def plain(samples: Samples, lowest: float, highest: float) -> Quantity:
    """u8 for values without a table; zero is always stored exactly."""
    lowest, highest = min(lowest, 0.0), max(highest, 0.0, 1e-6)
    candidates = [u8(lowest * low, highest * high) for high in SHARES for low in _lows(lowest)]
    return min(candidates, key=lambda each: _error(samples, each))


def clipped(samples: Samples, highest: float) -> Quantity:
    """u8 from zero: what ReLU and ReLU6 give."""
    candidates = [u8(0.0, max(highest, 1e-6) * share) for share in SHARES]
    return min(candidates, key=lambda each: _error(samples, each))


def tabled(before: Samples, activation: str, highest: float) -> tuple[Quantity, Quantity]:
    """Index and stored value of a u8 table, chosen together. `before`: before the activation."""
    after = activate_real(before, activation)
    best, least = None, np.inf
    floor = max(float(after.min(initial=0.0)), -0.4)
    for share in SHARES:
        top = max(highest * share, 0.05)
        stored = u8(floor, top)
        for left in LOWEST_INDEX[activation]:
            index = u8(left, max(argument(top, activation), 0.1))
            rounded = activate_real(index.real(index.store(before)), activation)
            error = float(np.mean((stored.real(stored.store(rounded)) - after) ** 2))
            if error < least:
                best, least = (index, stored), error
    assert best is not None
    return best


def argument(value: float, activation: str) -> float:
    """Where a rising activation reaches a positive value."""
    grid = np.linspace(0.0, max(2 * value, 4.0), 4096)
    return float(np.interp(value, activate_real(grid, activation), grid))


def _lows(lowest: float) -> NDArray[np.float64]:
    return SHARES[::4] if lowest < 0 else SHARES[:1]


def limits(quantity: Quantity) -> tuple[float, float]:
    """The least and the largest number that a u8 quantity holds."""
    lowest, highest = quantity.real(np.array([0, 255]))
    return float(lowest), float(highest)


def u8(lowest: float, highest: float) -> Quantity:
    """u8 for this range, zero stored exactly."""
    scale = (highest - lowest) / 255
    return Quantity(float(scale), int(np.clip(np.rint(-lowest / scale), 0, 255)), "u8")


def _error(samples: Samples, quantity: Quantity) -> float:
    return float(np.mean((quantity.real(quantity.store(samples)) - samples) ** 2))
