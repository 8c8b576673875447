"""Where a camera's snapshots come from: a camera entity or a URL."""

import asyncio
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Protocol

import aiohttp
from aiohttp.hdrs import AUTHORIZATION
from camclassify_core import MAX_SNAPSHOT_BYTES
from homeassistant.components.camera import Image, async_get_image
from homeassistant.const import (
    CONF_ENTITY_ID,
    CONF_PASSWORD,
    CONF_URL,
    CONF_USERNAME,
    CONF_VERIFY_SSL,
    HTTP_BASIC_AUTHENTICATION,
    HTTP_DIGEST_AUTHENTICATION,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from ..const import CONF_AUTHENTICATION, DOMAIN, SNAPSHOT_TIMEOUT
from ..user_errors import TranslatedError

# JPEG, PNG and WebP, after the line breaks that some cameras send first.
_PICTURE = re.compile(rb"[ \t\r\n]*(\xff\xd8\xff|\x89PNG\r\n\x1a\n|RIFF.{4}WEBP)", re.DOTALL)
_CHUNK_BYTES = 64 * 1024
_USER = re.compile(r"(?<=://)[^/\s]*@")
_QUERY = re.compile(r"(\w+://[^\s?]*)\?[^\s'\")]*")
_ENTITY_PATIENCE = 120


class SnapshotUnavailable(TranslatedError):
    """A camera delivered no picture; its reason says why."""


class CameraAway(SnapshotUnavailable):
    """Nobody listens at a camera's address, as while it restarts."""


class SnapshotSource(Protocol):
    """Delivers one snapshot at a time, from where a subentry's `data` says."""

    data: Mapping[str, Any]

    async def async_fetch(self) -> bytes:
        """Return a picture as the camera encoded it. Raises SnapshotUnavailable."""

    @callback
    def async_close(self) -> None:
        """Give up what is in flight."""


class EntitySource:
    """Snapshots of a camera entity, named by its registry id or its entity id."""

    def __init__(self, hass: HomeAssistant, data: Mapping[str, Any]) -> None:
        """Fetch nothing yet."""
        self.data = data
        self._hass = hass
        self._in_flight: asyncio.Task[Image] | None = None

    @property
    def entity_id(self) -> str | None:
        """The camera's entity id now, however often it was renamed; None if it is gone."""
        return er.async_resolve_entity_id(er.async_get(self._hass), self.data[CONF_ENTITY_ID])

    async def async_fetch(self) -> bytes:
        """Ask the camera entity for its picture."""
        if (entity_id := self.entity_id) is None:
            raise SnapshotUnavailable("camera_gone")
        # A synchronous camera cannot be stopped: it is waited for again rather than asked twice at once.
        if self._in_flight is None:
            self._in_flight = self._hass.async_create_background_task(
                async_get_image(self._hass, entity_id, timeout=_ENTITY_PATIENCE),
                f"{DOMAIN} snapshot of {entity_id}",
            )
        done, _ = await asyncio.wait({self._in_flight}, timeout=SNAPSHOT_TIMEOUT)
        if not done:
            raise SnapshotUnavailable("camera_timeout")
        task, self._in_flight = self._in_flight, None
        try:
            return _checked(task.result().content)
        except HomeAssistantError as error:
            raise _as_unavailable(error) from error
        except (asyncio.CancelledError, Exception) as error:
            raise SnapshotUnavailable(
                "camera_failed", error=_without_secrets(repr(error))
            ) from error

    @callback
    def async_close(self) -> None:
        """Stop waiting for the picture in flight."""
        if self._in_flight:
            self._in_flight.cancel()
            self._in_flight.add_done_callback(_take_exception)
            self._in_flight = None


class UrlSource:
    """Snapshots of a URL that answers with one picture."""

    def __init__(self, hass: HomeAssistant, data: Mapping[str, Any]) -> None:
        """Take the URL and the credentials."""
        self.data = data
        self._session = async_get_clientsession(hass, data.get(CONF_VERIFY_SSL, True))
        self._url: str = data[CONF_URL]
        self._headers: dict[str, str] = {}
        self._middlewares: tuple[aiohttp.ClientMiddlewareType, ...] = ()
        username, password = data.get(CONF_USERNAME, ""), data.get(CONF_PASSWORD, "")
        match data.get(CONF_AUTHENTICATION):
            case str(scheme) if scheme == HTTP_BASIC_AUTHENTICATION:
                self._headers[AUTHORIZATION] = aiohttp.encode_basic_auth(username, password)
            case str(scheme) if scheme == HTTP_DIGEST_AUTHENTICATION:
                self._middlewares = (aiohttp.DigestAuthMiddleware(username, password),)

    async def async_fetch(self) -> bytes:
        """Read the URL, as far as a picture may be long."""
        try:
            async with (
                asyncio.timeout(SNAPSHOT_TIMEOUT),
                self._session.get(
                    self._url, headers=self._headers, middlewares=self._middlewares
                ) as response,
            ):
                return _checked(await _read(response))
        except TimeoutError as error:
            raise SnapshotUnavailable("camera_timeout") from error
        except SnapshotUnavailable:
            raise
        except Exception as error:
            raise SnapshotUnavailable("cannot_connect", error=_describe(error)) from error

    @callback
    def async_close(self) -> None:
        """Hold nothing between fetches."""


@callback
def async_make_source(hass: HomeAssistant, data: Mapping[str, Any]) -> SnapshotSource:
    """Return the source that a subentry's data describes."""
    return EntitySource(hass, data) if data.get(CONF_ENTITY_ID) else UrlSource(hass, data)


def _take_exception(task: asyncio.Task[Image]) -> None:
    """Keep asyncio from reporting the error of a picture that nobody waits for any more."""
    if not task.cancelled():
        task.exception()


async def _read(response: aiohttp.ClientResponse) -> bytes:
    if response.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise SnapshotUnavailable("invalid_auth")
    if response.status != HTTPStatus.OK:
        raise SnapshotUnavailable("http_status", status=str(response.status))
    content = bytearray()
    if (response.content_length or 0) <= MAX_SNAPSHOT_BYTES:
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            content += chunk
            if len(content) > MAX_SNAPSHOT_BYTES:
                break
        else:
            return bytes(content)
    raise _too_large()


def _checked(content: bytes) -> bytes:
    if len(content) > MAX_SNAPSHOT_BYTES:
        raise _too_large()
    if (found := _PICTURE.match(content)) is None:
        raise SnapshotUnavailable("not_a_picture")
    return content[found.start(1) :]


def _too_large() -> SnapshotUnavailable:
    return SnapshotUnavailable("too_large", limit=str(MAX_SNAPSHOT_BYTES // 1_000_000))


def _as_unavailable(error: HomeAssistantError) -> SnapshotUnavailable:
    if isinstance(error, SnapshotUnavailable):
        return error
    return SnapshotUnavailable("camera_failed", error=_without_secrets(str(error)))


def _without_secrets(text: str) -> str:
    """Leave out of the addresses in a text what may be a password: the user's part and the query."""
    return _QUERY.sub(r"\1", _USER.sub("", text))


def _describe(error: Exception) -> str:
    """Name the error without the URL, which may hold a password."""
    if isinstance(error, aiohttp.ClientConnectorError):
        return str(error.os_error)
    return type(error).__name__
