"""What the panel's page for teaching asks: kept snapshots, and what was taught with them."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

import probatio
from homeassistant.components import websocket_api
from homeassistant.components.http.auth import async_sign_path
from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.core import HomeAssistant, callback

from ..errors import translated_errors
from ..evidence.store import KeptSnapshot
from ..home import async_loaded_entry
from ..media_source import media_content_id

MAX_SNAPSHOTS = 100  # at once: two addresses of each are signed
PICTURE_LIFETIME = timedelta(days=1)


@callback
def async_register_teaching_commands(hass: HomeAssistant) -> None:
    """Register all commands."""
    websocket_api.async_register_command(hass, list_snapshots)
    websocket_api.async_register_command(hass, list_examples)
    websocket_api.async_register_command(hass, export_examples)
    websocket_api.async_register_command(hass, import_examples)


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
    kept = home.snapshots.async_all(home.async_camera(msg["camera"]).subentry_id)
    wanted = [each for each in kept if msg.get("class") in (None, each.class_name)]
    connection.send_result(
        msg["id"],
        {
            "classes": sorted({each.class_name for each in kept}),
            "snapshots": [_describe(hass, each) for each in wanted[msg["skip"] :][: msg["limit"]]],
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


def _describe(hass: HomeAssistant, kept: KeptSnapshot) -> dict[str, Any]:
    return {
        "id": kept.id,
        "class": kept.class_name,
        "zone": kept.zone,
        "score": round(kept.score, 3),
        "box": [kept.box.x0, kept.box.y0, kept.box.x1, kept.box.y1],
        "regime": kept.regime,
        "taken_at": kept.taken_at,
        "media": media_content_id(kept),
        "picture": async_sign_path(hass, kept.url, PICTURE_LIFETIME),
        "plain_picture": async_sign_path(hass, f"{kept.url}?plain=1", PICTURE_LIFETIME),
    }
