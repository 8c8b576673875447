"""Pictures over HTTP, for those who are signed in."""

from http import HTTPStatus

from aiohttp import web
from homeassistant.components.http import KEY_HASS, HomeAssistantView
from homeassistant.core import HomeAssistant, callback

from ..evidence.store import SNAPSHOT_URL
from ..home import async_loaded_home
from ..picture_formats import content_type
from ..presence import ViewId

LIVE_URL = "/api/camclassify/live/{subentry_id}"


@callback
def async_register_views(hass: HomeAssistant) -> None:
    """Serve kept snapshots, and what the cameras show now."""
    hass.http.register_view(SnapshotView)
    hass.http.register_view(LiveView)


def _picture(content: bytes | None) -> web.Response:
    if not content:
        return web.Response(status=HTTPStatus.NOT_FOUND)
    return web.Response(body=content, content_type=content_type(content))


def _name(view: ViewId) -> str:
    return "" if view is None else str(view)


class SnapshotView(HomeAssistantView):
    """A kept snapshot with its box drawn, or without it if `plain` is asked for.

    With the box, it is no larger than the last `width` that is asked for needs.
    """

    url = SNAPSHOT_URL
    name = "api:camclassify:snapshot"

    async def get(self, request: web.Request, snapshot_id: str) -> web.Response:
        """Return the picture."""
        if (home := async_loaded_home(request.app[KEY_HASS])) is None:
            return _picture(None)
        if "plain" in request.query:
            return _picture(await home.evidence.async_read(snapshot_id, drawn=False))
        width = request.query.getall("width", [""])[-1]
        wanted = int(width) if width.isascii() and width.isdigit() and len(width) < 6 else None
        return _picture(await home.scaled.async_read(snapshot_id, wanted))


class LiveView(HomeAssistantView):
    """The snapshot of a camera that was classified last; only if it shows the `view` that is asked for."""

    url = LIVE_URL
    name = "api:camclassify:live"

    async def get(self, request: web.Request, subentry_id: str) -> web.Response:
        """Return the picture."""
        home = async_loaded_home(request.app[KEY_HASS])
        camera = home.cameras.get(subentry_id) if home else None
        wanted = request.query.get("view")
        if camera and wanted is not None and wanted != _name(camera.views.shown):
            camera = None
        return _picture(await camera.async_picture() if camera else None)
