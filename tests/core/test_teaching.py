import json
import struct
from base64 import b64encode
from collections.abc import Sequence

import numpy as np
import pytest
from camclassify_core import Example, ExampleError, Expectation
from camclassify_core.codec import example_from_json, example_to_json
from camclassify_core.examples import PROPOSAL
from camclassify_core.results import Box, Detection, Regime
from camclassify_core.teaching import Taught
from hypothesis import given
from hypothesis import strategies as st

PLACE = Box(x0=0.2, y0=0.2, x1=0.4, y1=0.5)
ELSEWHERE = Box(x0=0.6, y0=0.2, x1=0.8, y1=0.5)
ROOTS = {"car": "vehicle", "delivery_truck": "vehicle", "cat": "animal"}
RANDOM = np.random.default_rng(7)
# As the object network's features are: not negative, and the looks of one kind of thing have much in common.
VEHICLES = RANDOM.gamma(0.4, size=1280)
VAN, CAR, TRUCK = (VEHICLES + RANDOM.gamma(0.4, size=1280) for _ in range(3))
CAT = RANDOM.gamma(0.4, size=1280)


def learn(examples: Sequence[Example], background: Sequence[Example] = ()) -> Taught:
    """Learn as with the bundle whose features these are."""
    return Taught(examples, background, feature_length=1280)


def look(thing: np.ndarray, seed: int = 0) -> tuple[float, ...]:
    """Return one more look at a thing."""
    noise = np.random.default_rng(seed).gamma(0.4, size=len(thing))
    return tuple(float(each) for each in thing + 0.3 * noise)


def example(
    name: str | None,
    features: Sequence[float],
    *,
    regime: Regime = Regime.DAY,
    found_as: tuple[str, ...] = ("car", "vehicle"),
    camera: str = "drive",
) -> Example:
    return Example(
        id="1", name=name, camera=camera, box=PLACE, regime=regime, found_as=found_as,
        features=tuple(features),
    )  # fmt: skip


def several(name: str | None, thing: np.ndarray, count: int, start: int = 0) -> list[Example]:
    return [example(name, look(thing, start + seed)) for seed in range(count)]


def names(
    taught: Taught,
    features: Sequence[float],
    *,
    name: str = "car",
    box: Box = PLACE,
    camera: str = "drive",
    regime: Regime = Regime.DAY,
) -> list[str]:
    """Return what one detection becomes."""
    refined = taught.refine(
        camera,
        regime,
        [Detection(name=name, score=0.8, box=box)],
        root=lambda each: ROOTS.get(each, each),
        features=lambda _: features,
    )
    return [each.name for each in refined]


def expected_of(taught: Taught) -> Expectation:
    """Return what is expected by day of the class that comes first."""
    return taught.classes[0].expectations[Regime.DAY]


OUR_VAN = learn(several("our van", VAN, 3), several(None, CAR, 10, 50))


def test_three_examples_are_enough_to_be_recognised() -> None:
    for seed in range(100, 120):
        assert names(OUR_VAN, look(VAN, seed)) == ["our van"]


def test_what_was_never_shown_is_not_taken_for_a_taught_class() -> None:
    for seed in range(100, 120):
        assert names(OUR_VAN, look(TRUCK, seed)) == ["car"]
        assert names(OUR_VAN, look(CAR, seed)) == ["car"]


def test_a_single_example_works_without_anything_to_compare_with() -> None:
    taught = learn(several("our van", VAN, 1))
    assert names(taught, look(VAN, 9)) == ["our van"]
    assert names(taught, look(CAT, 9)) == ["car"]


def test_two_taught_classes_are_told_apart() -> None:
    taught = learn([*several("our van", VAN, 3), *several("the neighbour's", TRUCK, 3, 20)])
    assert names(taught, look(VAN, 99)) == ["our van"]
    assert names(taught, look(TRUCK, 99)) == ["the neighbour's"]


