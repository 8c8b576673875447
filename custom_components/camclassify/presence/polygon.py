"""Polygons as users draw them on a picture: fractions of the frame, x to the right, y down."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from camclassify_core.results import Box

from .geometry import Point

MIN_POINTS = 3
MAX_POINTS = 64
_MIN_AREA = 1e-6


class PolygonFault(StrEnum):
    """What is wrong with a polygon; the values serve as translation keys."""

    TOO_FEW_POINTS = "polygon_too_few_points"
    TOO_MANY_POINTS = "polygon_too_many_points"
    OUTSIDE = "polygon_outside"
    CROSSES_ITSELF = "polygon_crosses_itself"
    NO_AREA = "polygon_no_area"


_ADVICE = {
    PolygonFault.TOO_FEW_POINTS: f"A polygon needs at least {MIN_POINTS} points: add some",
    PolygonFault.TOO_MANY_POINTS: f"A polygon has at most {MAX_POINTS} points: remove some",
    PolygonFault.OUTSIDE: "Every point must lie in the picture: x and y from 0 to 1",
    PolygonFault.CROSSES_ITSELF: "The polygon's edges cross or touch: move the points apart",
    PolygonFault.NO_AREA: "The polygon encloses nothing: move its points apart",
}


class PolygonError(ValueError):
    """A polygon that cannot be used, and why."""

    def __init__(self, fault: PolygonFault) -> None:
        super().__init__(_ADVICE[fault])
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Polygon:
    """A simple polygon of 3 to 64 points; its border belongs to it."""

    points: tuple[Point, ...]

    def __post_init__(self) -> None:
        """Raise PolygonError unless the points make a polygon."""
        if len(self.points) < MIN_POINTS:
            raise PolygonError(PolygonFault.TOO_FEW_POINTS)
        if len(self.points) > MAX_POINTS:
            raise PolygonError(PolygonFault.TOO_MANY_POINTS)
        if not all(0 <= x <= 1 and 0 <= y <= 1 for x, y in self.points):
            raise PolygonError(PolygonFault.OUTSIDE)
        if _crosses_itself(self.points):
            raise PolygonError(PolygonFault.CROSSES_ITSELF)
        if self.area < _MIN_AREA:
            raise PolygonError(PolygonFault.NO_AREA)

    @classmethod
    def of(cls, points: Iterable[Iterable[float]]) -> Polygon:
        """Make a polygon of pairs as they come out of JSON."""
        return cls(tuple((x, y) for x, y in points))

    @property
    def area(self) -> float:
        """Area as a fraction of the frame's (the shoelace formula)."""
        return abs(sum(ax * by - bx * ay for (ax, ay), (bx, by) in self._edges())) / 2

    @property
    def bounds(self) -> Box:
        """The smallest box around the polygon."""
        xs, ys = zip(*self.points, strict=True)
        return Box(x0=min(xs), y0=min(ys), x1=max(xs), y1=max(ys))

    def contains(self, point: Point) -> bool:
        """Tell whether a point lies in the polygon or on its border."""
        x, y = point
        inside = False
        for a, b in self._edges():
            if _turn(a, b, point) == 0 and _in_span(a, b, point):
                return True
            if (a[1] > y) != (b[1] > y) and x < a[0] + (y - a[1]) * (b[0] - a[0]) / (b[1] - a[1]):
                inside = not inside
        return inside

    def _edges(self) -> Iterator[tuple[Point, Point]]:
        return pairwise((*self.points, self.points[0]))


def _turn(a: Point, b: Point, c: Point) -> float:
    """Return > 0 if a, b, c turn clockwise on the screen, < 0 if counter-clockwise, 0 if straight."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _in_span(a: Point, b: Point, point: Point) -> bool:
    return min(a[0], b[0]) <= point[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= point[1] <= max(
        a[1], b[1]
    )


def _meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Tell whether the segments a-b and c-d share a point."""
    abc, abd, cda, cdb = _turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b)
    if abc * abd < 0 and cda * cdb < 0:
        return True
    return (
        (abc == 0 and _in_span(a, b, c))
        or (abd == 0 and _in_span(a, b, d))
        or (cda == 0 and _in_span(c, d, a))
        or (cdb == 0 and _in_span(c, d, b))
    )


def _crosses_itself(points: tuple[Point, ...]) -> bool:
    edges = list(pairwise((*points, points[0])))
    count = len(edges)
    for i, (a, b) in enumerate(edges):
        if a == b:
            return True
        for j in range(i + 1, count):
            c, d = edges[j]
            neighbours = j == i + 1 or (i == 0 and j == count - 1)
            if not neighbours and _meet(a, b, c, d):
                return True
    return False


WHOLE_FRAME = Polygon(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))
