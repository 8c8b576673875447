"""The evidence of one camera: its snapshots with what they show drawn into them."""

import logging
from collections.abc import Mapping, Sequence, Set
from time import time
from typing import Any

from camclassify_core import Box, CamClassifyError, Regime, Result
from camclassify_core.faults import FaultLog

from ..engine.shared import SharedEngine
from ..engine.snapshot import Snapshot, async_encoded
from ..presence import SeenTrack, Transition
from .store import WHOLE_PICTURE, EvidenceStore, KeptSnapshot

_LOGGER = logging.getLogger(__name__)


class Keeper:
    """Keeps the snapshots that show who came, and those that the user wants.

    `latest`: the snapshot of the latest arrival, which may be one of before a restart.
    """

    def __init__(self, camera: str, engine: SharedEngine, store: EvidenceStore) -> None:
        """Hold no frame yet."""
        self.latest = store.async_latest(camera)
        self._camera = camera
        self._engine = engine
        self._store = store
        self._frames: dict[int, bytes] = {}
        self._faults = FaultLog(_LOGGER)

    async def async_hold(self, frames: Mapping[int, Snapshot], wanted: Set[int]) -> None:
        """Add snapshots by the numbers of their frames; drop all that are not wanted any more."""
        known = {number: held for number, held in self._frames.items() if number in wanted}
        self._frames = known
        for number in frames.keys() & wanted:
            try:
                known[number] = await async_encoded(self._engine, frames[number])
            except CamClassifyError as error:
                self._faults.note("A frame that shows an arrival cannot be kept", error)

    def of_track(self, track: int) -> KeptSnapshot | None:
        """Return the latest kept snapshot of an object."""
        return self._store.async_latest(self._camera, track)

    async def async_keep_arrival(
        self, transition: Transition, zone_name: str, regime: Regime
    ) -> None:
        """Keep what shows an arrival, as far as that can be done."""
        frame = transition.frame
        if frame is None or not (snapshot := self._frames.get(frame)):
            return
        try:
            self.latest = await self._async_keep(
                snapshot,
                [transition.box],
                class_name=transition.name,
                zone=zone_name,
                score=transition.score,
                box=transition.box,
                regime=regime,
                taken_at=transition.seen_at,
                track=transition.track,
            )
        except Exception as error:
            self._faults.note("The snapshot of an arrival cannot be kept", error)

    async def async_keep_whole(
        self, snapshot: Snapshot, tracks: Sequence[SeenTrack], result: Result
    ) -> KeptSnapshot:
        """Keep a snapshot because the user wants it, with all that is there or moves drawn.

        Raises OSError, and CamClassifyError if it is a frame that cannot be had any more.
        """
        picture = await async_encoded(self._engine, snapshot)
        visible = [track for track in tracks if track.visible]
        best = max(visible, key=lambda track: track.score, default=None)
        return await self._async_keep(
            picture,
            [*(track.box for track in visible), *result.proposals],
            class_name=best.name if best else "",
            zone="",
            score=best.score if best else 0.0,
            box=best.box if best else WHOLE_PICTURE,
            regime=result.regime,
            taken_at=time(),
            proposals=result.proposals,
        )

    async def _async_keep(
        self, snapshot: bytes, boxes: Sequence[Box], **known: Any
    ) -> KeptSnapshot:
        try:
            drawn = await self._engine.client.draw_boxes(snapshot, boxes)
        except CamClassifyError:
            drawn = snapshot
        return await self._store.async_keep(snapshot, drawn, camera=self._camera, **known)