def test_only_the_kind_of_thing_that_was_shown_is_looked_at() -> None:
    asked = []
    OUR_VAN.refine(
        "drive",
        Regime.DAY,
        [Detection(name="cat", score=0.8, box=PLACE)],
        root=lambda name: ROOTS.get(name, name),
        features=lambda detection: asked.append(detection) or look(VAN),  # type: ignore[func-returns-value]
    )
    assert asked == []


def test_a_class_is_recognised_in_the_light_it_was_shown_in() -> None:
    features = look(VAN, 99)
    assert names(OUR_VAN, features, regime=Regime.DUSK) == ["our van"]
    assert names(OUR_VAN, features, regime=Regime.NIGHT) == ["car"]


def test_what_is_nothing_is_dropped_in_its_place_only() -> None:
    post = example(None, look(CAT), found_as=("person",))
    taught = learn([post])
    again = look(CAT, 9)
    assert names(taught, again, name="person") == []
    assert names(taught, again, name="person", box=ELSEWHERE) == ["person"]
    assert names(taught, again, name="person", camera="porch") == ["person"]
    assert names(taught, again, name="cat") == ["cat"]
    assert names(taught, look(VAN), name="person") == ["person"]


def proposed(taught: Taught, features: Sequence[float], box: Box = PLACE) -> list[Detection]:
    """Return what a proposal becomes."""
    refined = taught.refine(
        "drive",
        Regime.DAY,
        [],
        proposals=[box],
        root=lambda each: ROOTS.get(each, each),
        features=lambda _: features,
    )
    return list(refined)


def odd(name: str | None, count: int) -> list[Example]:
    """Return examples of a car from the roof, which nothing detects."""
    return [example(name, look(TRUCK, seed), found_as=(PROPOSAL,)) for seed in range(count)]


def test_a_proposal_is_recognised_as_what_was_taught_of_proposals() -> None:
    taught = learn(odd("our car", 3))
    (found,) = proposed(taught, look(TRUCK, 9))
    assert (found.name, found.box) == ("our car", PLACE)
    assert 0.55 < found.score <= 1
    assert not proposed(taught, look(CAT))
    assert not proposed(learn([]), look(TRUCK))


def test_what_was_taught_of_detections_is_not_looked_for_among_proposals() -> None:
    assert not proposed(OUR_VAN, look(VAN, 9))
    assert names(learn(odd("our car", 3)), look(TRUCK, 9)) == ["car"]


def test_a_proposal_that_is_nothing_is_dropped() -> None:
    taught = learn([*odd("our car", 3), *odd(None, 1)])
    assert not proposed(taught, look(TRUCK, 0))


def test_a_class_taught_of_proposals_implies_nothing() -> None:
    assert [each.info.parents for each in learn(odd("our car", 3)).classes] == [()]


def test_a_taught_class_implies_what_all_its_examples_were_found_as() -> None:
    taught = learn(
        [
            example("our van", look(VAN, 1), found_as=("delivery_truck", "vehicle")),
            example("our van", look(VAN, 2), found_as=("minivan", "car", "vehicle")),
            example("DHL", look(TRUCK, 1), found_as=("delivery_truck", "vehicle")),
        ]
    )
    assert {each.info.name: each.info.parents for each in taught.classes} == {
        "our van": ("vehicle",),
        "DHL": ("delivery_truck", "vehicle"),
    }


def test_a_taught_class_never_implies_one_that_was_taught() -> None:
    found_as = ("our van", "delivery_truck", "vehicle")
    taught = learn([example("our van", look(VAN), found_as=found_as)])
    assert taught.classes[0].info.parents == ("delivery_truck", "vehicle")


def test_the_background_may_show_the_taught_object_itself() -> None:
    taught = learn(several("our van", VAN, 3), [*several(None, CAR, 10), *several(None, VAN, 5)])
    assert names(taught, look(VAN, 99)) == ["our van"]


def test_a_clear_class_is_expected_to_be_right_but_few_examples_prove_little() -> None:
    few = expected_of(OUR_VAN)
    assert (few.right, few.wrong, few.missed) == (3, 0, 0)
    assert few.low < 0.5
    taught = learn(several("our van", VAN, 30), several(None, CAR, 30, 50))
    many = expected_of(taught)
    assert few.low < many.low < many.precision == 1


