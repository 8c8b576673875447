"""Classify now."""

from typing import override

from homeassistant.components.button import ButtonEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .camera.look import WatchedCamera
from .entity import CameraEntity, async_follow_cameras
from .home import CamClassifyConfigEntry

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CamClassifyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up a button per camera."""
    async_follow_cameras(
        hass, entry, async_add_entities, lambda camera: [ClassifyNowButton(camera)]
    )


class ClassifyNowButton(CameraEntity, ButtonEntity):
    """Takes and classifies a snapshot at once, even if nothing changed."""

    _attr_translation_key = "classify_now"

    def __init__(self, camera: WatchedCamera) -> None:
        """Press for one camera."""
        super().__init__(camera, "classify_now")

    @property
    @override
    def available(self) -> bool:
        """Whether the camera is looked at at all."""
        return self.camera.enabled

    @override
    async def async_press(self) -> None:
        """Look now."""
        self.camera.async_wake(forced=True)
