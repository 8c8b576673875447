"""Activation tables of int8 ops: u8[256], and the i16 curve of docs/ops.md."""

import numpy as np
from numpy.typing import NDArray

from ..graph import Array
from ..reference.epilogue import CURVE_SEGMENTS, activate
from .int8_plan import Quantity

# Where the remainder against ReLU has (all but) vanished. Hard-swish's kink at 3 is on a border of
# the 64 segments.
CURVE_RANGE = {"silu": 9.0, "hard_swish": 12.0}
TABLED = ("silu", "hard_swish")
# Left of these, the activation is so close to its limit that a table's index need not reach.
LOWEST_INDEX = {"silu": (-8.0, -6.0, -5.0, -4.0), "hard_swish": (-3.0,)}


def table(activation: str, index: Quantity, stored: Quantity) -> Array:
    """The table of an output: `u8[256]` or `i16[131]` by its type."""
    if stored.type == "i16":
        return _curve(activation, stored.scale)
    return stored.store(activate_real(index.real(np.arange(256)), activation))


def activate_real(x: NDArray[np.float64], activation: str) -> NDArray[np.float64]:
    """An activation in double precision."""
    return np.asarray(activate(x, activation), np.float64)  # type: ignore[arg-type]


def wide(activation: str, largest: float) -> Quantity:
    """i16 that reaches `largest`: the curve's range times a power of two, as the curve's segments want."""
    reach = CURVE_RANGE[activation]
    doublings = max(0, int(np.ceil(np.log2(max(largest, 1e-6) / reach))))
    return Quantity(reach * 2**doublings / np.iinfo(np.int16).max, 0, "i16")


def _curve(activation: str, scale: float) -> NDArray[np.int16]:
    reach = CURVE_RANGE[activation]
    x = reach * np.arange(CURVE_SEGMENTS + 1) / CURVE_SEGMENTS
    remainder = np.rint((activate_real(x, activation) - x) / scale)
    remainder[-1] = 0
    limit = int(reach / scale)
    shift = int(np.log2(32767 // limit))
    factor = min(32767 * 32767 // (limit << shift), 32767)
    entries = [*remainder[:-1], *np.diff(remainder), limit, shift, factor]
    return np.array(entries, np.int16)
