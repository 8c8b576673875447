"""Actions: classify a picture, keep a snapshot, teach and forget classes."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import probatio
from camclassify_core import MAX_SNAPSHOT_BYTES, Request, Result
from camclassify_core.codec import box_from_json, box_to_json
from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.components.media_source import async_resolve_media, is_media_source_id
from homeassistant.const import ATTR_DEVICE_ID, ATTR_ENTITY_ID, ATTR_NAME
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import (
    Unauthorized,
    UnknownUser,
)
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.service import async_register_admin_service

from .camera.eye import sun_elevation
from .camera.look import WatchedCamera
from .camera.source import async_make_source
from .const import DOMAIN
from .home import Home, async_loaded_entry
from .user_errors import TranslatedError, invalid, translated_errors

SERVICE_CLASSIFY = "classify"
SERVICE_FORGET = "forget"
SERVICE_SAVE_SNAPSHOT = "save_snapshot"
SERVICE_TEACH = "teach"
ATTR_BOX = "box"
ATTR_SNAPSHOT_ID = "snapshot_id"
ATTR_MEDIA = "media_content_id"
ATTR_PATH = "path"
ATTR_MIN_SCORE = "min_score"


def _chosen_media(value: Any) -> str:
    """Return what was chosen with a media picker."""
    if isinstance(value, dict) and isinstance(media := value.get(ATTR_MEDIA), str):
        return media
    raise probatio.Invalid("no media was chosen")


FRACTION = probatio.All(probatio.Coerce(float), probatio.Range(min=0, max=1))
CLASSIFY_SCHEMA = probatio.All(
    probatio.Schema(
        {
            probatio.Optional(ATTR_ENTITY_ID): cv.entity_domain("camera"),
            probatio.Optional(ATTR_MEDIA): probatio.Any(str, _chosen_media),
            probatio.Optional(ATTR_PATH): str,
            probatio.Optional(ATTR_MIN_SCORE): FRACTION,
        }
    ),
    cv.has_at_least_one_key(ATTR_ENTITY_ID, ATTR_MEDIA, ATTR_PATH),
)
SAVE_SNAPSHOT_SCHEMA = probatio.Schema({probatio.Required(ATTR_DEVICE_ID): str})
TEACH_SCHEMA = probatio.Schema(
    {
        probatio.Required(ATTR_SNAPSHOT_ID): str,
        probatio.Optional(ATTR_NAME): str,
        probatio.Optional(ATTR_BOX): probatio.ExactSequence([FRACTION] * 4),
    }
)
FORGET_SCHEMA = probatio.Schema({probatio.Required(ATTR_NAME): str})


@callback
def async_set_up_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    hass.services.async_register(
        DOMAIN,
        SERVICE_CLASSIFY,
        _async_classify,
        CLASSIFY_SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )
    hass.services.async_register(
        DOMAIN,
        SERVICE_SAVE_SNAPSHOT,
        _async_save_snapshot,
        SAVE_SNAPSHOT_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )
    async_register_admin_service(
        hass,
        DOMAIN,
        SERVICE_TEACH,
        _async_teach,
        TEACH_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )
    async_register_admin_service(
        hass,
        DOMAIN,
        SERVICE_FORGET,
        _async_forget,
        FORGET_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )


async def _async_classify(call: ServiceCall) -> ServiceResponse:
    """Answer what is in a picture."""
    hass = call.hass
    engine = _home(hass).engine
    snapshot = await _async_picture(hass, call.data)
    request = Request(
        sun_elevation=sun_elevation(hass) if ATTR_ENTITY_ID in call.data else None,
        use_gate=False,
        min_score=call.data.get(ATTR_MIN_SCORE),
    )
    with translated_errors():
        return _response(await engine.client.classify(snapshot, request))


async def _async_save_snapshot(call: ServiceCall) -> ServiceResponse:
    """Keep what a camera sees now."""
    await _async_check_user(call, call.data[ATTR_DEVICE_ID])
    camera = _camera(call.hass, call.data[ATTR_DEVICE_ID])
    if camera.eye.last is None or not camera.available:
        raise invalid("no_snapshot_yet")
    try:
        with translated_errors():
            kept = await camera.async_keep_snapshot()
    except OSError as error:
        raise TranslatedError("cannot_keep", error=error.strerror or str(error)) from error
    return {"snapshot_id": kept.id, "snapshot_url": kept.url}


async def _async_teach(call: ServiceCall) -> ServiceResponse:
    """Learn that the object in a kept snapshot has a name; without a name: that it is nothing."""
    home = _home(call.hass)
    if (kept := home.evidence.async_get(call.data[ATTR_SNAPSHOT_ID])) is None:
        raise invalid("snapshot_gone")
    box = box_from_json(list(call.data[ATTR_BOX])) if ATTR_BOX in call.data else None
    with translated_errors():
        taught = await home.lessons.async_teach(kept, call.data.get(ATTR_NAME), box)
    await home.async_sync()
    if taught is None:
        return {"class": None}
    return {
        "class": taught.info.name,
        "expectations": {
            regime.value: asdict(expectation) for regime, expectation in taught.expectations.items()
        },
    }


async def _async_forget(call: ServiceCall) -> ServiceResponse:
    """Forget a taught class or a single example."""
    home = _home(call.hass)
    with translated_errors():
        gone = await home.lessons.async_forget(call.data[ATTR_NAME])
    await home.async_sync()
    return {"examples": gone}


async def _async_check_user(call: ServiceCall, device_id: str) -> None:
    """Let only those keep what a camera sees who may control it. Raises Unauthorized."""
    if (user_id := call.context.user_id) is None:
        return
    if (user := await call.hass.auth.async_get_user(user_id)) is None:
        raise UnknownUser(context=call.context)
    entities = er.async_entries_for_device(er.async_get(call.hass), device_id)
    if entities and not any(
        user.permissions.check_entity(each.entity_id, POLICY_CONTROL) for each in entities
    ):
        raise Unauthorized(context=call.context, permission=POLICY_CONTROL)


def _home(hass: HomeAssistant) -> Home:
    return async_loaded_entry(hass).runtime_data


def _camera(hass: HomeAssistant, device_id: str) -> WatchedCamera:
    device = dr.async_get(hass).async_get(device_id)
    cameras = _home(hass).cameras
    for domain, key in device.identifiers if device else ():
        if domain == DOMAIN and key in cameras:
            return cameras[key]
    raise invalid("unknown_camera")


async def _async_picture(hass: HomeAssistant, data: dict[str, Any]) -> bytes:
    if ATTR_ENTITY_ID in data:
        source = async_make_source(hass, data)
        try:
            return await source.async_fetch()
        finally:
            source.async_close()
    if (media := data.get(ATTR_MEDIA)) is not None:
        if not is_media_source_id(media):
            raise invalid("not_media")
        resolved = await async_resolve_media(hass, media, None)
        if resolved.path is None:
            raise invalid("not_a_file")
        path = resolved.path
    else:
        path = Path(data[ATTR_PATH])
        if not await hass.async_add_executor_job(hass.config.is_allowed_path, str(path)):
            raise invalid("path_not_allowed", path=str(path))
    try:
        return await hass.async_add_executor_job(_read, path)
    except OSError as error:
        raise invalid("cannot_read", path=str(path), error=error.strerror or str(error)) from error


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_SNAPSHOT_BYTES + 1)  # the engine says that it is too large


def _response(result: Result) -> ServiceResponse:
    return {
        "regime": result.regime,
        "detections": [
            {"class": found.name, "score": round(found.score, 3), "box": [*box_to_json(found.box)]}
            for found in result.detections
        ],
    }
