"""A camera that plays a folder of JPEG files in a loop, starting when it is first looked at."""

import time
from pathlib import Path
from typing import override

import voluptuous as vol
from homeassistant.components.camera import PLATFORM_SCHEMA, Camera
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.entity_platform import AddEntitiesCallback
from homeassistant.helpers.typing import ConfigType, DiscoveryInfoType

PLATFORM_SCHEMA = PLATFORM_SCHEMA.extend(
    {
        vol.Required("name"): cv.string,
        vol.Required("folder"): cv.isdir,
        vol.Required("frames_per_second"): vol.All(vol.Coerce(float), vol.Range(min=0.01, max=30)),
    }
)


async def async_setup_platform(
    hass: HomeAssistant,
    config: ConfigType,
    async_add_entities: AddEntitiesCallback,
    discovery_info: DiscoveryInfoType | None = None,
) -> None:
    """Set up a camera from YAML."""
    files = await hass.async_add_executor_job(lambda: sorted(Path(config["folder"]).glob("*.jpg")))
    async_add_entities([FootageCamera(config["name"], files, config["frames_per_second"])])


class FootageCamera(Camera):
    """Plays files at a fixed rate."""

    def __init__(self, name: str, files: list[Path], frames_per_second: float) -> None:
        """Prepare to play."""
        super().__init__()
        self._attr_name = name
        self._attr_unique_id = f"footage-{name}"
        self._attr_frame_interval = 1 / frames_per_second
        self._files = files
        self._started: float | None = None

    @override
    async def async_camera_image(
        self, width: int | None = None, height: int | None = None
    ) -> bytes | None:
        """Return the frame of this moment."""
        now = time.monotonic()
        self._started = self._started or now
        index = int((now - self._started) / self._attr_frame_interval) % len(self._files)
        return await self.hass.async_add_executor_job(self._files[index].read_bytes)
