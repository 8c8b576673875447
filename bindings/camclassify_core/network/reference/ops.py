"""One function per op: node, input arrays and output types to output arrays."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..graph import Array, Node
from .epilogue import F32, Residual, exact_sigmoid, finish, finish_as, saturate, sigmoid

type DType = np.dtype[Any]
type Op = Callable[[Node, list[Array], list[DType]], list[Array]]

_EXACT_IN_F32 = 1 << 24
_STORED: Mapping[str, DType] = {"u8": np.dtype(np.uint8), "i16": np.dtype(np.int16)}


def product(x: Array, weights: Array) -> Array:
    """X [..., I] times weights [O, I]; integers without rounding."""
    if weights.dtype == F32:
        return np.asarray(x @ weights.T)
    largest = int(np.abs(weights.astype(np.int64)).sum(axis=1).max()) * np.iinfo(x.dtype).max
    exact: type[np.floating[Any]] = np.float32 if largest < _EXACT_IN_F32 else np.float64
    return np.asarray(x.astype(exact) @ weights.astype(exact).T).astype(np.int64)


def _padded(x: Array, pads: list[int], value: int) -> Array:
    top, left, bottom, right = pads
    return np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)), constant_values=value)


def _windows(x: Array, kernel: tuple[int, int], stride: int) -> NDArray[np.generic]:
    """[N, H', W', C, rows, columns]."""
    view = np.lib.stride_tricks.sliding_window_view
    windows = view(view(x, kernel[0], axis=1), kernel[1], axis=2)
    return np.asarray(windows[:, ::stride, ::stride])


def _dense_sums(node: Node, x: Array, weights: Array, stride: int) -> Array:
    """A dense convolution [O, I, rows, columns], in groups where there are some."""
    _, _, rows, columns = weights.shape
    padded = _padded(x, node.integers("pads", (0,) * 4), node.integer("pad_value", 0))
    if weights.dtype == F32:
        padded = padded.astype(F32, copy=False)
    height = (padded.shape[1] - rows) // stride + 1
    width = (padded.shape[2] - columns) // stride + 1
    groups = node.integer("groups", 1)
    sums = []
    for part, own in zip(np.split(padded, groups, axis=3), np.split(weights, groups), strict=True):
        # Product by product: windows of all pixels side by side would not fit in memory.
        pieces = (
            product(
                part[:, y : y + height * stride : stride, c : c + width * stride : stride][
                    :, :height, :width
                ],
                own[:, :, y, c],
            )
            for y in range(rows)
            for c in range(columns)
        )
        sums.append(sum(pieces, start=np.zeros((), own.dtype if own.dtype == F32 else np.int64)))
    return np.concatenate(sums, axis=3)


def stem(node: Node, inputs: list[Array], dtypes: list[DType]) -> list[Array]:
    """A dense convolution over the picture."""
    picture, weights, *constants = inputs
    sums = _dense_sums(node, picture, weights, node.integer("stride", 2))
    return [finish(node, sums, constants, dtypes[0], None)]


def convolution(node: Node, inputs: list[Array], dtypes: list[DType]) -> list[Array]:
    """A dense convolution, with a residual where there is one."""
    x, *rest = inputs
    when = node.text("residual", "none")
    residual = Residual(rest.pop(0), when) if when != "none" else None
    weights, *constants = rest
    sums = _dense_sums(node, x, weights, node.integer("stride", 1))
    return [finish(node, sums, constants, dtypes[0], residual)]


def pooling(node: Node, inputs: list[Array], _: list[DType]) -> list[Array]:
    """Maxima or means of windows."""
    (x,) = inputs
    rows, columns = node.integers("kernel")
    pads, stride = node.integers("pads", (0,) * 4), node.integer("stride", 1)
    if node.text("kind", "max") == "max":
        lowest = -np.inf if x.dtype == F32 else np.iinfo(x.dtype).min
        top, left, bottom, right = pads
        around = ((0, 0), (top, bottom), (left, right), (0, 0))
        padded = np.pad(x, around, constant_values=lowest)
        return [_windows(padded, (rows, columns), stride).max(axis=(4, 5))]
    counts = node.integer("count_pads", 0)
    padded = _padded(x, pads, node.integer("pad_value", 0) if counts else 0)
    exact = padded if x.dtype == F32 else padded.astype(np.int64)
    sums = _windows(exact, (rows, columns), stride).sum(axis=(4, 5))
    inside = _padded(np.ones((1, *x.shape[1:3], 1), F32), pads, 1 if counts else 0)
    pixels = _windows(inside, (rows, columns), stride).sum(axis=(4, 5))
    means = sums.astype(F32) * (F32(1) / pixels)
    return [means if x.dtype == F32 else np.rint(means).astype(x.dtype)]


def pointwise(node: Node, inputs: list[Array], dtypes: list[DType]) -> list[Array]:
    """A 1x1 convolution over up to four inputs, with up to four outputs."""
    upsample = node.integers("upsample", (1,))
    parts = [
        part.repeat(factor, axis=1).repeat(factor, axis=2)
        for part, factor in zip(inputs, upsample, strict=False)
    ]
    rest = inputs[len(upsample) :]
    when = node.text("residual", "none")
    residual = Residual(rest.pop(0), when) if when != "none" else None
    weights, *constants = rest
    sums = product(np.concatenate(parts, axis=3), weights)
    outputs: list[Array] = []
    tables = iter(constants[2:])
    start = 0
    for count, dtype in zip(node.integers("outputs", (len(weights),)), dtypes, strict=True):
        rows = slice(start, start + count)
        start += count
        own = [constant[rows] for constant in constants[:2]]
        if node.text("activation", "none") == "table":
            own.append(next(tables))
        outputs.append(finish(node, sums[..., rows], own, dtype, residual))
    return outputs


def _depthwise_sums(
    x: Array, weights: Array, stride: int, pads: list[int], pad_value: int
) -> Array:
    kernel = weights.shape[1]
    wide = x if weights.dtype == F32 else x.astype(np.int32)
    padded = _padded(wide, pads, pad_value)
    rows = (padded.shape[1] - kernel) // stride + 1
    columns = (padded.shape[2] - kernel) // stride + 1
    sums = np.zeros((len(x), rows, columns, x.shape[3]), wide.dtype)
    for y in range(kernel):
        for c in range(kernel):
            part = padded[:, y : y + rows * stride : stride, c : c + columns * stride : stride]
            sums += part[:, :rows, :columns] * weights[:, y, c].astype(wide.dtype)
    return sums


def depthwise(node: Node, inputs: list[Array], dtypes: list[DType]) -> list[Array]:
    """A 3x3 or 5x5 convolution of each channel by itself."""
    x, weights, *constants = inputs
    sums = _depthwise_sums(
        x,
        weights,
        node.integer("stride", 1),
        node.integers("pads", (0,) * 4),
        node.integer("pad_value", 0),
    )
    return [finish(node, sums, constants, dtypes[0], None)]


def block(node: Node, inputs: list[Array], dtypes: list[DType]) -> list[Array]:
    """Pointwise, depthwise, pointwise."""
    x, *constants = inputs
    fp32 = constants[0].dtype == F32

    def take(activation: str) -> list[Array]:
        count = 2 if fp32 else 3 + (activation == "table")
        taken = constants[:count]
        del constants[:count]
        return taken

    def inner(key: str) -> DType:
        return np.dtype(F32) if fp32 else _STORED[node.text(key, "u8")]

    value = x
    if node.integer("expand", 1):
        activation = node.text("expand_activation", "none")
        weights, *own = take(activation)
        value = finish_as(node, activation, product(value, weights), own, inner("expand_type"))
    activation = node.text("depthwise_activation", "none")
    weights, *own = take(activation)
    sums = _depthwise_sums(
        value,
        weights,
        node.integer("stride", 1),
        node.integers("pads", (0,) * 4),
        node.integer("pad_value", 0),
    )
    value = finish_as(node, activation, sums, own, inner("depthwise_type"))
    weights, *own = take(node.text("activation", "none"))
    when = node.text("residual", "none")
    residual = Residual(x, when) if when != "none" else None
    return [finish(node, product(value, weights), own, dtypes[0], residual)]


def spatial_pyramid_pool(_: Node, inputs: list[Array], __: list[DType]) -> list[Array]:
    """Three chained 5x5 maxima."""
    outputs: list[Array] = []
    value = inputs[0]
    lowest = -np.inf if value.dtype == F32 else np.iinfo(value.dtype).min
    for _step in range(3):
        padded = np.pad(value, ((0, 0), (2, 2), (2, 2), (0, 0)), constant_values=lowest)
        value = _windows(padded, (5, 5), 1).max(axis=(4, 5))
        outputs.append(value)
    return outputs


def predictor(node: Node, inputs: list[Array], dtypes: list[DType]) -> list[Array]:
    """1x1 convolutions of all levels, flattened, concatenated, split into heads."""
    levels = node.integer("levels", 1)
    sources, constants = inputs[:levels], inputs[levels:]
    step = len(constants) // levels
    flat: list[Array] = []
    for level, source in enumerate(sources):
        weights, *own = constants[level * step : (level + 1) * step]
        values = finish_as(node, "none", product(source, weights), own, dtypes[0])
        flat.append(values.reshape(len(values), -1, values.shape[3]))
    together = np.concatenate(flat, axis=1)
    squash = sigmoid if step == 2 else exact_sigmoid
    outputs: list[Array] = []
    start = 0
    for count, wanted in zip(node.integers("outputs"), node.integers("sigmoid"), strict=True):
        part = together[..., start : start + count]
        start += count
        outputs.append(squash(part) if wanted else part)
    return outputs


def pooled_head(node: Node, inputs: list[Array], _: list[DType]) -> list[Array]:
    """Mean over height and width, then the classifiers."""
    x, *constants = inputs
    if x.dtype == F32:
        features = x.mean(axis=(1, 2), dtype=F32)
    else:
        sums = x.astype(np.int64).sum(axis=(1, 2)).astype(F32)
        features = sums * F32(node.real("feature_multiplier", 1))
    if not constants:
        return [features]
    weights, bias = constants[:2]
    if weights.dtype == F32:
        logits = features @ weights.T + bias
    else:
        pooled = saturate(features * F32(node.real("pooled_multiplier", 1)), np.dtype(np.uint8))
        logits = (product(pooled, weights) + bias).astype(F32) * constants[2]
    rows = node.integers("outputs", (len(weights),))
    return [features, *np.split(logits, np.cumsum(rows)[:-1], axis=1)]


def rearrange(node: Node, inputs: list[Array], _: list[DType]) -> list[Array]:
    """A part, its axes in order, in a shape."""
    (x,) = inputs
    if sizes := node.integers("sizes"):
        steps = node.integers("steps") or [1] * len(sizes)
        starts = node.integers("starts")
        x = x[
            tuple(
                slice(start, start + (size - 1) * step + 1, step)
                for start, size, step in zip(starts, sizes, steps, strict=True)
            )
        ]
    if order := node.integers("order"):
        x = x.transpose(order)
    shape = node.integers("shape")
    return [np.ascontiguousarray(x.reshape(shape) if shape else x)]


def concatenation(node: Node, inputs: list[Array], _: list[DType]) -> list[Array]:
    """One after the other along an axis."""
    return [np.concatenate(inputs, axis=node.integer("axis", 0))]


def elementwise(node: Node, inputs: list[Array], _: list[DType]) -> list[Array]:
    """Arithmetic, with broadcasting."""
    return [np.asarray(_ELEMENTWISE[node.text("kind", "")](*inputs), F32)]


def softmax(node: Node, inputs: list[Array], _: list[DType]) -> list[Array]:
    """Shares that add up to one along an axis."""
    axis = node.integer("axis", 0)
    powers = np.exp(inputs[0] - inputs[0].max(axis=axis, keepdims=True))
    return [powers / powers.sum(axis=axis, keepdims=True)]


_ELEMENTWISE: Mapping[str, Callable[..., Array]] = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "sigmoid": sigmoid,
    "exponential": np.exp,
    "logarithm": np.log,
}

OPS: Mapping[str, Op] = {
    "Stem": stem,
    "Pointwise": pointwise,
    "Depthwise": depthwise,
    "Convolution": convolution,
    "Block": block,
    "Pooling": pooling,
    "SpatialPyramidPool": spatial_pyramid_pool,
    "Predictor": predictor,
    "PooledHead": pooled_head,
    "Rearrange": rearrange,
    "Concatenation": concatenation,
    "Elementwise": elementwise,
    "Softmax": softmax,
}