def test_a_class_that_cannot_be_told_apart_is_expected_to_fail() -> None:
    """Two names for the same van: the figures must say that this does not work."""
    taught = learn([*several("ours", VAN, 10), *several("theirs", VAN, 10, 10)])
    expected = expected_of(taught)
    assert expected.low < 0.6
    assert expected.missed + expected.wrong >= 5


@given(st.integers(0, 10_000))
def test_expectations_hold_on_what_was_held_back(seed: int) -> None:
    """Of classes drawn by chance, what is expected of one is compatible with what then happens."""
    random = np.random.default_rng(seed)
    one, two = (VEHICLES + random.gamma(0.4, size=1280) for _ in range(2))
    taught = learn(several("one", one, 8, seed), several(None, two, 8, seed + 100))
    right = sum(names(taught, look(one, seed + 1000 + i)) == ["one"] for i in range(10))
    wrong = sum(names(taught, look(two, seed + 2000 + i)) == ["one"] for i in range(10))
    expected = expected_of(taught)
    assert right + wrong == 0 or right / (right + wrong) >= expected.low


def test_examples_survive_export_and_import() -> None:
    original = example("our van", look(VAN))
    back = example_from_json(json.loads(json.dumps(example_to_json(original))))
    assert back.features == pytest.approx(original.features, rel=1e-3)
    assert (back.name, back.box, back.regime, back.found_as) == (
        original.name,
        original.box,
        original.regime,
        original.found_as,
    )


@given(
    st.sampled_from(["id", "name", "camera", "box", "regime", "found_as", "features"]),
    st.none() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=5),
)
def test_what_is_no_example_is_refused_or_read_but_never_crashes(key: str, value: object) -> None:
    data = {**example_to_json(example("our van", look(VAN))), key: value}
    try:
        read = example_from_json(data)
    except ExampleError:
        return
    assert isinstance(read, Example)


def test_examples_of_another_bundle_teach_nothing_and_take_nothing_away() -> None:
    taught = learn([*several("our van", VAN, 3), example("our van", [1.0, 2.0])])
    assert names(taught, look(VAN, 99)) == ["our van"]


def test_a_class_of_another_bundles_examples_alone_is_known_and_never_recognised() -> None:
    taught = Taught(
        [*several("our van", VAN, 3), example(None, look(CAR))],
        several(None, CAR, 5),
        feature_length=2,
    )
    assert names(taught, [1.0, 2.0]) == ["car"]
    (known,) = taught.classes
    assert (known.info.name, known.expectations) == ("our van", {})


def test_features_that_are_not_finite_are_refused_on_import() -> None:
    data = example_to_json(example("our van", [1.0, 2.0]))
    for value in (float("nan"), float("inf")):
        packed = struct.pack("<2e", 1.0, value)
        with pytest.raises(ExampleError, match="not finite"):
            example_from_json(data | {"features": b64encode(packed).decode()})
        with pytest.raises(ExampleError, match="not finite"):
            example_to_json(example("our van", [1.0, value]))


def test_features_beyond_half_floats_keep_their_direction() -> None:
    stored = example_from_json(example_to_json(example("our van", [3e6, -4e6])))
    assert stored.features[0] / stored.features[1] == pytest.approx(-0.75, rel=1e-3)


@pytest.mark.parametrize(
    "box", [[0, 0, 1], [0, 0, 1, float("nan")], [0, 0, 1, "1"], [0, 0, 1, 10**400]]
)
def test_a_box_that_is_none_is_refused_on_import(box: list[object]) -> None:
    with pytest.raises(ExampleError):
        example_from_json(example_to_json(example("our van", [1.0, 2.0])) | {"box": box})


def test_nothing_taught_changes_nothing() -> None:
    assert names(learn([]), look(VAN)) == ["car"]
    assert learn([]).classes == ()
