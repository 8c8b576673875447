"""What the user drew into a camera's picture: where to look for what, and where never to look."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .polygon import WHOLE_FRAME, Polygon
from .thresholds import ByRegime


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A polygon with its own classes and thresholds.

    An object is in the zone by its foot point. `id` is what stays when the zone is renamed or redrawn.
    `view`: the likeness of the view in which it was drawn; without one it is for every view.
    """

    id: str
    name: str
    polygon: Polygon = WHOLE_FRAME
    classes: frozenset[str]
    thresholds: Mapping[str, ByRegime] = field(default_factory=dict)
    view: bytes | None = None

    def watches(self, name: str) -> bool:
        """Tell whether this zone looks for a class."""
        return name in self.classes


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """A polygon in which nothing counts; `view` as a zone has it."""

    polygon: Polygon
    view: bytes | None = None
