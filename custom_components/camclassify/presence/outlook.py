"""What the engine has to know of a camera's places before it sees the next snapshot."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from camclassify_core.options import KnownView, Polygon
from camclassify_core.results import Box

from .camera_views import Views
from .zone import Mask, Zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """The views that a snapshot may show, and where to look more closely and never: there, and in all."""

    regions: tuple[Box, ...] = ()
    masks: tuple[Polygon, ...] = ()
    views: tuple[KnownView, ...] = ()

    @classmethod
    def of(cls, views: Views, zones: Iterable[Zone], masks: Iterable[Mask]) -> Self:
        """Gather what was drawn by the views in which it holds."""
        zones, masks = tuple(zones), tuple(masks)
        return cls(
            regions=_regions(zones, views, None),
            masks=_masks(masks, views, None),
            views=tuple(
                KnownView(
                    likeness=likeness,
                    regions=_regions(zones, views, likeness),
                    masks=_masks(masks, views, likeness),
                )
                for likeness in views.known.values()
            ),
        )


def _regions(zones: Iterable[Zone], views: Views, view: bytes | None) -> tuple[Box, ...]:
    return tuple(
        zone.polygon.bounds for zone in zones if zone.is_drawn and views.bound_to(zone.view) == view
    )


def _masks(masks: Iterable[Mask], views: Views, view: bytes | None) -> tuple[Polygon, ...]:
    return tuple(mask.polygon.points for mask in masks if views.bound_to(mask.view) == view)
