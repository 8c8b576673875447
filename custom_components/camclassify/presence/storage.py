"""Objects as JSON values, so that what was there before a restart is still there after it."""

from base64 import b64decode, b64encode
from collections.abc import Iterable
from math import isfinite
from typing import Any, TypedDict

from camclassify_core.results import LIKENESS_BYTES, Box, Regime

from .camera_views import Views
from .classes import Classes
from .track import Sighting, Track
from .visibility import Visibility

_MOST_AGED = 2.0  # seconds; while nobody looked, nothing was missed


class StoredTrack(TypedDict):
    """One object. Times are Unix times; boxes are x0, y0, x1, y1; `zones` holds what it was reported as."""

    id: int
    view: int
    root: str
    name: str
    score: float
    box: list[float]
    steady: list[float]
    anchor: list[float]
    wall: float
    present: bool
    stationary: bool
    travelled: bool
    seen_behind: list[int]
    votes: list[str]
    visibility: dict[str, list[float]]
    zones: dict[str, list[str]]


class Stored(TypedDict):
    """All objects of a camera; the likenesses (base64) of its views by number, the latest at the end."""

    next_id: int
    tracks: list[StoredTrack]
    view: int | None
    views: dict[str, str]
    turns: bool


def dump(track: Track, view: int, zones: dict[str, list[str]]) -> StoredTrack:
    """Return what is worth remembering of an object."""
    return {
        "id": track.id,
        "view": view,
        "root": track.root,
        "name": track.name,
        "score": track.score(track.name),
        "box": _corners(track.last.box),
        "steady": _corners(track.last.steady),
        "anchor": _corners(track.anchor),
        "wall": track.last.wall,
        "present": track.present,
        "stationary": track.stationary,
        "travelled": track.travelled,
        "seen_behind": sorted(track.seen_behind),
        "votes": list(track.votes),
        "visibility": {
            regime.value: [each.seen, each.looks, each.absence]
            for regime, each in track.visibility.items()
        },
        "zones": zones,
    }


def checked(data: Any) -> Stored:
    """Return what was stored, if `dump` can have written it. Raises ValueError, TypeError, KeyError."""
    tracks = [_checked_track(each) for each in _is_a(list, data["tracks"])]
    ids = [each["id"] for each in tracks]
    if len(set(ids)) < len(ids):
        raise ValueError("two objects have the same number")
    views = {
        str(int(number)): _checked_likeness(each) for number, each in data.get("views", {}).items()
    }
    return {
        "next_id": max(_is_a(int, data["next_id"]), *(each + 1 for each in ids), 1),
        "tracks": tracks,
        "view": None if (view := data.get("view", 0)) is None else _is_a(int, view),
        "views": views,
        "turns": _is_a(bool, data.get("turns", False)),
    }


def dump_views(views: Views) -> dict[str, str]:
    """Return what views are known by."""
    return {str(number): b64encode(each).decode() for number, each in views.latest_last}


def load_views(stored: Stored) -> Views:
    """Return the views as they were."""
    likenesses = {int(number): b64decode(each) for number, each in stored["views"].items()}
    return Views(likenesses, stored["view"], turns=stored["turns"])


def load(stored: StoredTrack, classes: Classes, monotonic: float, wall: float) -> Track:
    """Return the object as it was, last seen a moment ago."""
    at = monotonic - min(_MOST_AGED, max(0.0, wall - stored["wall"]))
    track = Track(stored["id"], stored["root"], _box(stored["anchor"]), at, classes)
    track.sightings.append(
        Sighting(
            frame=None,
            at=at,
            wall=stored["wall"],
            name=stored["name"],
            root=stored["root"],
            score=stored["score"],
            box=_box(stored["box"]),
            remembered=True,
            steady=_box(stored["steady"]),
        )
    )
    track.name = stored["name"]
    track.confirmed = True
    track.present = stored["present"]
    track.stationary = stored["stationary"]
    track.travelled = stored["travelled"]
    track.seen_behind = frozenset(stored["seen_behind"])
    track.votes.extend(stored["votes"])
    track.visibility = {
        Regime(regime): Visibility(*counts) for regime, counts in stored["visibility"].items()
    }
    return track


def _checked_track(data: Any) -> StoredTrack:
    return {
        "id": _is_a(int, data["id"]),
        "view": _is_a(int, data.get("view", 0)),
        "root": _is_a(str, data["root"]),
        "name": _is_a(str, data["name"]),
        "score": _number(data["score"]),
        "box": _numbers(data["box"], 4),
        "steady": _numbers(data["steady"], 4),
        "anchor": _numbers(data["anchor"], 4),
        "wall": _number(data["wall"]),
        "present": _is_a(bool, data["present"]),
        "stationary": _is_a(bool, data["stationary"]),
        "travelled": _is_a(bool, data["travelled"]),
        "seen_behind": [_is_a(int, each) for each in _is_a(list, data["seen_behind"])],
        "votes": [_is_a(str, each) for each in _is_a(list, data["votes"])],
        "visibility": {each.value: _numbers(data["visibility"][each.value], 3) for each in Regime},
        "zones": {
            _is_a(str, zone): [_is_a(str, name) for name in names]
            for zone, names in data["zones"].items()
        },
    }


def _checked_likeness(data: Any) -> str:
    if len(b64decode(_is_a(str, data), validate=True)) != LIKENESS_BYTES:
        raise ValueError(f"{data!r} is no view's likeness")
    return str(data)


def _is_a[T](kind: type[T], value: Any) -> T:
    if not isinstance(value, kind):
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


def _number(value: Any) -> float:
    if not isinstance(value, int | float) or not isfinite(value):
        raise ValueError(f"{value!r} is no finite number")
    return float(value)


def _numbers(values: Any, count: int) -> list[float]:
    if len(values) != count:
        raise ValueError(f"{values!r} are not {count} numbers")
    return [_number(each) for each in values]


def _corners(box: Box) -> list[float]:
    return [box.x0, box.y0, box.x1, box.y1]


def _box(corners: Iterable[float]) -> Box:
    x0, y0, x1, y1 = corners
    return Box(x0=x0, y0=y0, x1=x1, y1=y1)
