"""The snapshots that are kept as evidence: files in the cache folder, and an index of them."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from camclassify_core import Box, Regime
from camclassify_core.codec import box_from_json, box_to_json
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from homeassistant.util.ulid import ulid_at_time

from .const import DOMAIN

STORAGE_VERSION = 1
SAVE_DELAY = 30.0
SNAPSHOT_URL = "/api/camclassify/snapshot/{snapshot_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSnapshot:
    """A snapshot of an object, with and without the box drawn.

    `camera`: the subentry's id. `zone`: its name, empty for the whole frame. `taken_at`: Unix time.
    `track`: the object that arrived; none if the user wanted the snapshot kept.
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
        return known | {"box": box_to_json(self.box)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> KeptSnapshot:
        """Return the inverse of `to_json`."""
        return cls(**data | {"box": box_from_json(data["box"]), "regime": Regime(data["regime"])})


class SnapshotStore:
    """Keeps snapshots for a number of days, and no more than a number of them."""

    def __init__(self, hass: HomeAssistant, *, days: float, count: int) -> None:
        """Know nothing until loaded."""
        self._hass = hass
        self._folder = Path(hass.config.cache_path(DOMAIN, "snapshots"))
        self._store: Store[list[dict[str, Any]]] = Store(
            hass, STORAGE_VERSION, f"{DOMAIN}.snapshots", serialize_in_event_loop=False
        )
        self._kept: dict[str, KeptSnapshot] = {}
        self._days = days
        self._count = count

    async def async_load(self) -> None:
        """Read the index, and forget those whose file is gone."""
        stored = [KeptSnapshot.from_json(each) for each in await self._store.async_load() or []]
        files = await self._hass.async_add_executor_job(self._list_files)
        self._kept = {each.id: each for each in stored if each.id in files}
        await self._async_delete(files - self._kept.keys())
        await self.async_prune()

    async def async_save(self) -> None:
        """Write the index now."""
        await self._store.async_save(await self._hass.async_add_executor_job(self._to_json))

    async def async_keep(self, snapshot: bytes, drawn: bytes, **known: Any) -> KeptSnapshot:
        """Write a snapshot with and without its box, and drop what is too old or too many."""
        kept = KeptSnapshot(id=ulid_at_time(known["taken_at"]), **known)
        await self._hass.async_add_executor_job(self._write, kept.id, snapshot, drawn)
        self._kept[kept.id] = kept
        await self.async_prune()
        self._store.async_delay_save(self._to_json, SAVE_DELAY)
        return kept

    @callback
    def async_get(self, snapshot_id: str) -> KeptSnapshot | None:
        """Return what is known about a snapshot."""
        return self._kept.get(snapshot_id)

    @callback
    def async_all(self, camera: str | None = None) -> list[KeptSnapshot]:
        """Return the snapshots of one camera or all, newest first."""
        wanted = (each for each in self._kept.values() if camera in (None, each.camera))
        return sorted(wanted, key=lambda each: each.taken_at, reverse=True)

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

    async def async_read(self, snapshot_id: str, *, drawn: bool = True) -> bytes | None:
        """Return a picture with or without its box; None if it is not kept any more."""
        if snapshot_id not in self._kept:
            return None
        path = self.path(snapshot_id, drawn=drawn)
        try:
            return await self._hass.async_add_executor_job(path.read_bytes)
        except FileNotFoundError:
            return None

    async def async_limit(self, *, days: float, count: int) -> None:
        """Apply new limits."""
        self._days, self._count = days, count
        await self.async_prune()

    async def async_prune(self) -> None:
        """Drop what is too old or too many."""
        oldest = (dt_util.utcnow() - timedelta(days=self._days)).timestamp()
        newest_first = self.async_all()
        await self._async_delete(
            each.id
            for index, each in enumerate(newest_first)
            if index >= self._count or each.taken_at < oldest
        )

    async def async_forget_camera(self, camera: str) -> None:
        """Drop the snapshots of a camera."""
        await self._async_delete(each.id for each in self.async_all(camera))

    async def _async_delete(self, snapshot_ids: Iterable[str]) -> None:
        if doomed := list(snapshot_ids):
            for snapshot_id in doomed:
                self._kept.pop(snapshot_id, None)
            await self._hass.async_add_executor_job(self._unlink, doomed)
            self._store.async_delay_save(self._to_json, SAVE_DELAY)

    def _to_json(self) -> list[dict[str, Any]]:
        """Return the index; runs in a thread, because there can be thousands."""
        return [each.to_json() for each in tuple(self._kept.values())]

    def path(self, snapshot_id: str, *, drawn: bool) -> Path:
        """Return the file of a picture with or without its box."""
        return self._folder / f"{snapshot_id}{'' if drawn else '.plain'}.jpg"

    def _list_files(self) -> set[str]:
        return {path.name.partition(".")[0] for path in self._folder.glob("*.jpg")}

    def _write(self, snapshot_id: str, snapshot: bytes, drawn: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self.path(snapshot_id, drawn=False).write_bytes(snapshot)
        self.path(snapshot_id, drawn=True).write_bytes(drawn)

    def _unlink(self, snapshot_ids: list[str]) -> None:
        for snapshot_id in snapshot_ids:
            for drawn in (False, True):
                self.path(snapshot_id, drawn=drawn).unlink(missing_ok=True)
