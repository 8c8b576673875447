"""What the panel asks and saves about cameras and their zones."""

from functools import partial
from typing import Any

import probatio
from homeassistant.components import websocket_api
from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from ..camera.look import CameraCoordinator
from ..camera.zones import ZoneError, checked_points, checked_thresholds, checked_zones
from ..const import CONF_MASKS, CONF_THRESHOLDS, CONF_ZONES, DOMAIN
from ..home import SIGNAL_SET_UP, CamClassifyConfigEntry, Home, async_loaded_entry
from .teaching_commands import async_register_teaching_commands
from .views import LIVE_URL

POINTS = [probatio.ExactSequence([probatio.Coerce(float), probatio.Coerce(float)])]
THRESHOLDS = {str: {probatio.In(["day", "dusk", "night"]): probatio.Range(min=0, max=1)}}
ZONE = {
    probatio.Optional("id"): str,
    probatio.Required("name"): str,
    probatio.Required("points"): POINTS,
    probatio.Optional("classes", default=list): [str],
    probatio.Optional("thresholds", default=dict): THRESHOLDS,
}


@callback
def async_register_commands(hass: HomeAssistant) -> None:
    """Register all commands."""
    websocket_api.async_register_command(hass, list_cameras)
    websocket_api.async_register_command(hass, subscribe)
    websocket_api.async_register_command(hass, save_zones)
    async_register_teaching_commands(hass)


@websocket_api.require_admin
@websocket_api.websocket_command({probatio.Required("type"): "camclassify/cameras"})
@callback
def list_cameras(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """List the cameras with their zones and masks, and the classes to choose from."""
    entry = async_loaded_entry(hass)
    connection.send_result(
        msg["id"],
        {
            "classes": [
                {"name": info.name, "threshold": info.threshold}
                for info in entry.runtime_data.engine.classes
            ],
            "cameras": [
                _describe_camera(hass, entry, camera)
                for camera in entry.runtime_data.cameras.values()
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
    """Send what a camera sees after every look, also after a reload."""
    home, key = async_loaded_entry(hass).runtime_data, msg["camera"]
    home.async_camera(key)
    stop: CALLBACK_TYPE | None = None

    @callback
    def send(camera: CameraCoordinator) -> None:
        connection.send_message(websocket_api.event_message(msg["id"], _describe_look(camera)))

    @callback
    def follow(home: Home) -> None:
        nonlocal stop
        if camera := home.cameras.get(key):
            stop = camera.async_add_listener(partial(send, camera))
            send(camera)

    @callback
    def end() -> None:
        stop_following()
        if stop:
            stop()

    # A reload makes another home with other cameras.
    stop_following = async_dispatcher_connect(hass, SIGNAL_SET_UP, follow)
    connection.subscriptions[msg["id"]] = end
    connection.send_result(msg["id"])
    follow(home)


@websocket_api.require_admin
@websocket_api.websocket_command(
    {
        probatio.Required("type"): "camclassify/zones/save",
        probatio.Required("camera"): str,
        probatio.Required("zones"): [ZONE],
        probatio.Required("masks"): [POINTS],
        probatio.Optional("thresholds"): THRESHOLDS,
    }
)
@callback
def save_zones(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Keep zones, masks and the camera's own thresholds; they apply at once."""
    entry = async_loaded_entry(hass)
    camera = entry.runtime_data.async_camera(msg["camera"])
    subentry = entry.subentries[camera.subentry_id]
    known = [info.name for info in camera.engine.classes]
    try:
        kept = {
            CONF_ZONES: checked_zones(msg["zones"], known, subentry.data.get(CONF_ZONES, ())),
            CONF_MASKS: [
                checked_points(points, str(number)) for number, points in enumerate(msg["masks"], 1)
            ],
            CONF_THRESHOLDS: checked_thresholds(
                msg.get("thresholds", subentry.data.get(CONF_THRESHOLDS, {})), known, ""
            ),
        }
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
    hass.config_entries.async_update_subentry(entry, subentry, data={**subentry.data, **kept})
    connection.send_result(msg["id"], kept)


def _describe_camera(
    hass: HomeAssistant, entry: CamClassifyConfigEntry, camera: CameraCoordinator
) -> dict[str, Any]:
    key = camera.subentry_id
    data = entry.subentries[key].data
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, key), entry.entry_id)
    return {
        "id": key,
        "name": camera.settings.name,
        "device": device.id if device else None,
        "picture": LIVE_URL.format(subentry_id=key),
        "classes": sorted(camera.settings.zones[0].classes),
        "zones": data.get(CONF_ZONES, []),
        "masks": data.get(CONF_MASKS, []),
        "thresholds": data.get(CONF_THRESHOLDS, {}),
    }


def _describe_look(camera: CameraCoordinator) -> dict[str, Any]:
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
                "visible": track.visible,
                "zones": sorted(track.zones),
            }
            for track in (update.tracks if update else ())
        ],
    }
