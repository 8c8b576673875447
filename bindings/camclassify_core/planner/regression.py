"""Two ways to learn from samples: non-negative least squares, and smoothing over neighbours."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

type Vector = NDArray[np.float64]
type Matrix = NDArray[np.float64]

_TINY = 1e-12
_DIGITS = 4  # of a place, kept in a file


def non_negative(matrix: Matrix, target: Vector) -> Vector:
    """Least squares with non-negative coefficients (Lawson and Hanson 1974, chapter 23)."""
    scale = np.maximum(np.linalg.norm(matrix, axis=0), _TINY)
    scaled = matrix / scale
    # A whisper of a ridge: columns may be multiples of each other.
    gram = scaled.T @ scaled + 1e-9 * np.eye(matrix.shape[1])
    moment = scaled.T @ target
    coefficients = np.zeros(matrix.shape[1])
    free = np.zeros(matrix.shape[1], bool)
    for _ in range(3 * len(coefficients)):
        gain = np.where(free, -np.inf, moment - gram @ coefficients)
        best = int(np.argmax(gain))
        if gain[best] <= 1e-9:
            break
        free[best] = True
        coefficients = _shrink(gram, moment, coefficients, free)
    return np.asarray(coefficients / scale, dtype=np.float64)


def _shrink(gram: Matrix, moment: Vector, start: Vector, free: NDArray[np.bool_]) -> Vector:
    """The best coefficients among the free ones; those that would turn negative are freed no more."""
    current = start
    while True:
        wanted = np.zeros_like(current)
        wanted[free] = np.linalg.solve(gram[np.ix_(free, free)], moment[free])
        negative = free & (wanted <= 0)
        if not negative.any():
            return wanted
        step = np.min(current[negative] / (current[negative] - wanted[negative] + _TINY))
        current = current + step * (wanted - current)
        free &= current > _TINY
        current[~free] = 0


class Smoother:
    """Gaussian-process regression of a quantity that is near zero where nothing similar is known.

    Rasmussen and Williams 2006, algorithm 2.1, squared-exponential covariance. `places` are the samples'
    coordinates in units of the length over which values are alike.
    """

    def __init__(self, amplitude: float, places: Matrix, weights: Vector) -> None:
        self._amplitude = amplitude
        self._places = places
        self._weights = weights

    @classmethod
    def fit(cls, places: Matrix, values: Vector, variances: Vector) -> Smoother:
        """Samples with the variances of their noise."""
        places = places.round(_DIGITS)
        amplitude = max(float(np.var(values) - np.median(variances)), 1e-4)
        covariance = amplitude * _similarity(places, places) + np.diag(variances)
        weights = np.asarray(np.linalg.solve(covariance, values), dtype=np.float64)
        return cls(amplitude, places, weights)

    def at(self, places: Matrix) -> Vector:
        """The expected values."""
        near = _similarity(places, self._places)
        return np.asarray(self._amplitude * (near @ self._weights), dtype=np.float64)

    def to_json(self) -> dict[str, Any]:
        """All that from_json() needs."""
        return {
            "amplitude": self._amplitude,
            "places": self._places.round(_DIGITS).tolist(),
            "weights": self._weights.tolist(),
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Smoother:
        """Back from to_json(). Raises KeyError or ValueError if something is missing."""
        return cls(
            float(content["amplitude"]),
            np.array(content["places"], float),
            np.array(content["weights"], float),
        )


def _similarity(left: Matrix, right: Matrix) -> Matrix:
    distance = (left**2).sum(axis=1)[:, None] + (right**2).sum(axis=1) - 2 * left @ right.T
    return np.asarray(np.exp(-0.5 * np.maximum(distance, 0)), dtype=np.float64)
