"""Objects as JSON values, so that what was there before a restart is still there after it."""

from collections.abc import Iterable
from typing import TypedDict

from camclassify_core.results import Box, Regime

from .classes import Classes
from .track import Sighting, Track
from .visibility import Visibility

_MOST_AGED = 2.0  # seconds; while nobody looked, nothing was missed


class StoredTrack(TypedDict):
    """One object. Times are Unix times; boxes are x0, y0, x1, y1; `zones` holds what it was reported as."""

    id: int
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
    """All objects of a camera."""

    next_id: int
    tracks: list[StoredTrack]


def dump(track: Track, zones: dict[str, list[str]]) -> StoredTrack:
    """Return what is worth remembering of an object."""
    return {
        "id": track.id,
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


def _corners(box: Box) -> list[float]:
    return [box.x0, box.y0, box.x1, box.y1]


def _box(corners: Iterable[float]) -> Box:
    x0, y0, x1, y1 = corners
    return Box(x0=x0, y0=y0, x1=x1, y1=y1)
