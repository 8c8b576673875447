"""What two engines find is paired by place, and counted."""

from camclassify_core.results import Box, Detection, Regime, Result, Timing
from camclassify_core.side_by_side import Pair, Tally, pairs
from hypothesis import given
from hypothesis import strategies as st


def found(name: str, left: float, *, width: float = 0.2, score: float = 0.8) -> Detection:
    return Detection(name=name, score=score, box=Box(x0=left, y0=0.1, x1=left + width, y1=0.5))


def result(*detections: Detection, total: float = 2.0) -> Result:
    return Result(
        width=100,
        height=100,
        regime=Regime.DAY,
        changed=True,
        detections=detections,
        timing=Timing(decode=0, gate=0, scene=0, object=0, total=total),
    )


def test_what_overlaps_is_one_thing_and_its_own_class_comes_first() -> None:
    person, other = found("person", 0.1), found("person", 0.12)
    dog = found("dog", 0.1)
    assert list(pairs([person], [dog, other])) == [Pair(person, other), Pair(None, dog)]
    assert list(pairs([person], [dog])) == [Pair(person, dog)]
    far = found("person", 0.6)
    assert list(pairs([person], [far])) == [Pair(person, None), Pair(None, far)]


def test_a_tally_counts_by_class_and_says_what_the_other_finds() -> None:
    tally = Tally()
    assert tally.found == 0
    assert tally.share(0) == tally.share(1) == 1.0
    tally.add((result(found("person", 0.1), found("car", 0.5)), result(found("person", 0.1))))
    tally.add((result(found("car", 0.5), total=4.0), result(found("truck", 0.5), found("cat", 0))))
    assert (tally.snapshots, tally.found) == (2, 4)
    assert tally.agreed == {"person": 1}
    assert tally.renamed == {("car", "truck"): 1}
    assert tally.only_first == {"car": 1}
    assert tally.only_second == {"cat": 1}
    assert tally.share(0) == tally.share(1) == 1 / 3
    assert tally.milliseconds == (6.0, 4.0)


detections = st.lists(
    st.builds(found, st.sampled_from(["a", "b"]), st.floats(0, 0.8), width=st.floats(0.01, 0.2)),
    max_size=6,
)


@given(detections, detections)
def test_every_detection_is_in_just_one_pair(
    first: list[Detection], second: list[Detection]
) -> None:
    made = list(pairs(first, second))
    assert sorted(id(each.first) for each in made if each.first) == sorted(map(id, first))
    assert sorted(id(each.second) for each in made if each.second) == sorted(map(id, second))
