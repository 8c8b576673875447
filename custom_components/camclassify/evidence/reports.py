"""Arrivals and departures as Home Assistant tells them, with the snapshot that shows them."""

import logging
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import time
from typing import Any

from camclassify_core import Box, CamClassifyError, Regime
from camclassify_core.faults import FaultLog

from ..camera.settings import CameraSettings
from ..engine.shared import SharedEngine
from ..presence import TrackView, Transition, TransitionKind, Zone
from .store import KeptSnapshot, SnapshotStore

_LOGGER = logging.getLogger(__name__)


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
    """Turns the transitions of one camera into reports; writes the snapshots first.

    What was added is untold until it is taken, also where writing is cut short.
    """

    def __init__(self, camera: str, engine: SharedEngine, store: SnapshotStore) -> None:
        """Know the snapshot of the latest arrival, which may be one of before a restart."""
        self._camera = camera
        self._engine = engine
        self._store = store
        self._faults = FaultLog(_LOGGER)
        self._waiting: deque[Transition] = deque()
        self._ready: list[Report] = []
        self._kept: set[tuple[int | None, int]] = set()
        self.latest = store.async_latest(camera)

    @property
    def untold(self) -> list[Transition]:
        """What nobody was told of yet."""
        return [*(report.transition for report in self._ready), *self._waiting]

    @property
    def frames(self) -> frozenset[int]:
        """The frames that are still needed as evidence."""
        return frozenset(each.frame for each in self._waiting if each.frame is not None)

    def add(self, transitions: Iterable[Transition]) -> None:
        """Take what a look has brought."""
        self._waiting.extend(transitions)

    async def async_write(
        self, settings: CameraSettings, frames: Mapping[int, bytes], regime: Regime
    ) -> None:
        """Write the evidence of all that waits. `frames` holds the snapshots that it may name."""
        zones = {zone.id: zone for zone in settings.reporting_zones}
        while self._waiting:
            transition = self._waiting[0]
            if zone := zones.get(transition.zone):
                await self._async_keep_arrival(transition, zone, frames, regime)
                kept = self._store.async_latest(self._camera, transition.track)
                self._ready.append(Report(transition, zone, kept))
            self._waiting.popleft()

    def take(self) -> list[Report]:
        """Return what can be told of, and tell of it at once."""
        reports, self._ready = self._ready, []
        self._kept.clear()
        return reports

    async def async_keep_whole(
        self, snapshot: bytes, tracks: Sequence[TrackView], regime: Regime
    ) -> KeptSnapshot:
        """Keep a snapshot because the user wants it, with all that is there drawn. Raises OSError."""
        visible = [track for track in tracks if track.visible]
        best = max(visible, key=lambda track: track.score, default=None)
        return await self._async_keep(
            snapshot,
            [track.box for track in visible],
            class_name=best.name if best else "",
            zone="",
            score=best.score if best else 0.0,
            box=best.box if best else Box(x0=0.0, y0=0.0, x1=1.0, y1=1.0),
            regime=regime,
            taken_at=time(),
        )

    async def _async_keep_arrival(
        self, transition: Transition, zone: Zone, frames: Mapping[int, bytes], regime: Regime
    ) -> None:
        """Keep what shows an arrival, once an object; it is told of without a picture if need be."""
        snapshot = frames.get(transition.frame) if transition.frame is not None else None
        key = transition.frame, transition.track
        if transition.kind is not TransitionKind.ARRIVED or not snapshot or key in self._kept:
            return
        self._kept.add(key)
        try:
            self.latest = await self._async_keep(
                snapshot,
                [transition.box],
                class_name=transition.name,
                zone=zone.name,
                score=transition.score,
                box=transition.box,
                regime=regime,
                taken_at=transition.seen_at,
                track=transition.track,
            )
        except Exception as error:
            self._faults.note("The snapshot of an arrival cannot be kept", error)

    async def _async_keep(
        self, snapshot: bytes, boxes: Sequence[Box], **known: Any
    ) -> KeptSnapshot:
        try:
            drawn = await self._engine.client.draw_boxes(snapshot, boxes)
        except CamClassifyError:
            drawn = snapshot
        return await self._store.async_keep(snapshot, drawn, camera=self._camera, **known)
