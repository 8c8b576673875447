import pytest
from camclassify_core.results import Box, Regime
from hypothesis import given
from hypothesis import strategies as st

from custom_components.camclassify.presence.classes import Classes
from custom_components.camclassify.presence.geometry import moved
from custom_components.camclassify.presence.track import Sighting, Track
from tests.presence.scenario import CLASSES

PLACE = Box(x0=0.4, y0=0.4, x1=0.6, y1=0.6)


def follow(*names: str, scores: list[float] | None = None, step: float = 1.0) -> Track:
    """Return a track that was sighted once per name, in one place."""
    classes = Classes(CLASSES)
    track = Track(1, classes.root(names[0]), PLACE, 0.0, classes)
    for number, name in enumerate(names):
        track.see(
            Sighting(
                frame=number,
                at=number * step,
                wall=number * step,
                name=name,
                root=track.root,
                score=scores[number] if scores else 0.8,
                box=PLACE,
                remembered=False,
                steady=PLACE,
            ),
            Regime.DAY,
            aspect=1.5,
        )
    return track


@pytest.mark.parametrize(
    ("names", "consensus"),
    [
        (["car"], "vehicle"),
        (["car", "car"], "vehicle"),
        (["car", "car", "car"], "car"),
        (["car", "delivery_truck", "vehicle", "delivery_truck", "car"], "vehicle"),
        (["car", "car", "car", "delivery_truck", "delivery_truck"], "car"),
        (["car", "car", "delivery_truck", "car"], "vehicle"),
        (["car", "car", "delivery_truck", "car", "car"], "car"),
        (["vehicle"] * 5, "vehicle"),
        (["car"] * 3 + ["vehicle"] * 10, "car"),
        (["car"] * 3 + ["delivery_truck"] * 10, "delivery_truck"),
    ],
)
def test_the_fine_class_is_the_consensus_of_enough_frames(names: list[str], consensus: str) -> None:
    assert follow(*names).name == consensus


def test_frames_in_quick_succession_are_one_opinion() -> None:
    assert follow(*["car"] * 10, step=0.1).name == "vehicle"


@given(st.lists(st.sampled_from(["vehicle", "car", "delivery_truck"]), min_size=3, max_size=30))
def test_a_fine_class_is_never_claimed_without_a_majority_at_some_time(names: list[str]) -> None:
    track = follow(*names)
    shares = [names[: end + 1].count(track.name) / (end + 1) for end in range(2, len(names))]
    assert track.name == "vehicle" or max(shares) >= 0.6


def test_the_score_is_a_median_that_one_frame_cannot_lift() -> None:
    track = follow(*["person"] * 5, scores=[0.5, 0.52, 0.99, 0.5, 0.51])
    assert track.score("person") == 0.51


def test_what_has_no_kinds_is_sure_at_once() -> None:
    assert follow("person").sure
    assert not follow("car").sure


def test_only_a_way_longer_than_itself_is_a_way() -> None:
    track = follow(*["person"] * 5)
    assert not track.travelled
    for number in range(5):
        place = moved(PLACE, 0.2, 0.0)
        sighting = Sighting(
            frame=9, at=5.0 + number, wall=0, name="person", root="person", score=0.8,
            box=place, remembered=False, steady=place,
        )  # fmt: skip
        track.see(sighting, Regime.DAY, aspect=1.5)
    assert track.travelled
