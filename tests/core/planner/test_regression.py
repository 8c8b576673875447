"""What is learnt from samples."""

import math

import numpy as np
import pytest
from camclassify_core.planner.regression import Smoother, non_negative
from hypothesis import given
from hypothesis import strategies as st

MATRIX = np.array([[1.0, 1.0], [1.0, 2.0], [1.0, 3.0]])


def test_coefficients_are_never_negative() -> None:
    found = non_negative(MATRIX, np.array([3.0, 2.0, 1.0]))
    assert (found >= 0).all()
    assert found[1] == 0
    assert math.isclose(found[0], 2, rel_tol=1e-6)


def test_exact_coefficients_are_found() -> None:
    assert non_negative(MATRIX, MATRIX @ np.array([0.5, 4.0])) == pytest.approx([0.5, 4.0])


@given(st.integers(0, 10_000))
def test_no_other_non_negative_coefficients_are_better(seed: int) -> None:
    random = np.random.default_rng(seed)
    matrix, target = random.random((12, 5)), random.random(12)
    best = np.linalg.norm(matrix @ non_negative(matrix, target) - target)
    for _ in range(20):
        assert best <= np.linalg.norm(matrix @ random.random(5) - target) + 1e-6


def test_smoothing_follows_its_samples_and_fades_away_from_them() -> None:
    places = np.arange(5.0)[:, None] / 2
    values = np.array([0.1, 0.2, 0.1, -0.1, -0.2])
    smoother = Smoother.fit(places, values, np.full(5, 1e-6))
    assert smoother.at(places) == pytest.approx(values, abs=0.01)
    assert smoother.at(np.array([[50.0]])) == pytest.approx([0.0])
