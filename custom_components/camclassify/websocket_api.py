"""What the panel asks and saves."""

from typing import Any

import probatio
from camclassify_core import CamClassifyError
from homeassistant.components import websocket_api
from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.core import HomeAssistant, callback

from .const import CONF_CLASSES, CONF_MASKS, CONF_ZONES, DOMAIN
from .coordinator import CameraCoordinator
from .home import CamClassifyConfigEntry
from .views import LIVE_URL
from .zones import ZoneError, checked_points, checked_zones

POINTS = [probatio.ExactSequence([probatio.Coerce(float), probatio.Coerce(float)])]
ZONE = {
    probatio.Optional("id"): str,
    probatio.Required("name"): str,
    probatio.Required("points"): POINTS,
    probatio.Optional("classes", default=list): [str],
    probatio.Optional("thresholds", default=dict): {
        str: {probatio.In(["day", "dusk", "night"]): probatio.Range(min=0, max=1)}
    },
}


@callback
def async_register_commands(hass: HomeAssistant) -> None:
    """Register all commands."""
    websocket_api.async_register_command(hass, list_cameras)
    websocket_api.async_register_command(hass, subscribe)
    websocket_api.async_register_command(hass, save_zones)
    websocket_api.async_register_command(hass, export_examples)
    websocket_api.async_register_command(hass, import_examples)


@websocket_api.require_admin
@websocket_api.websocket_command({probatio.Required("type"): "camclassify/cameras"})
@callback
def list_cameras(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """List the cameras with their zones and masks, and the classes to choose from."""
    if (entry := _entry(hass)) is None:
        connection.send_error(msg["id"], websocket_api.ERR_NOT_FOUND, "CamClassify is not running")
        return
    home = entry.runtime_data
    connection.send_result(
        msg["id"],
        {
            "classes": [info.name for info in home.engine.classes],
            "cameras": [
                {
                    "id": key,
                    "name": camera.settings.name,
                    "picture": LIVE_URL.format(subentry_id=key),
                    "classes": entry.subentries[key].data[CONF_CLASSES],
                    "zones": entry.subentries[key].data.get(CONF_ZONES, []),
                    "masks": entry.subentries[key].data.get(CONF_MASKS, []),
                }
                for key, camera in home.cameras.items()
            ],
        },
    )


@websocket_api.require_admin
@websocket_api.websocket_command(
    {
        probatio.Required("type"): "camclassify/subscribe",
        probatio.Required("camera"): str,
    }
)
@callback
def subscribe(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Send what a camera sees after every look."""
    found = _camera(hass, connection, msg)
    if found is None:
        return
    _, camera = found

    @callback
    def send() -> None:
        connection.send_message(websocket_api.event_message(msg["id"], _describe(camera)))

    connection.subscriptions[msg["id"]] = camera.async_add_listener(send)
    connection.send_result(msg["id"])
    send()


@websocket_api.require_admin
@websocket_api.websocket_command(
    {
        probatio.Required("type"): "camclassify/zones/save",
        probatio.Required("camera"): str,
        probatio.Required("zones"): [ZONE],
        probatio.Required("masks"): [POINTS],
    }
)
@callback
def save_zones(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Keep zones and masks; they apply at once."""
    found = _camera(hass, connection, msg)
    if found is None:
        return
    entry, camera = found
    known = [info.name for info in camera.engine.classes]
    try:
        zones = checked_zones(msg["zones"], known)
        masks = [checked_points(points, "") for points in msg["masks"]]
    except ZoneError as error:
        connection.send_error(
            msg["id"],
            websocket_api.ERR_INVALID_FORMAT,
            str(error),
            translation_key=error.reason,
            translation_domain=DOMAIN,
            translation_placeholders={"zone": error.zone},
        )
        return
    subentry = entry.subentries[camera.subentry_id]
    hass.config_entries.async_update_subentry(
        entry, subentry, data={**subentry.data, CONF_ZONES: zones, CONF_MASKS: masks}
    )
    connection.send_result(msg["id"], {"zones": zones, "masks": masks})


@websocket_api.require_admin
@websocket_api.websocket_command({probatio.Required("type"): "camclassify/examples/export"})
@callback
def export_examples(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Return what was taught, as JSON that `camclassify/examples/import` takes."""
    entry = _entry(hass)
    connection.send_result(msg["id"], entry.runtime_data.lessons.to_json() if entry else [])


@websocket_api.require_admin
@websocket_api.websocket_command(
    {
        probatio.Required("type"): "camclassify/examples/import",
        probatio.Required("examples"): [dict],
    }
)
@websocket_api.async_response
async def import_examples(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> None:
    """Learn what was exported, here or in another home."""
    if (entry := _entry(hass)) is None:
        connection.send_error(msg["id"], websocket_api.ERR_NOT_FOUND, "CamClassify is not running")
        return
    home = entry.runtime_data
    try:
        count = await home.lessons.async_import(msg["examples"])
    except CamClassifyError as error:
        connection.send_error(msg["id"], websocket_api.ERR_INVALID_FORMAT, str(error))
        return
    await home.async_sync()
    connection.send_result(msg["id"], {"new": count})


def _entry(hass: HomeAssistant) -> CamClassifyConfigEntry | None:
    return next(iter(hass.config_entries.async_loaded_entries(DOMAIN)), None)


def _camera(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> tuple[CamClassifyConfigEntry, CameraCoordinator] | None:
    entry = _entry(hass)
    camera = entry.runtime_data.cameras.get(msg["camera"]) if entry else None
    if entry is None or camera is None:
        connection.send_error(msg["id"], websocket_api.ERR_NOT_FOUND, "There is no such camera")
        return None
    return entry, camera


def _describe(camera: CameraCoordinator) -> dict[str, Any]:
    update, result = camera.update, camera.result
    return {
        "available": camera.available,
        "regime": result.regime if result else None,
        "size": [result.width, result.height] if result else None,
        "objects": [
            {
                "track": track.id,
                "class": track.name,
                "sure": track.sure,
                "score": round(track.score, 3),
                "box": [track.box.x0, track.box.y0, track.box.x1, track.box.y1],
                "stationary": track.stationary,
                "zones": sorted(track.zones),
            }
            for track in (update.tracks if update else ())
        ],
    }
