"""A head on the object trunk's features, fitted in closed form from a handful of examples.

Ridge regression in its dual form, one column per class and none for "something else", whose
leave-one-out predictions are exact and free (Rifkin and Lippert, Notes on Regularized Least Squares,
2007). What is unlike every example of a class is not of that class, whatever the regression says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

from .examples import Expectation

type Matrix = npt.NDArray[np.float64]

_RIDGE = 0.1  # regularisation; the features have length 1
_BIAS = 0.5  # a constant feature, so that the boundary need not pass through the origin
_LIKENESS = 0.75  # cosine to the nearest example: the same thing on another day
_SLACK = 0.1  # less than the examples of a varied class have among themselves
_LEAST_LIKENESS = 0.55  # about what two cars have
_Z95 = 1.96  # of a 95% interval


@dataclass(frozen=True, slots=True)
class Head:
    """Linear scores of each class, with what each must reach."""

    names: tuple[str, ...]
    weights: Matrix  # (features + 1) x classes
    thresholds: Matrix  # classes
    examples: tuple[Matrix, ...]  # per class: its examples x features, of length 1
    likeness: Matrix  # classes: least cosine to the nearest example

    def recognise(self, features: Sequence[float], among: Sequence[str]) -> str | None:
        """The class of an object, of those given; nothing if it is none of them."""
        vector = normalised(np.asarray([features], np.float64))
        margins = (with_bias(vector) @ self.weights)[0] - self.thresholds
        best = max(
            (
                column
                for column, name in enumerate(self.names)
                if name in among
                and margins[column] >= 0
                and (self.examples[column] @ vector[0]).max() >= self.likeness[column]
            ),
            key=lambda column: float(margins[column]),
            default=None,
        )
        return None if best is None else self.names[best]

    def likeness_to(self, name: str, features: Sequence[float]) -> float:
        """Cosine of an object's features to those of the class's nearest example."""
        vector = normalised(np.asarray([features], np.float64))[0]
        return float((self.examples[self.names.index(name)] @ vector).max())


def fit(rows: Matrix, names: Sequence[str | None]) -> tuple[Head, dict[str, Expectation]]:
    """Fits a head; `rows` are features (examples x features), a name of none is "something else"."""
    rows = normalised(rows)
    classes = tuple(sorted({name for name in names if name is not None}))
    targets = np.array([[float(name == each) for each in classes] for name in names])
    kernel = with_bias(rows) @ with_bias(rows).T
    system = kernel + _RIDGE * np.diag(1 / _weights(names))
    inverse = np.linalg.inv(system)
    dual = inverse @ targets
    left_out = targets - dual / np.diag(inverse)[:, None]
    cosines = rows @ rows.T
    own = targets.astype(bool)
    head = Head(
        names=classes,
        weights=with_bias(rows).T @ dual,
        thresholds=np.array([_threshold(left_out[:, c], own[:, c]) for c in range(len(classes))]),
        examples=tuple(rows[own[:, c]] for c in range(len(classes))),
        likeness=np.array([_likeness(cosines, own[:, c]) for c in range(len(classes))]),
    )
    expectations = {
        name: _expect(left_out[:, c], cosines, own[:, c]) for c, name in enumerate(classes)
    }
    return head, expectations


def normalised(rows: Matrix) -> Matrix:
    """Rows of length 1; a row of zeros stays one."""
    scaled: Matrix = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return scaled


def with_bias(rows: Matrix) -> Matrix:
    """Rows with the constant feature."""
    return np.hstack([rows, np.full((len(rows), 1), _BIAS)])


def _weights(names: Sequence[str | None]) -> Matrix:
    """Weights that make every class count the same, however many examples it has; 1 on average."""
    kinds = set(names)
    return np.array([len(names) / (len(kinds) * names.count(name)) for name in names])


def _threshold(scores: Matrix, own: npt.NDArray[np.bool_]) -> float:
    """Half way between the class and the rest; above the rest where they overlap."""
    highest = float(scores[~own].max(initial=0.0))
    lowest = float(scores[own].min(initial=1.0))
    return max((highest + lowest) / 2, highest + 1e-3)


def _likeness(cosines: Matrix, own: npt.NDArray[np.bool_]) -> float:
    """How like its nearest example of the class an object must be."""
    among = cosines[np.ix_(own, own)] - 2 * np.eye(int(own.sum()))
    if len(among) < 2:
        return _LIKENESS
    return min(_LIKENESS, max(_LEAST_LIKENESS, float(among.max(axis=1).min()) - _SLACK))


def _expect(scores: Matrix, cosines: Matrix, own: npt.NDArray[np.bool_]) -> Expectation:
    """Judges each example by a threshold and a likeness that it had no part in."""
    taken = np.zeros(len(own), np.bool_)
    for one in range(len(own)):
        others = np.arange(len(own)) != one
        kin = own & others
        if kin.any():
            taken[one] = scores[one] >= _threshold(scores[others], own[others]) and cosines[
                one, kin
            ].max() >= _likeness(cosines, kin)
    right, wrong = int((taken & own).sum()), int((taken & ~own).sum())
    low, high = _wilson(right, right + wrong)
    return Expectation(
        right=right,
        wrong=wrong,
        missed=int((own & ~taken).sum()),
        precision=right / (right + wrong) if right + wrong else 0.0,
        low=low,
        high=high,
    )


def _wilson(hits: int, trials: int) -> tuple[float, float]:
    """The 95% interval of a share (Wilson, 1927)."""
    if trials == 0:
        return 0.0, 1.0
    share = hits / trials
    scale = 1 + _Z95**2 / trials
    middle = (share + _Z95**2 / (2 * trials)) / scale
    half = _Z95 / scale * sqrt(share * (1 - share) / trials + _Z95**2 / (4 * trials**2))
    return max(0.0, middle - half), min(1.0, middle + half)
