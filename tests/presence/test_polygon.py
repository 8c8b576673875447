from math import cos, pi, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.camclassify.presence import (
    WHOLE_FRAME,
    Polygon,
    PolygonError,
    PolygonFault,
)

FRACTIONS = st.floats(0, 1, allow_nan=False)
SQUARE = Polygon.of([(0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8)])
U_SHAPE = Polygon.of([(0, 0), (0.3, 0), (0.3, 0.7), (0.7, 0.7), (0.7, 0), (1, 0), (1, 1), (0, 1)])


def star_shaped(radii: list[float]) -> Polygon:
    """Return a polygon that never crosses itself: one point in each direction from the middle."""
    return Polygon(
        tuple(
            (0.5 + r * cos(2 * pi * i / len(radii)), 0.5 + r * sin(2 * pi * i / len(radii)))
            for i, r in enumerate(radii)
        )
    )


@pytest.mark.parametrize(
    ("points", "fault"),
    [
        ([], PolygonFault.TOO_FEW_POINTS),
        ([(0, 0), (1, 1)], PolygonFault.TOO_FEW_POINTS),
        ([(i / 100, (i % 2) / 2) for i in range(65)], PolygonFault.TOO_MANY_POINTS),
        ([(0, 0), (1, 0), (1, 1.01)], PolygonFault.OUTSIDE),
        ([(0, 0), (1, 0), (float("nan"), 1)], PolygonFault.OUTSIDE),
        ([(0, 0), (1, 1), (1, 0), (0, 1)], PolygonFault.CROSSES_ITSELF),
        ([(0, 0), (1, 0), (1, 0), (0, 1)], PolygonFault.CROSSES_ITSELF),
        ([(0, 0), (0.5, 0.5), (1, 1)], PolygonFault.NO_AREA),
        ([(0, 0), (1, 0), (0.5, 0), (0.5, 1)], PolygonFault.CROSSES_ITSELF),
    ],
)
def test_what_is_no_polygon_is_refused_with_the_reason(
    points: list[tuple[float, float]], fault: PolygonFault
) -> None:
    with pytest.raises(PolygonError) as error:
        Polygon.of(points)
    assert error.value.fault is fault


def test_a_point_is_inside_a_concave_polygon_only_where_it_is() -> None:
    assert U_SHAPE.contains((0.1, 0.1))
    assert U_SHAPE.contains((0.9, 0.1))
    assert U_SHAPE.contains((0.5, 0.9))
    assert not U_SHAPE.contains((0.5, 0.1))


def test_the_border_belongs_to_the_polygon() -> None:
    for point in [*SQUARE.points, (0.5, 0.2), (0.8, 0.5), (0.5, 0.8), (0.2, 0.5)]:
        assert SQUARE.contains(point)


def test_area_and_bounds() -> None:
    assert SQUARE.area == pytest.approx(0.36)
    assert U_SHAPE.area == pytest.approx(0.72)
    assert (SQUARE.bounds.x0, SQUARE.bounds.y1) == (0.2, 0.8)


@given(FRACTIONS, FRACTIONS)
def test_the_whole_frame_contains_every_point(x: float, y: float) -> None:
    assert WHOLE_FRAME.contains((x, y))


@given(st.lists(st.floats(0.1, 0.5), min_size=3, max_size=64), FRACTIONS, FRACTIONS)
def test_a_polygon_contains_nothing_outside_its_bounds(
    radii: list[float], x: float, y: float
) -> None:
    polygon = star_shaped(radii)
    bounds = polygon.bounds
    if not (bounds.x0 <= x <= bounds.x1 and bounds.y0 <= y <= bounds.y1):
        assert not polygon.contains((x, y))


@given(st.lists(st.floats(0.1, 0.5), min_size=3, max_size=64), st.data())
def test_it_does_not_matter_where_or_which_way_round_a_polygon_starts(
    radii: list[float], data: st.DataObject
) -> None:
    polygon = star_shaped(radii)
    start = data.draw(st.integers(0, len(radii) - 1))
    turned = Polygon((*polygon.points[start:], *polygon.points[:start])[::-1])
    point = data.draw(st.tuples(FRACTIONS, FRACTIONS))
    assert turned.area == pytest.approx(polygon.area)
    assert turned.bounds == polygon.bounds
    # Within rounding of an edge the answer may differ: a point there is on the border for one of them.
    near = [(point[0] + dx, point[1] + dy) for dx in (-1e-9, 1e-9) for dy in (-1e-9, 1e-9)]
    if len({polygon.contains(each) for each in near}) == 1:
        assert turned.contains(point) == polygon.contains(point)
