"""What the panel asks and saves: cameras and their zones, kept snapshots, and what was taught with them."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from typing import Any

import probatio
from camclassify_core.codec import box_to_json
from homeassistant.components import websocket_api
from homeassistant.components.http.auth import async_sign_path
from homeassistant.components.media_source import generate_media_source_id
from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from ..camera.look import WatchedCamera
from ..camera.settings import view_of
from ..camera.zones import ZoneError, check_views, checked_masks, checked_thresholds, checked_zones
from ..const import CONF_MASKS, CONF_THRESHOLDS, CONF_VIEW, CONF_ZONES, DOMAIN
from ..evidence.store import THUMBNAIL, KeptSnapshot
from ..home import SIGNAL_SET_UP, CamClassifyConfigEntry, Home, async_loaded_entry
from ..presence import Views
from ..user_errors import translated_errors
from .views import LIVE_URL

MAX_SNAPSHOTS = 100  # at once: two addresses of each are signed
PICTURE_LIFETIME = timedelta(days=1)

POINTS = [probatio.ExactSequence([probatio.Coerce(float), probatio.Coerce(float)])]
THRESHOLDS = {str: {probatio.In(["day", "dusk", "night"]): probatio.Range(min=0, max=1)}}
VIEW: dict[Any, Any] = {probatio.Optional("view", default=None): probatio.Any(None, int)}
MASK = {probatio.Required("points"): POINTS, **VIEW}
ZONE = {
    probatio.Optional("id"): str,
    probatio.Required("name"): str,
    probatio.Required("points"): POINTS,
    probatio.Optional("classes", default=list): [str],
    probatio.Optional("thresholds", default=dict): THRESHOLDS,
    **VIEW,
}


@callback
def async_register_commands(hass: HomeAssistant) -> None:
    """Register all commands."""
    websocket_api.async_register_command(hass, list_cameras)
    websocket_api.async_register_command(hass, subscribe)
    websocket_api.async_register_command(hass, save_zones)
    websocket_api.async_register_command(hass, list_snapshots)
    websocket_api.async_register_command(hass, list_examples)
    websocket_api.async_register_command(hass, export_examples)
    websocket_api.async_register_command(hass, import_examples)


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
    def send(camera: WatchedCamera) -> None:
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
        probatio.Required("masks"): [MASK],
        probatio.Optional("thresholds"): THRESHOLDS,
    }
)
@callback
def save_zones(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Keep zones, masks and the camera's own thresholds; they apply at once."""
    entry = async_loaded_entry(hass)
    camera = entry.runtime_data.async_camera(msg["camera"])
    subentry = entry.subentries[camera.subentry_id]
    known = [info.name for info in entry.runtime_data.engine.classes]
    zones, masks = (_with_likenesses(msg[shapes], camera.views) for shapes in ("zones", "masks"))
    try:
        check_views((*zones, *masks))
        kept = {
            CONF_ZONES: checked_zones(zones, known, subentry.data.get(CONF_ZONES, ())),
            CONF_MASKS: checked_masks(masks),
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
            translation_placeholders=error.placeholders,
        )
        return
    hass.config_entries.async_update_subentry(entry, subentry, data={**subentry.data, **kept})
    connection.send_result(msg["id"], _describe_drawn(kept, camera.views))


