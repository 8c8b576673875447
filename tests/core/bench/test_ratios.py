"""How many times faster one is than another, whatever the machine is doing."""

import numpy as np
import pytest
from camclassify_core.bench.ratios import paired_ratio


def test_the_paired_ratio_does_not_see_what_hits_both() -> None:
    drift = np.random.default_rng(1).uniform(1, 10, 200)
    ratio = paired_ratio(3 * drift, drift)
    assert (ratio.median, ratio.low, ratio.high) == pytest.approx((3, 3, 3))


def test_the_interval_is_wide_where_rounds_disagree() -> None:
    noise = np.random.default_rng(2)
    ratio = paired_ratio(noise.uniform(1, 3, 100), noise.uniform(1, 3, 100))
    assert ratio.low < ratio.median < ratio.high
