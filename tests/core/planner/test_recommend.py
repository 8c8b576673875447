"""The recommendation follows from the numbers."""

from dataclasses import replace

from camclassify_core.planner.designs import Design, Family, Grouping, Head, Trunk
from camclassify_core.planner.predict import Prediction, predict
from camclassify_core.planner.recommend import Recommendation, recommend

from .profiles import profile

PROFILE = profile()
HEADS = tuple(Head(name=f"head {index}", classes=4) for index in range(4))
SHARED = Design(name="shared", trunk=Trunk(), heads=HEADS)
SMALL = replace(SHARED, name="small", trunk=Trunk(width=0.5))
APART = replace(SHARED, name="apart", trunk=Trunk(width=0.5), grouping=Grouping.PER_GROUP)


def judge(*designs: Design) -> Recommendation:
    return recommend([predict(design, PROFILE) for design in designs], PROFILE)


def test_the_least_processor_time_wins_among_those_that_fit() -> None:
    found = judge(SHARED, SMALL)
    assert found.best is not None
    assert found.best.design is SMALL
    assert found.fastest.design is SMALL


def test_a_design_over_its_memory_is_no_candidate() -> None:
    found = judge(replace(SMALL, memory_mb=10), SHARED)
    assert found.best is not None
    assert found.best.design is SHARED
    assert "10 MB" in found.misfits["small"]


def test_a_design_that_misses_the_frame_rate_says_what_it_reaches() -> None:
    found = judge(replace(SHARED, fps=1000))
    assert found.best is None
    assert "of 1000 frames a second" in found.misfits["shared"]


def test_the_number_of_heads_from_which_sharing_pays() -> None:
    counted = [
        count
        for count in range(1, 5)
        if predict(replace(SHARED, heads=HEADS[:count]), PROFILE).latency_ms
        < predict(replace(APART, heads=HEADS[:count]), PROFILE).latency_ms
    ]
    sentences = judge(SHARED, APART).break_evens
    assert counted
    assert f"Sharing the trunk of 'shared' pays from {counted[0]} heads on." in sentences


def test_group_networks_are_held_against_the_shared_trunk_that_is_most_like_them() -> None:
    unlike = replace(SHARED, name="unlike", trunk=Trunk(family=Family.SEPARABLE))
    sentences = " ".join(judge(unlike, SHARED, APART).break_evens)
    assert "'shared'" in sentences
    assert "'unlike'" not in sentences


def test_rarely_wanted_groups_make_group_networks_pay() -> None:
    sentences = " ".join(judge(SHARED, APART).break_evens)
    assert "are wanted on less than" in sentences


def test_smaller_time_of_day_networks_pay_up_to_a_number_of_switches() -> None:
    timed = replace(SMALL, name="timed", grouping=Grouping.PER_REGIME, regimes=3)
    assert any("switches a day" in each for each in judge(SHARED, timed).break_evens)
    larger = replace(timed, trunk=Trunk(width=1.4))
    assert any("cost no less" in each for each in judge(SHARED, larger).break_evens)


def test_no_heads_are_added_to_networks_that_exist() -> None:
    exists = replace(SHARED, trunk=Trunk(bundles=("default",) * 3))
    known = replace(predict(SHARED, PROFILE), design=exists, layers=())
    sentences = recommend([known, predict(APART, PROFILE)], PROFILE).break_evens
    assert not any("heads" in each or "groups" in each for each in sentences)
    assert any("change gate" in each for each in sentences)


def on_threads(threads: int, low: float, high: float) -> Prediction:
    design = replace(SHARED, name=f"on {threads}, {low}-{high}", threads=threads)
    latency = (low * high) ** 0.5
    known = predict(SHARED, PROFILE)
    return replace(known, design=design, latency_ms=latency, low_ms=low, high_ms=high)


def test_two_threads_are_not_named_the_fastest_if_one_may_be_as_fast() -> None:
    one, slower, two = on_threads(1, 9, 11), on_threads(1, 10, 12), on_threads(2, 7, 9.5)
    found = recommend([two, slower, one], PROFILE)
    assert found.fastest is one
    assert found.perhaps_faster is two


def test_two_threads_that_are_faster_for_certain_are_named() -> None:
    one, two = on_threads(1, 9, 11), on_threads(2, 6, 8)
    found = recommend([one, two], PROFILE)
    assert (found.fastest, found.perhaps_faster) == (two, None)


def test_of_many_threads_as_few_are_named_as_may_do() -> None:
    one, two, four = on_threads(1, 9, 11), on_threads(2, 7, 9), on_threads(4, 5, 7.5)
    found = recommend([four, two, one], PROFILE)
    assert found.fastest is two
    assert found.perhaps_faster is four


def test_on_equal_threads_the_lower_latency_is_named_however_close() -> None:
    one, other = on_threads(2, 9, 11), on_threads(2, 9, 11.1)
    assert recommend([other, one], PROFILE).fastest is one