@websocket_api.require_admin
@websocket_api.websocket_command(
    {
        probatio.Required("type"): "camclassify/snapshots",
        probatio.Required("camera"): str,
        probatio.Optional("class"): str,
        probatio.Optional("limit", default=MAX_SNAPSHOTS): probatio.All(
            int, probatio.Range(min=1, max=MAX_SNAPSHOTS)
        ),
        probatio.Optional("skip", default=0): probatio.All(int, probatio.Range(min=0)),
    }
)
@callback
def list_snapshots(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """List some of the kept snapshots of a camera, newest first, and the classes that there are any of."""
    home = async_loaded_entry(hass).runtime_data
    kept = home.evidence.async_all(home.async_camera(msg["camera"]).subentry_id)
    wanted = [each for each in kept if msg.get("class") in (None, each.class_name)]
    connection.send_result(
        msg["id"],
        {
            "classes": sorted({each.class_name for each in kept}),
            "snapshots": [
                _describe_snapshot(hass, each) for each in wanted[msg["skip"] :][: msg["limit"]]
            ],
            "total": len(wanted),
        },
    )


@websocket_api.require_admin
@websocket_api.websocket_command({probatio.Required("type"): "camclassify/examples"})
@callback
def list_examples(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """List the classes that were taught, with what to expect of them, and all examples."""
    home = async_loaded_entry(hass).runtime_data
    connection.send_result(
        msg["id"],
        {
            "classes": [
                {
                    "name": taught.info.name,
                    "expectations": {
                        light: asdict(expectation)
                        for light, expectation in taught.expectations.items()
                    },
                }
                for taught in home.engine.taught
            ],
            "examples": [
                {
                    "id": example.id,
                    "name": example.name,
                    "camera": example.camera,
                    "regime": example.regime,
                    "picture": home.lessons.pictures.get(example.id),
                }
                for example in home.lessons.examples
            ],
        },
    )


@websocket_api.require_admin
@websocket_api.websocket_command({probatio.Required("type"): "camclassify/examples/export"})
@callback
def export_examples(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Return what was taught, as JSON that `camclassify/examples/import` takes."""
    connection.send_result(msg["id"], async_loaded_entry(hass).runtime_data.lessons.to_json())


@websocket_api.require_admin
@websocket_api.websocket_command(
    {
        probatio.Required("type"): "camclassify/examples/import",
        probatio.Required("examples"): list,
    }
)
@websocket_api.async_response
async def import_examples(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> None:
    """Learn what was exported, here or in another home."""
    home = async_loaded_entry(hass).runtime_data
    with translated_errors():
        count = await home.lessons.async_import(msg["examples"])
    await home.async_sync()
    connection.send_result(msg["id"], {"new": count})


def _describe_camera(
    hass: HomeAssistant, entry: CamClassifyConfigEntry, camera: WatchedCamera
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
        **_describe_drawn(data, camera.views),
        **_describe_view(camera.views),
    }


def _describe_drawn(data: Mapping[str, Any], views: Views) -> dict[str, Any]:
    """Return what was drawn, each with the number of its view, and the camera's thresholds."""
    return {
        shapes: [
            {**shape, CONF_VIEW: views.number_of(view_of(shape))} for shape in data.get(shapes, ())
        ]
        for shapes in (CONF_ZONES, CONF_MASKS)
    } | {CONF_THRESHOLDS: data.get(CONF_THRESHOLDS, {})}


def _with_likenesses(shapes: list[dict[str, Any]], views: Views) -> list[dict[str, Any]]:
    """Return shapes with what their view is known by; one that is forgotten makes room for all."""
    known = views.known
    return [
        {**shape, CONF_VIEW: b64encode(likeness).decode() if likeness else None}
        for shape in shapes
        for likeness in [known.get(shape[CONF_VIEW])]
    ]


def _describe_view(views: Views) -> dict[str, Any]:
    return {"view": views.shown, "turns": views.turns}


def _describe_look(camera: WatchedCamera) -> dict[str, Any]:
    update, last, looked_at = camera.update, camera.eye.last, camera.eye.looked_at
    return {
        **_describe_view(camera.views),
        "available": camera.available,
        "regime": last.result.regime if last else None,
        "size": [last.result.width, last.result.height] if last else None,
        "objects": [
            {
                "track": track.id,
                "class": track.name,
                "sure": track.sure,
                "score": round(track.score, 3),
                "box": box_to_json(track.box),
                "stationary": track.stationary,
                "visible": track.visible,
                "zones": sorted(track.zones),
            }
            for track in (update.tracks if update else ())
        ],
        "looked_at": {
            "windows": [box_to_json(window.region) for window in looked_at.windows],
            "proposals": [box_to_json(box) for box in looked_at.proposals],
            "taken_at": looked_at.taken.wall,
        }
        if looked_at
        else None,
    }


def _describe_snapshot(hass: HomeAssistant, kept: KeptSnapshot) -> dict[str, Any]:
    return {
        "id": kept.id,
        "class": kept.class_name,
        "zone": kept.zone,
        "score": round(kept.score, 3),
        "box": box_to_json(kept.box),
        "proposals": [box_to_json(box) for box in kept.proposals],
        "regime": kept.regime,
        "taken_at": kept.taken_at,
        "media": generate_media_source_id(DOMAIN, kept.id),
        "picture": f"{async_sign_path(hass, kept.url, PICTURE_LIFETIME)}&width={THUMBNAIL}",
        "plain_picture": async_sign_path(hass, f"{kept.url}?plain=1", PICTURE_LIFETIME),
    }
