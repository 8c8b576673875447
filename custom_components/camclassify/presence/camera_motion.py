"""How far the camera itself has swung, by the witness of what is known to rest."""

from collections.abc import Sequence

from camclassify_core.results import Box

from .classes import LIVING
from .geometry import Point

_FARTHEST = 0.1  # of the frame, in each direction
_TOLERANCE = 0.012  # of the frame: what a box may jump by itself
_SIZE_RATIO = 0.6  # of the shorter side to the longer
_BORDER = 0.01  # of the frame: what ends so near to it is cut
_WITNESSES = 2  # one alone may have moved itself


def camera_shift(resting: Sequence[tuple[str, Box]], found: Sequence[tuple[str, Box]]) -> Point:
    """Return the shift that most of the resting objects share; (0, 0) if there is none.

    Both sequences are pairs of a root class and a box. People may set off, together or one by one; where
    enough is found that does not live, its word alone counts, and else it has to share the shift.
    """
    offsets = [_offsets(witness, found) for witness in resting]
    lifeless = [
        some
        for (root, _), some in zip(resting, offsets, strict=True)
        if root not in LIVING and some
    ]
    if len(lifeless) >= _WITNESSES:
        offsets = lifeless
    best: list[Point] = []
    for candidate in sorted((each for some in lifeless or offsets for each in some), key=_length):
        agreeing = [
            min(near, key=lambda each: _gap(each, candidate))
            for some in offsets
            if (near := [each for each in some if _gap(each, candidate) <= _TOLERANCE])
        ]
        if len(agreeing) > len(best):
            best = agreeing
    if len(best) < max(_WITNESSES, len(offsets) / 2):
        return 0.0, 0.0
    return sum(x for x, _ in best) / len(best), sum(y for _, y in best) / len(best)


def _offsets(witness: tuple[str, Box], found: Sequence[tuple[str, Box]]) -> list[Point]:
    """Return from where to where a resting object could have gone."""
    root, anchor = witness
    offsets = [
        (
            _offset(anchor.x0, anchor.x1, box.x0, box.x1),
            _offset(anchor.y0, anchor.y1, box.y0, box.y1),
        )
        for name, box in found
        if name == root
        and _alike(anchor.x0, anchor.x1, box.x0, box.x1)
        and _alike(anchor.y0, anchor.y1, box.y0, box.y1)
    ]
    return [each for each in offsets if _length(each) <= _FARTHEST]


def _offset(a0: float, a1: float, b0: float, b1: float) -> float:
    """Return how far a side has gone along its axis, by its end that the frame does not cut."""
    if _is_cut(max(a1, b1)):
        return b0 - a0
    if _is_cut(min(a0, b0)):
        return b1 - a1
    return (b0 + b1 - a0 - a1) / 2


def _alike(a0: float, a1: float, b0: float, b1: float) -> bool:
    """Tell whether two sides may be the same object's: of one that the frame cuts, nobody knows."""
    if _is_cut(max(a1, b1)) or _is_cut(min(a0, b0)):
        return True
    return min(a1 - a0, b1 - b0) >= _SIZE_RATIO * max(a1 - a0, b1 - b0)


def _is_cut(end: float) -> bool:
    return min(end, 1 - end) < _BORDER


def _length(offset: Point) -> float:
    return max(abs(offset[0]), abs(offset[1]))


def _gap(a: Point, b: Point) -> float:
    return _length((a[0] - b[0], a[1] - b[1]))
