"""How predictions are judged by what was measured."""

import pytest
from camclassify_core.planner.designs import Design, Head, Trunk
from camclassify_core.planner.measure import Measurement
from camclassify_core.planner.verdict import Verdict, summarise

DESIGN = Design(name="a", trunk=Trunk(), heads=(Head(name="all", classes=20),))


def verdict(
    predicted: float, measured: float, *, again: float | None = None, memory: float = 1.0
) -> Verdict:
    """`memory`: predicted over measured."""
    return Verdict(
        design=DESIGN,
        predicted=predicted,
        measured=Measurement(ratio=measured, spread=0.0),
        again=Measurement(ratio=again or measured, spread=0.0),
        predicted_mb=50 * memory,
        measured_mb=50.0,
    )


def test_shares_count_errors_of_either_sign() -> None:
    found = summarise([verdict(1.04, 1), verdict(0.96, 1), verdict(1.08, 1), verdict(0.8, 1)])
    assert (found.within_5, found.within_10) == (0.5, 0.75)
    assert found.worst == pytest.approx(0.2)
    assert found.bias == pytest.approx(-0.03)


def test_repeatability_is_that_of_the_two_measurements() -> None:
    found = summarise([verdict(1, 1, again=1.02), verdict(1, 1, again=0.93)])
    assert (found.again_within_5, found.again_within_10) == (0.5, 1)
    assert found.again_typical == pytest.approx(0.045)


def test_memory_is_judged_by_itself() -> None:
    found = summarise([verdict(1, 2, memory=1.04), verdict(1, 2, memory=0.9)])
    assert found.memory_within_5 == 0.5
    assert found.memory_worst == pytest.approx(0.1)


def test_pairs_are_ranked_by_how_far_apart_they_were_measured() -> None:
    found = summarise([verdict(1.00, 1.00), verdict(0.99, 1.07), verdict(1.30, 1.20)])
    assert (found.ordered_5, found.pairs_5) == (0, 1)  # 1.00 and 1.07
    assert (found.ordered_10, found.pairs_10) == (1, 2)  # both and 1.20


def test_pairs_that_are_no_further_apart_than_measuring_is_exact_do_not_count() -> None:
    found = summarise([verdict(1.02, 1.00), verdict(1.00, 1.03)])
    assert (found.ordered_5, found.ordered_10) == (None, None)
    assert (found.pairs_5, found.pairs_10) == (0, 0)


def test_the_fastest_design_is_named_if_both_agree_on_it() -> None:
    assert summarise([verdict(1, 1.1), verdict(2, 1.9)]).fastest_named
    assert not summarise([verdict(1, 1.1), verdict(0.9, 1.9)]).fastest_named
