"""The best frame of the latest arrival, with its box drawn."""

from typing import override

from homeassistant.components.image import ImageEntity
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .camera.look import WatchedCamera
from .entity import CameraEntity, async_follow_cameras
from .evidence.store import EvidenceStore, KeptSnapshot
from .home import CamClassifyConfigEntry
from .picture_formats import content_type

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CamClassifyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up an image entity per camera."""
    evidence = entry.runtime_data.evidence
    async_follow_cameras(
        hass,
        entry,
        async_add_entities,
        lambda camera: [LatestArrival(hass, camera, evidence)],
    )


class LatestArrival(CameraEntity, ImageEntity):
    """The very snapshot that made the latest arrival known."""

    _attr_translation_key = "latest_arrival"

    def __init__(self, hass: HomeAssistant, camera: WatchedCamera, evidence: EvidenceStore) -> None:
        """Show what was kept last."""
        CameraEntity.__init__(self, camera, "latest_arrival")
        ImageEntity.__init__(self, hass)
        self._evidence = evidence
        self._shown: KeptSnapshot | None = None
        self._show_latest()

    @property
    @override
    def available(self) -> bool:
        """Always: coming back from unavailable would look like a new picture."""
        return True

    @override
    async def async_image(self) -> bytes | None:
        """Return the picture."""
        picture = await self._evidence.async_read(self._shown.id) if self._shown else None
        if picture:  # a JPEG, unless nothing could be drawn on what the camera sent
            self._attr_content_type = content_type(picture)
        return picture

    @callback
    @override
    def _handle_update(self) -> None:
        if self._show_latest():
            super()._handle_update()

    def _show_latest(self) -> bool:
        latest = self.camera.keeper.latest
        if latest is None or latest == self._shown:
            return False
        self._shown = latest
        self._attr_image_last_updated = dt_util.utc_from_timestamp(latest.taken_at)
        return True
