"""Which detection is which known object."""

from collections.abc import Sequence

from camclassify_core.results import Box, Detection

from .classes import Classes
from .geometry import area, centre, distance, intersection, iou, size
from .track import Track

_SPEED = 1.5  # own sizes a second: a fast runner, a car that enters a drive
_LEEWAY = 0.5  # own sizes: what the box itself may jump
_LONGEST = 2.0  # seconds: an object that was unseen for longer is not looked for farther away
_SIZE_RATIO = 0.4  # of the smaller to the larger; half a person may be behind a hedge
_GHOST_PLACE = 0.45  # intersection over union for an object that had vanished
_COVERED = 0.7  # share of a box within another object's: the same object, or not to be told apart


def associate(
    tracks: Sequence[Track],
    detections: Sequence[Detection],
    classes: Classes,
    *,
    now: float,
    since_last: float,
    aspect: float,
) -> dict[int, int]:
    """Return the detection's index for each track's index that has one; best pairs first.

    `since_last`: seconds since the previous frame. Only objects of the same root class are paired: a
    van may turn out to be a car, never a person.
    """
    roots = [classes.root(detection.name) for detection in detections]
    pairs = sorted(
        (
            (affinity, t, d)
            for t, track in enumerate(tracks)
            for d, detection in enumerate(detections)
            if roots[d] == track.root
            and (affinity := _affinity(track, detection.box, now, since_last, aspect)) > 0
        ),
        reverse=True,
    )
    found: dict[int, int] = {}
    taken: set[int] = set()
    for _, t, d in pairs:
        if t not in found and d not in taken:
            found[t] = d
            taken.add(d)
    return found


def hides(others: Sequence[Box], box: Box) -> bool:
    """Tell whether something stands in front of a box, so that not to see it means nothing."""
    return any(intersection(other, box) >= 0.2 * area(box) for other in others)


def is_covered(box: Box, others: Sequence[Box]) -> bool:
    """Tell whether a box lies so much within another that it is hardly an object of its own."""
    return any(intersection(other, box) >= _COVERED * area(box) for other in others)


def _affinity(track: Track, box: Box, now: float, since_last: float, aspect: float) -> float:
    """Return how well a detection fits, 0 (impossible) to 2 (in place, and no farther than expected)."""
    expected = track.expected(now)
    overlap = iou(expected, box)
    if not track.present:
        return overlap if overlap >= _GHOST_PLACE else 0.0
    expected_size, found_size = size(expected, aspect), size(box, aspect)
    if min(expected_size, found_size) < _SIZE_RATIO * max(expected_size, found_size):
        return 0.0
    seconds = min(since_last if track.stationary else now - track.last.at, _LONGEST)
    reach = max(expected_size, found_size) * (_LEEWAY + _SPEED * seconds)
    closeness = 1 - distance(centre(expected), centre(box), aspect) / reach
    return overlap + closeness if closeness > 0 else 0.0
