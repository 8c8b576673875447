"""A named part of a camera's picture, and what is looked for in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .polygon import WHOLE_FRAME, Polygon
from .thresholds import ByRegime


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A polygon with its own classes and thresholds.

    An object is in the zone by its foot point. `id` is what stays when the zone is renamed or redrawn.
    """

    id: str
    name: str
    polygon: Polygon = WHOLE_FRAME
    classes: frozenset[str]
    thresholds: Mapping[str, ByRegime] = field(default_factory=dict)

    def watches(self, name: str) -> bool:
        """Tell whether this zone looks for a class."""
        return name in self.classes
