"""Points and boxes in fractions of a frame: x to the right, y down, both 0..1."""

from math import hypot

from camclassify_core.results import Box

type Point = tuple[float, float]


def centre(box: Box) -> Point:
    """Centre of a box."""
    return (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2


def foot(box: Box) -> Point:
    """Bottom centre of the part of a box in the frame: where an object stands."""
    return _clip((box.x0 + box.x1) / 2), _clip(box.y1)


def moved(box: Box, dx: float, dy: float) -> Box:
    """Return a box shifted by a fraction of the frame."""
    return Box(x0=box.x0 + dx, y0=box.y0 + dy, x1=box.x1 + dx, y1=box.y1 + dy)


def blend(a: Box, b: Box, weight: float) -> Box:
    """Return the weighted mean of two boxes; `weight` is the second one's."""
    return Box(
        x0=a.x0 + weight * (b.x0 - a.x0),
        y0=a.y0 + weight * (b.y0 - a.y0),
        x1=a.x1 + weight * (b.x1 - a.x1),
        y1=a.y1 + weight * (b.y1 - a.y1),
    )


def distance(a: Point, b: Point, aspect: float) -> float:
    """Distance of two points in frame heights; `aspect` is the frame's width over its height."""
    return hypot((a[0] - b[0]) * aspect, a[1] - b[1])


def size(box: Box, aspect: float) -> float:
    """The longer side of a box in frame heights."""
    return max((box.x1 - box.x0) * aspect, box.y1 - box.y0)


def _clip(value: float) -> float:
    return min(1.0, max(0.0, value))
