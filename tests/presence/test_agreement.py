import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.camclassify.presence.agreement import Agreement


@pytest.mark.parametrize(
    ("interval", "frames"), [(0.1, 5), (0.2, 3), (0.5, 3), (1.0, 3), (2.0, 2), (5.0, 2)]
)
def test_how_many_frames_agree_depends_on_how_far_they_lie_apart(
    interval: float, frames: int
) -> None:
    agreement = Agreement()
    needed = 0
    while not agreement.reached(100 + interval * max(0, needed - 1)):
        agreement.add(True, 100 + interval * needed)
        needed += 1
    assert needed == frames


@pytest.mark.parametrize("shift", [-0.04, -0.02, 0.02])
def test_three_frames_agree_at_five_a_second_however_unevenly_they_come(shift: float) -> None:
    """Those of a stream of 25 frames a second are up to one of these too early or too late."""
    agreement = Agreement()
    for at in (100.0, 100.2, 100.4 + shift):
        agreement.add(True, at)
    assert agreement.reached(100.4 + shift)


@given(st.floats(0.01, 1e4))
def test_one_frame_never_agrees_with_itself(later: float) -> None:
    agreement = Agreement()
    agreement.add(True, 100)
    assert not agreement.reached(100 + later)


@given(st.lists(st.booleans(), max_size=40))
def test_frames_that_mostly_disagree_never_agree(votes: list[bool]) -> None:
    agreement = Agreement()
    for number, vote in enumerate(votes):
        agreement.add(vote and number % 2 == 0, number * 0.2)
        assert not agreement.reached(number * 0.2)


def test_a_long_agreement_is_undone_as_fast_as_a_short_one() -> None:
    agreement = Agreement()
    for number in range(1000):
        agreement.add(True, number)
    for number in range(5):
        agreement.add(False, 1000 + number)
    assert agreement.count == 0
