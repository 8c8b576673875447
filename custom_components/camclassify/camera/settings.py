"""What the user chose for one camera, as its subentry keeps it."""

from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from camclassify_core import ClassInfo, Example, Regime
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_ID, CONF_NAME

from ..const import (
    CONF_CLASSES,
    CONF_INTERVAL,
    CONF_LINKED,
    CONF_MASKS,
    CONF_ONLY_WHEN_WOKEN,
    CONF_POINTS,
    CONF_STREAMS,
    CONF_THRESHOLDS,
    CONF_VIEW,
    CONF_ZONES,
    DEFAULT_INTERVAL,
    WHOLE_FRAME_ZONE,
)
from ..presence import ByRegime, Mask, Pace, Polygon, Zone

ALERT_INTERVAL = 0.5
ALERT_INTERVAL_OF_STREAMS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraSettings:
    """One camera: its pace, the entities that wake it, and what is looked for where.

    `zones` starts with the whole frame, which every camera has. `known` are all classes that can be seen,
    `unknown` those that were chosen and that the bundle does not know: they are looked for nowhere.
    """

    name: str
    pace: Pace
    linked: tuple[str, ...]
    zones: tuple[Zone, ...]
    masks: tuple[Mask, ...]
    thresholds: Mapping[str, ByRegime]
    known: frozenset[str]
    unknown: tuple[str, ...]

    @classmethod
    def of(
        cls,
        subentry: ConfigSubentry,
        known: Iterable[ClassInfo],
        examples: Iterable[Example] = (),
    ) -> Self:
        """Read a subentry; unknown classes are left out, those taught with its pictures put in."""
        data = subentry.data
        parents = {info.name: info.parents for info in known}
        taught = {
            example.name
            for example in examples
            if example.name and example.camera == subentry.subentry_id
        }
        wanted = [*data[CONF_CLASSES], *taught]
        whole_frame = Zone(id=WHOLE_FRAME_ZONE, name="", classes=_with_parents(wanted, parents))
        drawn = (
            Zone(
                id=zone[CONF_ID],
                name=zone[CONF_NAME],
                polygon=Polygon.of(zone[CONF_POINTS]),
                classes=_with_parents(zone.get(CONF_CLASSES) or wanted, parents),
                thresholds=_thresholds(zone),
                view=view_of(zone),
            )
            for zone in data.get(CONF_ZONES, ())
        )
        return cls(
            name=subentry.title,
            pace=_pace(data),
            linked=tuple(data.get(CONF_LINKED, ())),
            zones=(whole_frame, *drawn),
            masks=tuple(
                Mask(polygon=Polygon.of(mask[CONF_POINTS]), view=view_of(mask))
                for mask in data.get(CONF_MASKS, ())
            ),
            thresholds=_thresholds(data),
            known=frozenset(parents),
            unknown=tuple(name for name in wanted_classes([subentry]) if name not in parents),
        )

    @property
    def reporting_zones(self) -> tuple[Zone, ...]:
        """The zones whose arrivals are reported: those drawn, or the whole frame if there are none."""
        return self.drawn_zones or self.zones

    @property
    def drawn_zones(self) -> tuple[Zone, ...]:
        """The zones that the user drew."""
        return self.zones[1:]


def wanted_classes(subentries: Iterable[ConfigSubentry]) -> tuple[str, ...]:
    """Return every class that some camera or zone looks for: what the engine must be able to see."""
    return tuple(
        sorted(
            {
                name
                for subentry in subentries
                for part in (subentry.data, *subentry.data.get(CONF_ZONES, ()))
                for name in part.get(CONF_CLASSES, ())
            }
        )
    )


def view_of(shape: Mapping[str, Any]) -> bytes | None:
    """Return the likeness of the view in which a zone or mask was drawn, if it is kept."""
    return b64decode(view) if (view := shape.get(CONF_VIEW)) else None


def _with_parents(names: Iterable[str], parents: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    known = [name for name in names if name in parents]
    return frozenset(known).union(*(parents[name] for name in known))


def _pace(data: Mapping[str, Any]) -> Pace:
    idle = data.get(CONF_INTERVAL, DEFAULT_INTERVAL)
    return Pace(
        idle=idle,
        alert=min(idle, ALERT_INTERVAL_OF_STREAMS if data.get(CONF_STREAMS) else ALERT_INTERVAL),
        only_when_woken=data.get(CONF_ONLY_WHEN_WOKEN, False),
    )


def _thresholds(data: Mapping[str, Any]) -> dict[str, ByRegime]:
    return {
        name: {Regime(regime): score for regime, score in by_regime.items()}
        for name, by_regime in data.get(CONF_THRESHOLDS, {}).items()
    }
