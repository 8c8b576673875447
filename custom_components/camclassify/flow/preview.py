"""A test snapshot for the set-up forms: taken, classified and shown before a camera is accepted."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from aiohttp import web
from camclassify_core import CamClassifyError, EngineUnavailable, Request, Result
from homeassistant.components.http import KEY_HASS, HomeAssistantView
from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from ..camera.eye import sun_elevation
from ..camera.picture import SnapshotUnavailable
from ..camera.stream_source import async_choose_source
from ..const import DOMAIN
from ..engine.shared import async_get_engine
from ..engine.snapshot import async_encoded

PREVIEW_URL = "/api/camclassify/preview/{flow_id}/{index}"


@dataclass(frozen=True, slots=True)
class Preview:
    """A snapshot with what was found drawn into it, as JPEG."""

    result: Result
    picture: bytes


DATA_PREVIEWS: HassKey[dict[str, list[Preview]]] = HassKey(f"{DOMAIN}_previews")


async def async_take_preview(hass: HomeAssistant, data: Mapping[str, Any]) -> Preview:
    """Take a snapshot as the camera's subentry data says, and classify it.

    Raises SnapshotUnavailable, also when the picture cannot be decoded.
    """
    source = async_choose_source(hass, data)
    try:
        engine = async_get_engine(hass)
        client = engine.client
        snapshot = await source.async_fetch()
        result = await client.classify(
            snapshot, Request(sun_elevation=sun_elevation(hass), use_gate=False)
        )
        boxes = [found.box for found in result.detections]
        picture = await async_encoded(engine, result.frame or snapshot)
        return Preview(result, await client.draw_boxes(picture, boxes))
    except EngineUnavailable as error:
        raise SnapshotUnavailable("engine_unavailable", error=str(error)) from error
    except CamClassifyError as error:
        raise SnapshotUnavailable("bad_picture", error=str(error)) from error
    finally:
        source.async_close()


class PreviewView(HomeAssistantView):
    """Serves the test snapshots of the forms that are open."""

    url = PREVIEW_URL
    name = "api:camclassify:preview"

    async def get(self, request: web.Request, flow_id: str, index: str) -> web.Response:
        """Return one picture."""
        previews = request.app[KEY_HASS].data.get(DATA_PREVIEWS, {}).get(flow_id, [])
        if not index.isdecimal() or int(index) >= len(previews):
            return web.Response(status=HTTPStatus.NOT_FOUND)
        return web.Response(body=previews[int(index)].picture, content_type="image/jpeg")
