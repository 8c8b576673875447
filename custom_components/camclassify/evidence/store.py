"""The snapshots that are kept as evidence: files in the cache folder, and an index of them."""

import logging
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from math import isfinite
from pathlib import Path
from time import monotonic
from typing import Any, Final, Self

from camclassify_core import Box, Regime
from camclassify_core.codec import box_from_json, box_to_json
from camclassify_core.faults import FaultLog
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util
from homeassistant.util.ulid import ulid_at_time

from ..const import DOMAIN
from ..safe_store import SNAPSHOTS, SafeStore

_LOGGER = logging.getLogger(__name__)

SAVE_DELAY = 30.0
THUMBNAIL: Final = 320  # pixels of the longer side of a scaled picture
SCREEN: Final = 1280
SIDES: Final = (THUMBNAIL, SCREEN)
SECONDS_A_DAY = 86400.0
WHOLE_PICTURE = Box(x0=0.0, y0=0.0, x1=1.0, y1=1.0)
SNAPSHOT_URL = "/api/camclassify/snapshot/{snapshot_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSnapshot:
    """A snapshot of an object, with and without the box drawn.

    `camera`: the subentry's id. `zone`: its name, empty for the whole frame. `taken_at`: Unix time.
    `track`: the object that arrived; none if the user wanted the snapshot kept. `proposals`: what else moved.
    """

    id: str
    camera: str
    class_name: str
    zone: str
    score: float
    box: Box
    regime: Regime
    taken_at: float
    track: int | None = None
    proposals: tuple[Box, ...] = ()

    @property
    def url(self) -> str:
        """The address in Home Assistant of the picture with its box, for those who are signed in."""
        return SNAPSHOT_URL.format(snapshot_id=self.id)

    @property
    def local_time(self) -> datetime:
        """When the picture was taken, in the home's time zone."""
        return dt_util.as_local(dt_util.utc_from_timestamp(self.taken_at))

    def to_json(self) -> dict[str, Any]:
        """Return JSON values."""
        known = {field.name: getattr(self, field.name) for field in fields(self)}
        return known | {
            "box": box_to_json(self.box),
            "proposals": [box_to_json(each) for each in self.proposals],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Return the inverse of `to_json`. Raises ValueError, KeyError, TypeError."""
        known = {field.name: data[field.name] for field in fields(cls) if field.name in data}
        kept = cls(
            **known
            | {
                "box": box_from_json(data["box"]),
                "regime": Regime(data["regime"]),
                "proposals": tuple(box_from_json(each) for each in data.get("proposals", ())),
            }
        )
        texts = kept.id, kept.camera, kept.class_name, kept.zone
        numbers = kept.score, kept.taken_at, *box_to_json(kept.box)
        if not all(isinstance(each, str) for each in texts):
            raise TypeError("a text is missing")
        if not all(isfinite(each) for each in numbers):
            raise ValueError("a number is not finite")
        dt_util.utc_from_timestamp(kept.taken_at)
        return kept


class EvidenceStore:
    """Keeps snapshots for a number of days, and no more than a number of them.

    The days are those that Home Assistant has run since: no clock that is set wrong deletes anything.
    """

    def __init__(self, hass: HomeAssistant, *, days: float, count: int) -> None:
        """Know nothing until loaded."""
        self._hass = hass
        self._folder = _folder(hass)
        self._store: SafeStore[list[Any]] = SafeStore(
            hass, SNAPSHOTS, serialize_in_event_loop=False
        )
        self._kept: dict[str, KeptSnapshot] = {}  # oldest first
        self._since: dict[str, float] = {}  # on the monotonic clock
        self._faults = FaultLog(_LOGGER)
        self._days = days
        self._count = count

    async def async_load(self) -> None:
        """Read the index, and forget those whose file is gone.

        Pictures that a damaged index does not name any more are kept as long as all others.
        """
        rows = await self._store.async_load_rows(list, _kept_for)
        files = await self._hass.async_add_executor_job(self._list_files)
        now = monotonic()
        for kept, seconds in rows.values():
            if kept.id in files:
                self._kept[kept.id], self._since[kept.id] = kept, now - seconds
        strays = files - self._kept.keys()
        if self._store.damaged:
            self._kept = {each: _unknown(each) for each in sorted(strays)} | self._kept
            self._since |= dict.fromkeys(strays, now)
        else:
            await self._async_delete(strays)
        await self.async_prune()

    async def async_save(self) -> None:
        """Write the index now."""
        await self._store.async_save(await self._hass.async_add_executor_job(self._to_json))

    async def async_close(self) -> None:
        """Write the index for the last time."""
        await self.async_save()
        self._store.async_close()

    async def async_keep(self, snapshot: bytes, drawn: bytes, **known: Any) -> KeptSnapshot:
        """Write a snapshot with and without its box, and drop what is too old or too many."""
        kept = KeptSnapshot(id=ulid_at_time(known["taken_at"]), **known)
        await self._hass.async_add_executor_job(self._write, kept.id, snapshot, drawn)
        self._kept[kept.id], self._since[kept.id] = kept, monotonic()
        await self.async_prune()
        self._store.async_delay_save(self._to_json, SAVE_DELAY)
        return kept

    @callback
    def async_get(self, snapshot_id: str) -> KeptSnapshot | None:
        """Return what is known about a snapshot."""
        return self._kept.get(snapshot_id)

    @callback
    def async_all(self, camera: str | None = None) -> list[KeptSnapshot]:
        """Return the snapshots of one camera or all, the one kept last first."""
        newest_first = reversed(self._kept.values())
        return [each for each in newest_first if camera in (None, each.camera)]

    @callback
    def async_latest(self, camera: str, track: int | None = None) -> KeptSnapshot | None:
        """Return the snapshot of a camera's latest arrival, or of the latest of one object."""
        return next(
            (
                each
                for each in reversed(self._kept.values())
                if each.camera == camera
                and (each.track is not None if track is None else each.track == track)
            ),
            None,
        )

    async def async_read(
        self, snapshot_id: str, *, drawn: bool = True, side: int | None = None
    ) -> bytes | None:
        """Return a picture with or without its box, or one scaled to `side` pixels; None if there is none."""
        if snapshot_id not in self._kept:
            return None
        path = self._scaled_path(snapshot_id, side) if side else self.path(snapshot_id, drawn=drawn)
        try:
            return await self._hass.async_add_executor_job(path.read_bytes)
        except OSError:
            return None

    async def async_add_scaled(self, snapshot_id: str, side: int, scaled: bytes) -> None:
        """Keep a picture in another size, too, as far as that can be done."""
        await self._hass.async_add_executor_job(self._write_scaled, snapshot_id, side, scaled)
        if snapshot_id not in self._kept:  # deleted meanwhile
            await self._async_delete([snapshot_id])

    async def async_limit(self, *, days: float, count: int) -> None:
        """Apply new limits."""
        self._days, self._count = days, count
        await self.async_prune()

    async def async_prune(self) -> None:
        """Drop what is too old or too many."""
        oldest = monotonic() - self._days * SECONDS_A_DAY
        await self._async_delete(
            each.id
            for index, each in enumerate(self.async_all())
            if index >= self._count or self._since[each.id] < oldest
        )
        if self._kept:
            self._store.async_delay_save(self._to_json, SAVE_DELAY)

    async def async_forget_camera(self, camera: str) -> None:
        """Drop the snapshots of a camera."""
        await self._async_delete(each.id for each in self.async_all(camera))

    async def _async_delete(self, snapshot_ids: Iterable[str]) -> None:
        if doomed := list(snapshot_ids):
            for snapshot_id in doomed:
                self._kept.pop(snapshot_id, None)
                self._since.pop(snapshot_id, None)
            await self._hass.async_add_executor_job(self._unlink, doomed)
            self._store.async_delay_save(self._to_json, SAVE_DELAY)

    def _to_json(self) -> list[dict[str, Any]]:
        """Return the index; runs in a thread, because there can be thousands."""
        now, since = monotonic(), dict(self._since)
        return [
            each.to_json() | {"seconds": now - since[each.id]}
            for each in tuple(self._kept.values())
            if each.id in since
        ]

    def path(self, snapshot_id: str, *, drawn: bool) -> Path:
        """Return the file of a picture with or without its box."""
        return self._folder / f"{snapshot_id}{'' if drawn else '.plain'}.jpg"

    def _scaled_path(self, snapshot_id: str, side: int) -> Path:
        return self._folder / f"{snapshot_id}.{side}.jpg"

    def _list_files(self) -> set[str]:
        return {path.name.partition(".")[0] for path in self._folder.glob("*.jpg")}

    def _write(self, snapshot_id: str, snapshot: bytes, drawn: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            self.path(snapshot_id, drawn=False).write_bytes(snapshot)
            self.path(snapshot_id, drawn=True).write_bytes(drawn)
        except OSError:
            self._unlink([snapshot_id])
            raise

    def _write_scaled(self, snapshot_id: str, side: int, scaled: bytes) -> None:
        path = self._scaled_path(snapshot_id, side)
        part = path.with_suffix(".part")  # nobody may read half of it
        try:
            part.write_bytes(scaled)
            part.replace(path)
        except OSError as error:
            self._faults.note("A scaled snapshot cannot be kept", error)

    def _unlink(self, snapshot_ids: list[str]) -> None:
        for snapshot_id in snapshot_ids:
            kept = (self.path(snapshot_id, drawn=drawn) for drawn in (False, True))
            scaled = (self._scaled_path(snapshot_id, side) for side in SIDES)
            for path in (*kept, *scaled):
                try:
                    path.unlink(missing_ok=True)
                except OSError as error:
                    self._faults.note("A snapshot cannot be deleted", error)


async def async_remove_pictures(hass: HomeAssistant) -> None:
    """Delete every picture."""
    await hass.async_add_executor_job(shutil.rmtree, _folder(hass), True)


def _folder(hass: HomeAssistant) -> Path:
    return Path(hass.config.cache_path(DOMAIN, "snapshots"))


def _kept_for(row: dict[str, Any]) -> tuple[KeptSnapshot, float]:
    """Return a snapshot of the index, and for how many seconds it was kept."""
    seconds = row.get("seconds", 0.0)
    if not 0 <= seconds < float("inf"):
        raise ValueError("the time is not finite")
    return KeptSnapshot.from_json(row), seconds


def _unknown(snapshot_id: str) -> KeptSnapshot:
    """Return a snapshot of which only the picture is left: it belongs to no camera."""
    return KeptSnapshot(
        id=snapshot_id,
        camera="",
        class_name="",
        zone="",
        score=0.0,
        box=WHOLE_PICTURE,
        regime=Regime.DAY,
        taken_at=0.0,
    )
