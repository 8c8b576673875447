"""What was stored is checked before it is believed."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from custom_components.camclassify.presence.storage import checked
from tests.presence.scenario import Camera, parked

type Damage = Callable[[dict[str, Any]], object]

DAMAGES: dict[str, Damage] = {
    "no tracks": lambda data: data.pop("tracks"),
    "tracks of texts": lambda data: data.update(tracks=["x"]),
    "tracks in a number": lambda data: data.update(tracks=3),
    "no next number": lambda data: data.pop("next_id"),
    "a text for the next number": lambda data: data.update(next_id="7"),
    "one object twice": lambda data: data["tracks"].append(data["tracks"][0]),
    **{
        f"{value!r} for {key}": lambda data, key=key, value=value: data["tracks"][0].update(  # type: ignore[misc]
            {key: value}
        )
        for key in (
            "id",
            "view",
            "root",
            "score",
            "box",
            "wall",
            "present",
            "votes",
            "visibility",
            "zones",
        )
        for value in (None, float("nan"), float("inf"), [[1]], {"day": None})
    },
    "a box of three": lambda data: data["tracks"][0]["box"].pop(),
    "a box that is nowhere": lambda data: data["tracks"][0].update(anchor=[0, 0, 1, float("nan")]),
    "a likeness that is cut off": lambda data: data["views"].update({"0": "AAAA"}),
    "a likeness that is none": lambda data: data["views"].update({"0": "?" * 768}),
    "a view without a number": lambda data: data["views"].update(street=data["views"]["0"]),
    "a camera that may turn": lambda data: data.update(turns="perhaps"),
    "a view that is none": lambda data: data.update(view="street"),
    "a light that is missing": lambda data: data["tracks"][0]["visibility"].pop("night"),
}


@pytest.fixture
def stored() -> dict[str, Any]:
    camera = Camera()
    camera.watch(20, parked())
    data: dict[str, Any] = json.loads(json.dumps(camera.presence.to_json()))
    return data


def test_what_presence_stores_is_sound(stored: dict[str, Any]) -> None:
    assert checked(stored) == stored
    assert checked(stored | {"new": 1}) == stored


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_what_presence_cannot_have_stored_is_refused(
    stored: dict[str, Any], damage: Damage
) -> None:
    damage(stored)
    with pytest.raises((ValueError, TypeError, KeyError, AttributeError)):
        checked(stored)


def test_what_was_stored_before_there_were_views_is_taken_for_the_first(
    stored: dict[str, Any],
) -> None:
    for each in stored["tracks"]:
        del each["view"]
    del stored["view"], stored["views"], stored["turns"]
    data = checked(stored)
    assert (data["view"], data["views"]) == (0, {})
    assert {each["view"] for each in data["tracks"]} == {0}


def test_no_number_is_given_twice(stored: dict[str, Any]) -> None:
    highest = max(each["id"] for each in stored["tracks"])
    assert checked(stored | {"next_id": 0})["next_id"] == highest + 1
