"""Arrivals and departures as Home Assistant tells them, with the snapshot that shows them."""

import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from camclassify_core import Regime
from camclassify_core.faults import FaultLog
from homeassistant.components.event import DOMAIN as EVENT_DOMAIN
from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from ..const import DOMAIN, EVENT_ARRIVED, EVENT_LEFT
from ..engine.snapshot import Snapshot
from ..listeners import Listeners
from ..presence import Transition, TransitionKind, Update, Zone
from .keeper import Keeper
from .store import SCREEN, KeptSnapshot

_LOGGER = logging.getLogger(__name__)

PICTURE_LIFETIME = timedelta(days=1)
BUS_EVENTS = {TransitionKind.ARRIVED: EVENT_ARRIVED, TransitionKind.LEFT: EVENT_LEFT}


@dataclass(frozen=True, slots=True)
class Report:
    """One arrival or departure in a zone, and the snapshot of the arrival."""

    transition: Transition
    zone: Zone
    snapshot: KeptSnapshot | None

    @property
    def event_type(self) -> str:
        """What happened: "person_arrived"."""
        return f"{self.transition.name}_{self.transition.kind}"

    def attributes(self) -> dict[str, Any]:
        """Return what automations can use."""
        return {
            "class": self.transition.name,
            "zone": self.zone.name or None,
            "score": round(self.transition.score, 3),
            "track": self.transition.track,
            "snapshot_id": self.snapshot.id if self.snapshot else None,
            "snapshot_url": self.snapshot.url if self.snapshot else None,
        }


class Reporter:
    """Turns the transitions of one camera into reports and tells of them, the snapshots being written.

    What was added is untold until it is told, also where writing is cut short.
    """

    def __init__(self, hass: HomeAssistant, camera: str, keeper: Keeper) -> None:
        """Have nothing to tell."""
        self._hass = hass
        self._camera = camera
        self._keeper = keeper
        self._waiting: deque[Transition] = deque()
        self._ready: list[Report] = []
        self._shown: set[tuple[int | None, int]] = set()
        self._listeners: Listeners[[Report]] = Listeners()
        self._faults = FaultLog(_LOGGER)

    @property
    def untold(self) -> list[Transition]:
        """What nobody was told of yet."""
        return [*(report.transition for report in self._ready), *self._waiting]

    @property
    def has_news(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self._ready)

    @callback
    def async_add_listener(self, listener: Callable[[Report], None]) -> CALLBACK_TYPE:
        """Call a listener with every arrival and departure, after all else is up to date."""
        return self._listeners.async_add(listener)

    async def async_write(
        self,
        update: Update,
        frames: Mapping[int, Snapshot],
        zones: Iterable[Zone],
        regime: Regime,
    ) -> None:
        """Take what a look has brought, and write the evidence of it and of what still waits.

        `frames` holds the look's snapshot. What happened in other zones than these is told to nobody.
        """
        self._waiting.extend(update.transitions)
        needed = {each.frame for each in self._waiting if each.frame is not None}
        await self._keeper.async_hold(frames, update.keep | needed)
        by_id = {zone.id: zone for zone in zones}
        while self._waiting:
            transition = self._waiting[0]
            if zone := by_id.get(transition.zone):
                await self._async_keep_arrival(transition, zone, regime)
                kept = self._keeper.of_track(transition.track)
                self._ready.append(Report(transition, zone, kept))
            self._waiting.popleft()

    @callback
    def async_tell(self, camera_name: str) -> None:
        """Tell of what is ready: those who listen, then everybody on the bus."""
        reports, self._ready = self._ready, []
        self._shown.clear()
        for report in reports:
            self._listeners.async_call(report)
            try:
                self._async_announce(camera_name, report)
            except Exception as error:
                self._faults.note(f"A report of {camera_name} cannot be told on the bus", error)

    async def _async_keep_arrival(self, transition: Transition, zone: Zone, regime: Regime) -> None:
        """Keep what shows an arrival, once an object."""
        shown = transition.frame, transition.track
        if transition.kind is TransitionKind.ARRIVED and shown not in self._shown:
            self._shown.add(shown)
            await self._keeper.async_keep_arrival(transition, zone.name, regime)

    @callback
    def _async_announce(self, camera_name: str, report: Report) -> None:
        """Fire the event of a report. The camera's event entity need not be enabled."""
        registry, kept = er.async_get(self._hass), report.snapshot
        entity_id = registry.async_get_entity_id(
            EVENT_DOMAIN, DOMAIN, event_entity_key(self._camera)
        )
        entity = registry.async_get(entity_id) if entity_id else None
        signed_url = None
        if kept:
            # A notification in the browser shows only what needs no sign-in.
            signed = async_sign_path(self._hass, kept.url, PICTURE_LIFETIME, use_content_user=True)
            signed_url = f"{signed}&width={SCREEN}"
        self._hass.bus.async_fire(
            BUS_EVENTS[report.transition.kind],
            report.attributes()
            | {
                "camera": camera_name,
                "device_id": entity.device_id if entity else None,
                "entity_id": entity_id,
                "signed_url": signed_url,
            },
        )


def event_entity_key(subentry_id: str) -> str:
    """Return the unique id of a camera's event entity."""
    return f"{subentry_id}-events"
