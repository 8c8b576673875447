"""What helps to understand a problem, without what must stay at home."""

from dataclasses import asdict
from typing import Any

from camclassify_core import CamClassifyError, EngineOptions
from camclassify_core.bundle.manifest import Manifest
from camclassify_core.bundle.places import default_bundle
from camclassify_core.planner.forecast import forecast
from homeassistant.components.diagnostics import async_redact_data
from homeassistant.const import CONF_PASSWORD, CONF_TOKEN, CONF_URL, CONF_USERNAME
from homeassistant.core import HomeAssistant

from .camera.look import WatchedCamera
from .const import CONF_VIEW
from .home import CamClassifyConfigEntry, Home, camera_subentries

TO_REDACT = {
    CONF_URL,
    CONF_USERNAME,
    CONF_PASSWORD,
    CONF_TOKEN,
    CONF_VIEW,
}  # a view's likeness is a picture


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: CamClassifyConfigEntry
) -> dict[str, Any]:
    """Return diagnostics for a config entry."""
    home = entry.runtime_data
    options = home.engine.client.options if home.engine.started else None
    return {
        "options": async_redact_data(entry.options, TO_REDACT),
        "engine": asdict(home.engine.info)
        | {
            "available": home.engine.available,
            "state": home.engine.state,
            "on_server": home.engine.on_server,
        },
        "statistics": await _statistics(home),
        "design": await _design(hass, home, options)
        if isinstance(options, EngineOptions)
        else None,
        "cameras": [
            {
                "settings": async_redact_data(subentry.data, TO_REDACT),
                **_describe(home.cameras[subentry.subentry_id]),
            }
            for subentry in camera_subentries(entry)
        ],
    }


async def _statistics(home: Home) -> dict[str, Any] | None:
    """Return what the worker and each of its lanes have used."""
    try:
        return asdict(await home.engine.client.statistics())
    except CamClassifyError:
        return None


async def _design(hass: HomeAssistant, home: Home, options: EngineOptions) -> dict[str, Any]:
    """Return which architecture runs, and how long it should and does take."""
    info = home.engine.info
    bundle = options.bundle or default_bundle()
    manifest = await hass.async_add_executor_job(Manifest.read, bundle)
    scene_times = [
        last.result.timing.scene
        for camera in home.cameras.values()
        if (last := camera.eye.last) and last.result.timing.scene > 0
    ]
    return {
        "name": manifest.name,
        "architecture": manifest.architecture,
        "resident": manifest.resident,
        "predicted": await forecast(bundle, info.networks[0].precision, info.threads)
        if info.networks
        else None,
        "measured": {
            "scene_ms_of_last_frames": scene_times,
            "whole_frame_ms": {
                subentry_id: camera.eye.statistics.milliseconds
                for subentry_id, camera in home.cameras.items()
            },
        },
    }


def _describe(camera: WatchedCamera) -> dict[str, Any]:
    last = camera.eye.last
    return {
        "available": camera.available,
        "statistics": asdict(camera.eye.statistics),
        "result": async_redact_data(asdict(last.result), TO_REDACT) if last else None,
        "tracks": [asdict(track) for track in camera.update.tracks] if camera.update else [],
    }
