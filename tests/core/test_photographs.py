"""What the default bundle must see in photographs and footage, at its own thresholds."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from camclassify_core import Engine, Result
from PIL import Image

VEHICLES = {"vehicle", "car", "minivan", "pickup", "suv", "delivery_truck"}
FOOTAGE = Path(__file__).parents[2] / "demo" / "footage" / "driveway"


def names(result: Result) -> set[str]:
    return {found.name for found in result.detections}


@pytest.mark.parametrize(
    ("file", "wanted"),
    [
        ("person.jpg", "person"),
        ("astronaut.png", "person"),
        ("eagle.jpg", "bird"),
        ("chelsea.png", "cat"),
        ("motorcycle_left.png", "motorcycle"),
    ],
)
def test_sees_what_is_there(
    engine: Engine, photograph: Callable[[str], bytes], file: str, wanted: str
) -> None:
    assert wanted in names(engine.classify(photograph(file)))


def test_sees_dog_bicycle_and_vehicle_but_no_cat(engine: Engine, dog: bytes) -> None:
    found = names(engine.classify(dog))
    assert {"dog", "bicycle"} <= found
    assert found & VEHICLES
    assert "cat" not in found


@pytest.mark.parametrize("lossless", [False, True])
def test_sees_the_same_in_a_webp(engine: Engine, dog: bytes, lossless: bool) -> None:
    webp = io.BytesIO()
    Image.open(io.BytesIO(dog)).save(webp, "WEBP", quality=90, lossless=lossless)
    assert names(engine.classify(webp.getvalue())) == names(engine.classify(dog))


@pytest.mark.parametrize("file", ["leuvenA.jpg", "fruits.jpg", "coffee.png"])
def test_sees_nothing_where_nothing_is(
    engine: Engine, photograph: Callable[[str], bytes], file: str
) -> None:
    assert engine.classify(photograph(file)).detections == ()


def test_sees_people_and_the_parked_van_on_the_driveway(engine: Engine) -> None:
    frames = sorted(FOOTAGE.glob("*.jpg"))[::6]
    seen = [names(engine.classify(frame.read_bytes())) for frame in frames]
    there = ["07" <= frame.stem <= "34" for frame in frames]
    assert ["person" in found for found in seen] == there
    assert all("delivery_truck" in found for found in seen)


def test_sees_nothing_on_the_driveway_that_is_not_there(engine: Engine) -> None:
    for frame in sorted(FOOTAGE.glob("*.jpg")):
        there = VEHICLES | ({"person"} if "07" <= frame.stem <= "34" else set())
        assert names(engine.classify(frame.read_bytes())) <= there, frame.name
