"""Which detection is which known object."""

from collections.abc import Sequence

from camclassify_core.boxes import area, intersection, iou
from camclassify_core.results import Box

from .geometry import centre, distance, size
from .track import Sighting, Track

_SPEED = 1.5  # own sizes a second: a fast runner, a car that enters a drive
_LEEWAY = 0.5  # own sizes: what the box itself may jump
_SWING = 0.03  # frame heights: what the camera itself may swing
_LONGEST = 2.0  # seconds: an object that was unseen for longer is not looked for farther away
_SIZE_RATIO = 0.4  # of the smaller to the larger; half a person may be behind a hedge
_VANISHED_PLACE = 0.45  # intersection over union for an object that had vanished
_HIDDEN = 0.3  # share of a place behind which an object may be hidden
_COVERED = 0.7  # share of a box within another object's: the same object, or not to be told apart


def associate(
    tracks: Sequence[Track],
    sightings: Sequence[Sighting],
    *,
    now: float,
    since_last: float,
    aspect: float,
) -> dict[Track, Sighting]:
    """Pair objects with what was sighted, best pairs first; some of either are left over.

    `since_last`: seconds since the previous frame. Only the same root class is paired: a van may turn out
    to be a car, never a person.
    """
    pairs = [
        (affinity, track, sighting)
        for track in tracks
        for sighting in sightings
        if sighting.root == track.root
        and (affinity := _affinity(track, sighting.steady, now, since_last, aspect)) > 0
    ]
    found: dict[Track, Sighting] = {}
    taken: set[int] = set()
    for _, track, sighting in sorted(pairs, key=lambda pair: pair[0], reverse=True):
        if track not in found and id(sighting) not in taken:
            found[track] = sighting
            taken.add(id(sighting))
    return found


def covers(box: Box, place: Box) -> bool:
    """Tell whether what is in a box may hide what is in a place."""
    return intersection(box, place) >= _HIDDEN * area(place)


def is_covered(sighting: Sighting, others: Sequence[Sighting]) -> bool:
    """Tell whether one lies so much within another that it is hardly an object of its own."""
    return any(
        other.root == sighting.root
        and intersection(other.box, sighting.box) >= _COVERED * area(sighting.box)
        for other in others
    )


def _affinity(track: Track, box: Box, now: float, since_last: float, aspect: float) -> float:
    """Return how well a detection fits, 0 (impossible) to 2 (in place, and no farther than expected)."""
    expected = track.expected(now)
    overlap = iou(expected, box)
    if not track.present:
        return overlap if overlap >= _VANISHED_PLACE else 0.0
    expected_size, found_size = size(expected, aspect), size(box, aspect)
    if min(expected_size, found_size) < _SIZE_RATIO * max(expected_size, found_size):
        return 0.0
    seconds = min(since_last if track.stationary else now - track.last.at, _LONGEST)
    reach = _SWING + max(expected_size, found_size) * (_LEEWAY + _SPEED * seconds)
    closeness = 1 - distance(centre(expected), centre(box), aspect) / reach
    return overlap + closeness if closeness > 0 else 0.0
