"""What one layer costs: physics first, then what the samples say beyond it.

The physics is a sum of non-negative terms: multiply-adds (dense and depthwise), values read, kept inside
and written, weights streamed, rows started, and a constant. On top of it, the logarithm of measured over
physical cost is smoothed over the layers' shapes by Gaussian-process regression (Rasmussen and Williams
2006, algorithm 2.1), which is near zero where nothing similar was measured.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .layers import Kind, Layer

type Vector = NDArray[np.float64]
type Matrix = NDArray[np.float64]

# Doublings of a shape's dimension over which costs are alike, and the noise of one sample's logarithm.
_LENGTHS = (0.7, 1.0, 1.5, 2.5)
_NOISE = 0.02
_LEAST = 1e-9
TERMS = (
    "dense",
    "narrow_read",
    "narrow_written",
    "depthwise",
    "read",
    "inside",
    "written",
    "weights",
    "rows",
    "constant",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A layer and what it cost, in runs of the reference network."""

    layer: Layer
    cost: float


class KindModel:
    """The cost of one kind of layer.

    `terms` are the physics' coefficients; `length`, `amplitude`, `shapes` and `weights` those of the
    regression.
    """

    def __init__(
        self, terms: Vector, length: float, amplitude: float, shapes: Matrix, weights: Vector
    ) -> None:
        self._terms = terms
        self._length = length
        self._amplitude = amplitude
        self._shapes = shapes
        self._weights = weights

    @classmethod
    def fit(cls, samples: Sequence[Sample]) -> KindModel:
        """Fits physics and correction; needs at least one sample."""
        layers = [sample.layer for sample in samples]
        costs = np.array([sample.cost for sample in samples])
        physics = np.array([_physics(layer) for layer in layers])
        terms = non_negative(physics / costs[:, None], np.ones(len(samples)))
        excess = np.log(costs / np.maximum(physics @ terms, _LEAST))
        shapes = np.array([_shape(layer) for layer in layers])
        amplitude = max(float(np.var(excess)), 1e-4)
        length = min(_LENGTHS, key=lambda each: _left_out_error(shapes, excess, each, amplitude))
        weights = np.linalg.solve(_covariance(shapes, length, amplitude), excess)
        return cls(terms, length, amplitude, shapes, weights)

    def costs(self, layers: Sequence[Layer]) -> Vector:
        """The cost of each layer, in runs of the reference network."""
        shapes = np.array([_shape(layer) for layer in layers])
        near = _similarity(shapes, self._shapes, self._length)
        correction = self._amplitude * (near @ self._weights)
        return np.asarray(self.physical(layers) * np.exp(correction), dtype=np.float64)

    def physical(self, layers: Sequence[Layer]) -> Vector:
        """The cost of each layer by physics alone."""
        physics = np.array([_physics(layer) for layer in layers])
        return np.maximum(physics @ self._terms, _LEAST)

    def breakdown(self, layer: Layer) -> dict[str, float]:
        """The physical cost's terms by name."""
        return dict(zip(TERMS, (_physics(layer) * self._terms).tolist(), strict=True))

    def to_json(self) -> dict[str, Any]:
        """All that from_json() needs."""
        return {
            "terms": self._terms.tolist(),
            "length": self._length,
            "amplitude": self._amplitude,
            "shapes": self._shapes.tolist(),
            "weights": self._weights.tolist(),
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> KindModel:
        """Back from to_json(). Raises KeyError or ValueError if something is missing."""
        return cls(
            np.array(content["terms"], float),
            float(content["length"]),
            float(content["amplitude"]),
            np.array(content["shapes"], float),
            np.array(content["weights"], float),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CostModel:
    """The cost of every kind of layer."""

    kinds: dict[Kind, KindModel]

    @classmethod
    def fit(cls, samples: Iterable[Sample]) -> CostModel:
        """Fits a model for each kind that was sampled."""
        grouped: dict[Kind, list[Sample]] = {}
        for sample in samples:
            grouped.setdefault(sample.layer.kind, []).append(sample)
        return cls(kinds={kind: KindModel.fit(group) for kind, group in grouped.items()})

    def cost(self, layers: Sequence[Layer]) -> float:
        """The cost of running these layers once, in runs of the reference network."""
        return sum(self.per_layer(layers))

    def per_layer(self, layers: Sequence[Layer]) -> list[float]:
        """The cost of each layer, in their order."""
        costs = [0.0] * len(layers)
        for kind in {layer.kind for layer in layers}:
            places = [place for place, layer in enumerate(layers) if layer.kind is kind]
            found = self.kinds[kind].costs([layers[place] for place in places])
            for place, cost in zip(places, found.tolist(), strict=True):
                costs[place] = cost
        return costs


def _physics(layer: Layer) -> Vector:
    written_rows = layer.output_size
    return np.array(
        [
            layer.dense_macs / 1e6,
            # Narrow layers use vectors badly: a product's cost beyond its multiply-adds grows with
            # the pixels on either side.
            layer.size**2 * (layer.inner or layer.channels) / 1e6,
            layer.output_size**2 * (layer.inner or layer.filters) / 1e6,
            layer.depthwise_macs / 1e6,
            layer.values_read / 1e6,
            layer.values_inside / 1e6,
            layer.values_written / 1e6,
            layer.weights / 1e6,
            written_rows / 1e3,
            1e-3,
        ]
    )


def _shape(layer: Layer) -> tuple[float, ...]:
    return (
        math.log2(layer.size),
        math.log2(layer.channels),
        math.log2(layer.inner or 1),
        math.log2(layer.filters),
        2.0 * layer.stride,
        2.0 * layer.kernel,
        2.0 * layer.residual,
    )


def _similarity(left: Matrix, right: Matrix, length: float) -> Matrix:
    distance = ((left[:, None, :] - right[None, :, :]) ** 2).sum(axis=2)
    return np.asarray(np.exp(-0.5 * distance / length**2), dtype=np.float64)


def _covariance(shapes: Matrix, length: float, amplitude: float) -> Matrix:
    return amplitude * _similarity(shapes, shapes, length) + _NOISE**2 * np.eye(len(shapes))


def _left_out_error(shapes: Matrix, excess: Vector, length: float, amplitude: float) -> float:
    """Mean squared leave-one-out error (Rasmussen and Williams 2006, section 5.4.2)."""
    inverse = np.linalg.inv(_covariance(shapes, length, amplitude))
    return float(np.mean((inverse @ excess / np.diag(inverse)) ** 2))


def non_negative(matrix: Matrix, target: Vector) -> Vector:
    """Least squares with non-negative coefficients, by coordinate descent."""
    scale = np.maximum(np.linalg.norm(matrix, axis=0), 1e-12)
    scaled = matrix / scale
    gram, moment = scaled.T @ scaled, scaled.T @ target
    coefficients = np.zeros(matrix.shape[1])
    for _ in range(2000):
        for index in range(len(coefficients)):
            step = (moment[index] - gram[index] @ coefficients) / max(gram[index, index], 1e-12)
            coefficients[index] = max(0.0, coefficients[index] + step)
    return np.asarray(coefficients / scale, dtype=np.float64)
