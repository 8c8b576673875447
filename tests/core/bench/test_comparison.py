"""Measurements become rows of a table."""

import numpy as np
import pytest
from camclassify_core.bench.comparison import compare
from camclassify_core.bench.contestant import Contestant
from camclassify_core.bench.rounds import Times


def contestant(name: str, precision: str, value: float) -> Contestant:
    return Contestant(
        name,
        precision,
        lambda: None,
        lambda: {"out": np.array([0.5, value])},
        ours=name == "ours",
    )


def test_rows_compare_with_our_fastest_in_each_precision() -> None:
    contestants = [
        contestant("peer", "fp32", 10.0),
        contestant("ours", "fp32", 10.0),
        contestant("ours", "int8", 10.5),
    ]
    times = Times(wall=np.tile([8.0, 4.0, 2.0], (20, 1)), cpu=np.ones((20, 3)))
    rows = compare("network", contestants, times).rows
    assert {kind: ratio.median for kind, ratio in rows[0].faster.items()} == {"fp32": 2, "int8": 4}
    assert rows[2].difference == pytest.approx(0.05)
    assert rows[1].median_ms == 4


@pytest.mark.parametrize("value", [10.2, float("nan")])
def test_who_computes_something_else_in_fp32_disagrees(value: float) -> None:
    contestants = [
        contestant("ours", "fp32 unfused", 10.0),
        contestant("ours", "int8", value),
        contestant("peer", "fp32", 10.05),
        contestant("wrong", "fp32", value),
    ]
    times = Times(wall=np.ones((20, 4)), cpu=np.ones((20, 4)))
    comparison = compare("network", contestants, times)
    assert [row.name for row in comparison.disagreeing] == ["wrong"]
