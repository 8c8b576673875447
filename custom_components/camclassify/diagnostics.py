"""What helps to understand a problem, without what must stay at home."""

from dataclasses import asdict
from typing import Any

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.const import CONF_PASSWORD, CONF_URL, CONF_USERNAME
from homeassistant.core import HomeAssistant

from .coordinator import CameraCoordinator
from .home import CamClassifyConfigEntry, camera_subentries

TO_REDACT = {CONF_URL, CONF_USERNAME, CONF_PASSWORD}


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: CamClassifyConfigEntry
) -> dict[str, Any]:
    """Return diagnostics for a config entry."""
    home = entry.runtime_data
    return {
        "options": dict(entry.options),
        "engine": asdict(home.engine.info)
        | {"available": home.engine.available, "state": home.engine.client.state},
        "cameras": [
            {
                "settings": async_redact_data(subentry.data, TO_REDACT),
                **_describe(home.cameras[subentry.subentry_id]),
            }
            for subentry in camera_subentries(entry)
        ],
    }


def _describe(camera: CameraCoordinator) -> dict[str, Any]:
    return {
        "available": camera.available,
        "statistics": asdict(camera.statistics),
        "result": asdict(camera.result) if camera.result else None,
        "tracks": [asdict(track) for track in camera.update.tracks] if camera.update else [],
    }
