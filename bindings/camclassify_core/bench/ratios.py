"""How many times faster: the paired median with a bootstrap interval.

Source: B. Efron, R. Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13 (percentiles).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_RESAMPLES = 2000
_CONFIDENCE = 95.0


@dataclass(frozen=True, slots=True)
class Ratio:
    """Median over the rounds of `slow / fast`, and its 95% interval."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.2f}x ({self.low:.2f}-{self.high:.2f})"


def paired_ratio(slow: NDArray[np.float64], fast: NDArray[np.float64]) -> Ratio:
    """Compares two contestants of the same rounds."""
    ratios = slow / fast
    picks = np.random.default_rng(0).integers(0, len(ratios), (_RESAMPLES, len(ratios)))
    medians = np.median(ratios[picks], axis=1)
    tail = (100.0 - _CONFIDENCE) / 2.0
    low, high = np.percentile(medians, [tail, 100.0 - tail])
    return Ratio(float(np.median(ratios)), float(low), float(high))
