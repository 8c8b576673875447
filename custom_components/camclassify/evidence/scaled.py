"""Kept snapshots as large as they are looked at: made in the worker when first asked for, then kept, too."""

import asyncio

from camclassify_core import CamClassifyError

from ..engine.shared import SharedEngine
from .store import SIDES, WHOLE_PICTURE, EvidenceStore

MOST_BYTES = 300_000  # that phones show in a notification, and TVs at all
_SMALLER = (1.0, 0.75, 0.5, 0.35)


class ScaledPictures:
    """Reads kept snapshots with their box, no larger than wanted."""

    def __init__(self, engine: SharedEngine, store: EvidenceStore) -> None:
        """Have made none."""
        self._engine = engine
        self._store = store
        self._one_at_a_time = asyncio.Lock()

    async def async_read(self, snapshot_id: str, width: int | None) -> bytes | None:
        """Return a picture for `width` pixels, whole if that is more than a screen; None if it is not kept.

        One that cannot be scaled is returned as it is.
        """
        side = next((side for side in SIDES if width is not None and width <= side), None)
        if side is None:
            return await self._store.async_read(snapshot_id)
        if known := await self._store.async_read(snapshot_id, side=side):
            return known
        async with (
            self._one_at_a_time
        ):  # a page of thumbnails leaves the worker time for the cameras
            if known := await self._store.async_read(snapshot_id, side=side):
                return known
            if (whole := await self._store.async_read(snapshot_id)) is None:
                return None
            try:
                scaled = await self._async_scale(whole, side)
            except CamClassifyError:
                return whole
            await self._store.async_add_scaled(snapshot_id, side, scaled)
            return scaled

    async def _async_scale(self, whole: bytes, side: int) -> bytes:
        for share in _SMALLER:
            scaled = await self._engine.client.cut_out(whole, WHOLE_PICTURE, round(share * side))
            if len(scaled) <= MOST_BYTES:
                break
        return scaled
