"""Zones and masks as the user enters them: checked before they are kept."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from homeassistant.const import CONF_ID, CONF_NAME
from homeassistant.util.ulid import ulid_now

from ..const import CONF_CLASSES, CONF_POINTS, CONF_THRESHOLDS, CONF_VIEW
from ..presence import MOST_DRAWN_IN, Polygon, PolygonError
from ..user_errors import TranslatedError

MAX_ZONES = 32
_LINE = re.compile(r"(?P<name>[^:]*):(?P<points>.*)")

type Points = list[list[float]]


class ZoneError(TranslatedError):
    """A zone or mask that cannot be kept."""

    def __init__(self, reason: str, zone: str = "") -> None:
        """Name the zone at fault."""
        super().__init__(reason, zone=zone)


def checked_points(points: Iterable[Iterable[float]], zone: str) -> Points:
    """Return a polygon's points as plain lists. Raises ZoneError."""
    try:
        return [list(point) for point in Polygon.of(points).points]
    except PolygonError as error:
        raise ZoneError(error.fault, zone) from error


def checked_zones(
    zones: list[dict[str, Any]], known: Iterable[str], before: Iterable[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return zones as a subentry keeps them; one that is not among those before gets a new id.

    Raises ZoneError.
    """
    if len(zones) > MAX_ZONES:
        raise ZoneError("too_many_zones")
    classes = set(known)
    names: set[str] = set()
    free = {zone[CONF_ID] for zone in before}
    checked = []
    for zone in zones:
        name = zone[CONF_NAME].strip()
        if not name:
            raise ZoneError("zone_without_name")
        if name.casefold() in names:
            raise ZoneError("zone_name_twice", name)
        names.add(name.casefold())
        if not classes.issuperset(zone.get(CONF_CLASSES, ())):
            raise ZoneError("unknown_class", name)
        key = zone.get(CONF_ID)
        checked.append(
            {
                CONF_ID: key if key in free else ulid_now(),
                CONF_NAME: name,
                CONF_POINTS: checked_points(zone[CONF_POINTS], name),
                CONF_CLASSES: list(zone.get(CONF_CLASSES, ())),
                CONF_THRESHOLDS: checked_thresholds(zone.get(CONF_THRESHOLDS, {}), classes, name),
                **_view(zone),
            }
        )
        free.discard(key)
    return checked


def checked_masks(masks: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return masks as a subentry keeps them. Raises ZoneError."""
    return [
        {CONF_POINTS: checked_points(mask[CONF_POINTS], str(number)), **_view(mask)}
        for number, mask in enumerate(masks, 1)
    ]


def check_views(shapes: Iterable[dict[str, Any]]) -> None:
    """Raise ZoneError if zones and masks were drawn in more views than are kept of a camera."""
    if len({view for shape in shapes if (view := shape.get(CONF_VIEW))}) > MOST_DRAWN_IN:
        raise ZoneError("too_many_views")


def checked_thresholds(
    thresholds: Mapping[str, Mapping[str, float]], known: Iterable[str], zone: str
) -> dict[str, dict[str, float]]:
    """Return thresholds per class and regime as a subentry keeps them. Raises ZoneError."""
    if not thresholds.keys() <= set(known):
        raise ZoneError("unknown_class", zone)
    return {name: dict(by_regime) for name, by_regime in thresholds.items() if by_regime}


def zones_to_text(zones: Iterable[dict[str, Any]]) -> str:
    """Write zones as lines: "Driveway: 0.1,0.2 0.5,0.2 0.5,0.9"."""
    return "\n".join(f"{zone[CONF_NAME]}: {_points_to_text(zone[CONF_POINTS])}" for zone in zones)


def zones_from_text(text: str, before: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Read lines of zones; one that had the name before keeps its id, classes and thresholds."""
    by_name = {zone[CONF_NAME].casefold(): zone for zone in before}
    zones = []
    for line in filter(None, map(str.strip, text.splitlines())):
        if not (match := _LINE.fullmatch(line)):
            raise ZoneError("zone_syntax", line)
        name = match["name"].strip()
        known = by_name.get(name.casefold(), {})
        zones.append(
            {**known, CONF_NAME: name, CONF_POINTS: _points_from_text(match["points"], name)}
        )
    return zones


def masks_to_text(masks: Iterable[dict[str, Any]]) -> str:
    """Write masks as lines of points."""
    return "\n".join(_points_to_text(mask[CONF_POINTS]) for mask in masks)


def masks_from_text(text: str, before: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Read lines of points; a mask that had them before keeps its view. Raises ZoneError."""
    by_line = {_points_to_text(mask[CONF_POINTS]): mask for mask in before}
    masks = []
    for line in filter(None, map(str.strip, text.splitlines())):
        points = checked_points(_points_from_text(line, line), line)
        masks.append({CONF_POINTS: points, **_view(by_line.get(_points_to_text(points), {}))})
    return masks


def _view(shape: Mapping[str, Any]) -> dict[str, str]:
    return {CONF_VIEW: view} if (view := shape.get(CONF_VIEW)) else {}


def _points_to_text(points: Points) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)


def _points_from_text(text: str, zone: str) -> Points:
    try:
        return [[float(x), float(y)] for x, y in (pair.split(",") for pair in text.split())]
    except ValueError as error:
        raise ZoneError("zone_syntax", zone) from error
