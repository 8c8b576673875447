"""What follows the sums of a convolution: activation, residual, requantisation."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..graph import Array, Node

type Floats = NDArray[np.float32]

F32 = np.float32
CURVE_SEGMENTS = 64


@dataclass(frozen=True, slots=True)
class Residual:
    """The values to add, and when: `before` or `after` the activation."""

    values: Array
    when: str


def activate(x: Floats, name: str) -> Floats:
    """The fp32 activations."""
    match name:
        case "none":
            return x
        case "relu":
            return np.maximum(x, F32(0))
        case "relu6":
            return np.clip(x, F32(0), F32(6))
        case "silu":
            return x * sigmoid(x)
        case "hard_swish":
            return np.asarray(x * np.clip(x + F32(3), F32(0), F32(6)) / F32(6), F32)
        case "sigmoid":
            return sigmoid(x)
        case _:
            raise ValueError(f"unknown activation {name}")


def finish(
    node: Node,
    sums: Array,
    constants: list[Array],
    dtype: np.dtype[Any],
    residual: Residual | None,
) -> Array:
    """From sums without bias to an output. `constants`: bias[, multiplier[, table]]."""
    activation = node.text("activation", "none")
    return finish_as(node, activation, sums, constants, dtype, residual)


def finish_as(
    node: Node,
    activation: str,
    sums: Array,
    constants: list[Array],
    dtype: np.dtype[Any],
    residual: Residual | None = None,
) -> Array:
    """`finish` with an activation that is not the node's own attribute `activation`."""
    bias = constants[0]
    if bias.dtype == F32:
        return _finish_fp32(activation, sums.astype(F32) + bias, residual)
    t = (sums.astype(np.int64) + bias).astype(F32) * constants[1]
    if residual is not None and residual.when == "before":
        t = t + residual.values.astype(F32) * F32(node.real("residual_multiplier", 1))
    value = requantise(t, activation, dtype, constants[2] if constants[2:] else None)
    if residual is not None and residual.when == "after":
        own = value.astype(F32) * F32(node.real("activation_multiplier", 1))
        other = residual.values.astype(F32) * F32(node.real("residual_multiplier", 1))
        return saturate((own + other) + F32(node.real("residual_offset", 0)), np.dtype(np.uint8))
    return value


def _finish_fp32(activation: str, x: Floats, residual: Residual | None) -> Floats:
    if residual is None:
        return activate(x, activation)
    if residual.when == "before":
        return activate(x + residual.values, activation)
    return activate(x, activation) + residual.values


def requantise(t: Floats, activation: str, dtype: np.dtype[Any], table: Array | None) -> Array:
    """The int8 outputs of docs/ops.md."""
    if dtype == F32:
        return exact_sigmoid(t) if activation == "sigmoid" else activate(t, activation)
    value = saturate(t, dtype)
    if activation == "table" and table is not None:
        return table[value] if dtype == np.uint8 else curve(value, table)
    if activation == "relu" and dtype == np.int16:
        return np.maximum(value, np.int16(0))
    return value


def saturate(t: Floats, dtype: np.dtype[Any]) -> Array:
    """Rounded to nearest even and clipped to the type's range."""
    limits = np.iinfo(dtype)
    return np.clip(np.rint(t), limits.min, limits.max).astype(dtype)


def curve(value: Array, table: Array) -> NDArray[np.int16]:
    """max(x, 0) + g(|x|), g piecewise linear over 64 segments."""
    entries = table.astype(np.int64)
    base, slope = entries[:CURVE_SEGMENTS], entries[CURVE_SEGMENTS : 2 * CURVE_SEGMENTS]
    limit, shift, factor = entries[2 * CURVE_SEGMENTS :]
    x = value.astype(np.int64)
    u = _mulhrs(np.minimum(np.minimum(np.abs(x), 32767), limit) << shift, factor)
    index, rest = u >> 9, u & 511
    remainder = base[index] + _mulhrs(slope[index], rest << 6)
    return np.asarray(np.clip(np.maximum(x, 0) + remainder, -32768, 32767), np.int16)


def _mulhrs(p: NDArray[np.int64], q: NDArray[np.int64]) -> NDArray[np.int64]:
    return (p * q + (1 << 14)) >> 15


def sigmoid(x: Floats) -> Floats:
    """1 / (1 + exp(-x)), without overflow."""
    return F32(1) / (F32(1) + np.exp(-np.clip(x, F32(-87), F32(87))))


def exact_sigmoid(t: Floats) -> Floats:
    """The sigmoid of int8 ops, operation by operation as docs/ops.md has it."""
    x = np.clip(-t, F32(-87), F32(87))
    n = np.rint(x * F32(1.44269504))
    r = (x - n * F32(0.693359375)) - n * F32(-2.12194440e-4)
    p = np.full_like(r, 1.9875691500e-4)
    for coefficient in (
        1.3981999507e-3,
        8.3334519073e-3,
        4.1665795894e-2,
        1.6666665459e-1,
        5.0000001201e-1,
    ):
        p = p * r + F32(coefficient)
    e = np.ldexp(((p * (r * r)) + r) + F32(1), n.astype(np.int32))
    return np.asarray(F32(1) / (F32(1) + e), F32)
