"""Classification of a camera, on or off."""

from typing import Any, override

from homeassistant.components.switch import SwitchEntity
from homeassistant.const import STATE_OFF
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.restore_state import RestoreEntity

from .camera.look import WatchedCamera
from .entity import CameraEntity, async_follow_cameras
from .home import CamClassifyConfigEntry

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CamClassifyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up a switch per camera."""
    async_follow_cameras(
        hass, entry, async_add_entities, lambda camera: [ClassificationSwitch(camera)]
    )


class ClassificationSwitch(CameraEntity, SwitchEntity, RestoreEntity):
    """While it is off, the camera is not looked at and its entities are unavailable."""

    _attr_translation_key = "classification"

    def __init__(self, camera: WatchedCamera) -> None:
        """Switch one camera."""
        super().__init__(camera, "classification")

    @property
    @override
    def available(self) -> bool:
        """Always: this is what turns the camera on again."""
        return True

    @property
    @override
    def is_on(self) -> bool:
        """Whether the camera is looked at."""
        return self.camera.enabled

    @override
    async def async_added_to_hass(self) -> None:
        """Take up the state of before."""
        await super().async_added_to_hass()
        if (state := await self.async_get_last_state()) and state.state == STATE_OFF:
            self.camera.async_set_enabled(False)

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Look at the camera."""
        self.camera.async_set_enabled(True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Leave the camera alone."""
        self.camera.async_set_enabled(False)
