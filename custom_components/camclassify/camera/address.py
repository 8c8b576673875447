"""Snapshots of an address: a picture at each request, or a stream of pictures that stays open."""

import asyncio
import re
import ssl
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from email.utils import parsedate_to_datetime
from errno import ECONNREFUSED, EHOSTDOWN, EHOSTUNREACH, ENETUNREACH
from http import HTTPStatus
from typing import Any, Final

import aiohttp
from aiohttp.hdrs import AUTHORIZATION, METH_GET
from camclassify_core import MAX_SNAPSHOT_BYTES
from homeassistant.const import CONF_PASSWORD, CONF_URL, CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant, callback
from yarl import URL

from ..const import DOMAIN, SNAPSHOT_TIMEOUT
from .credentials import Credentials
from .motion_jpeg import MotionPictures, is_stream
from .picture import CameraAway, SnapshotUnavailable, checked_picture, too_large
from .web_client import Answer, WebClient

OVERDUE = (
    4.0  # seconds after which a camera that hung is asked again, beside what it may still answer
)
MOST_REDIRECTS = 5
_MOST_REQUESTS = (
    4  # without credentials, with a challenge answered, with a stale one, and one to spare
)
_MOST_REFUSAL = 64 * 1024  # bytes that are read of an answer that is not wanted
_REFUSED: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_NOBODY_THERE: Final = (ECONNREFUSED, EHOSTDOWN, EHOSTUNREACH, ENETUNREACH)
_SHORTEST_SECRET = 4  # characters; shorter ones are numbers of channels
_JPEG_END = b"\xff\xd9"


class UrlSource:
    """Snapshots of an http or https address."""

    def __init__(self, hass: HomeAssistant, data: Mapping[str, Any]) -> None:
        """Take the address and the credentials."""
        self.data = data
        self.age: float | None = None
        self._hass = hass
        self._url = as_sent(data[CONF_URL])
        self._client = WebClient(hass, verify_ssl=data.get(CONF_VERIFY_SSL, True))
        self._credentials = Credentials(data)
        self._stream: MotionPictures | None = None
        self._asked: list[asyncio.Task[bytes]] = []
        self._hangs = False

    async def async_fetch(self) -> bytes:
        """Ask for a picture. Once the camera has hung, no question waits long for the answer to another."""
        asked = self._hass.async_create_background_task(
            self._async_ask(), f"{DOMAIN} snapshot of an address"
        )
        asked.add_done_callback(lambda task: task.cancelled() or task.exception())
        self._asked = [*(each for each in self._asked if not each.done()), asked]
        failure = SnapshotUnavailable("camera_timeout")
        with suppress(TimeoutError):
            async with asyncio.timeout(OVERDUE if self._hangs else None):
                for answer in asyncio.as_completed(self._asked):
                    try:
                        picture = await answer
                    except SnapshotUnavailable as error:
                        failure = error
                    else:
                        self._hangs = False
                        self._give_up()
                        return picture
        self._hangs = failure.reason == "camera_timeout"
        raise failure

    @callback
    def async_close(self) -> None:
        """Wait for nothing any more."""
        self._give_up()
        if self._stream:
            self._stream.async_close()
            self._stream = None

    def _without_secrets(self, told: Mapping[str, str]) -> dict[str, str]:
        """Leave out of what a camera said what it may have been told in confidence."""
        hidden = [self.data.get(CONF_PASSWORD, ""), *self._url.query.values()]
        secrets = [re.escape(each) for each in hidden if len(each) >= _SHORTEST_SECRET]
        pattern = re.compile("|".join(secrets) or r"(?!)")
        return {key: pattern.sub("...", text) for key, text in told.items()}

    def _give_up(self) -> None:
        for task in self._asked:
            task.cancel()
        self._asked = []

    async def _async_ask(self) -> bytes:
        try:
            async with asyncio.timeout(SNAPSHOT_TIMEOUT):
                return checked_picture(await self._async_picture())
        except SnapshotUnavailable as error:
            error.placeholders.update(self._without_secrets(error.placeholders))
            raise
        except TimeoutError as error:
            raise SnapshotUnavailable("camera_timeout") from error
        except Exception as error:
            raise _as_unavailable(error) from error

    async def _async_picture(self) -> bytes:
        """Return the newest picture of the stream that is open, or ask; a cut is forgiven once."""
        if self._stream and self._stream.is_open:
            with suppress(aiohttp.ClientError, OSError):
                if newest := await self._stream.async_newest():
                    return newest
        self._stream = None
        try:
            return await self._async_request()
        except (aiohttp.ClientError, OSError) as error:
            if not _is_cut(error):
                raise
        return await self._async_request()

    async def _async_request(self) -> bytes:
        async with AsyncExitStack() as connection:
            answer = await self._async_answer(connection)
            if answer.status in _REFUSED:
                raise SnapshotUnavailable("invalid_auth")
            if answer.status != HTTPStatus.OK:
                raise SnapshotUnavailable("http_status", status=str(answer.status))
            self.age = _age_of(answer)
            if not is_stream(answer):
                return await _read(answer)
            self._stream = MotionPictures(self._hass, answer, connection.pop_all())
            return await self._stream.async_newest()

    async def _async_answer(self, connection: AsyncExitStack) -> Answer:
        """Follow redirects to where the picture is."""
        url = self._url
        for _ in range(MOST_REDIRECTS):
            answer = await self._async_authorized(connection, url)
            location = answer.first_of("location")
            if not (answer.status in range(300, 400) and location):
                return answer
            url = url.join(as_sent(location)).with_user(None)
        return answer

    async def _async_authorized(self, connection: AsyncExitStack, url: URL) -> Answer:
        """Ask with the credentials, where they belong: at the host they were given for, no less encrypted."""
        is_theirs = url.host == self._url.host and url.scheme in (self._url.scheme, "https")
        for _ in range(_MOST_REQUESTS):
            await connection.aclose()
            headers: dict[str, str] = {}
            if is_theirs and (shown := self._credentials.authorization(METH_GET, url.raw_path_qs)):
                headers[AUTHORIZATION] = shown
            answer = await connection.enter_async_context(
                self._client.ask(url, headers, SNAPSHOT_TIMEOUT)
            )
            if not is_theirs:
                break
            if answer.status not in _REFUSED:
                self._credentials.note_accepted()
                break
            await _skip(answer)
            if not self._credentials.has_new_answer(answer.all_of("www-authenticate")):
                break
        return answer


def as_sent(text: str) -> URL:
    """Return a URL that is asked for as it was written, brackets and all, if that can be sent."""
    return URL(text, encoded=text.isascii() and text.isprintable() and " " not in text)


def _age_of(answer: Answer) -> float | None:
    """Return the age of a picture by the server's own clock, which may be any time off ours."""
    try:
        now, changed = (
            parsedate_to_datetime(answer.first_of(name)) for name in ("date", "last-modified")
        )
        return max(0.0, (now - changed).total_seconds())
    except TypeError, ValueError:
        return None


async def _read(answer: Answer) -> bytes:
    told = answer.first_of("content-length")
    if told.isdecimal() and int(told[:20]) > MAX_SNAPSHOT_BYTES:
        raise too_large()
    content = bytearray()
    try:
        async for piece in answer.body:
            content += piece
            if len(content) > MAX_SNAPSHOT_BYTES:
                raise too_large()
    except aiohttp.ClientPayloadError:
        if not content.rstrip(b"\0\r\n").endswith(_JPEG_END):  # else only its length was wrong
            raise
    return bytes(content)


async def _skip(answer: Answer) -> None:
    """Read an answer that nobody wants, so that its connection can be used again."""
    left = _MOST_REFUSAL
    with suppress(aiohttp.ClientError):
        async for piece in answer.body:
            left -= len(piece)
            if left <= 0:
                break


def _is_cut(error: Exception) -> bool:
    """Tell whether a connection ended before its answer did."""
    cut = aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError, aiohttp.ClientOSError
    is_cut = isinstance(error, (*cut, ConnectionError))
    return is_cut and not isinstance(error, (aiohttp.ClientConnectorError, ConnectionRefusedError))


def _as_unavailable(error: Exception) -> SnapshotUnavailable:
    """Name the error without the URL, which may hold a password."""
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(error, aiohttp.ClientSSLError) or isinstance(cause, ssl.SSLError):
        return SnapshotUnavailable("tls_failed", error=_named(cause))
    if isinstance(cause, OSError) and cause.errno in _NOBODY_THERE:
        return CameraAway("cannot_connect", error=_named(cause))
    if _is_cut(error):
        return SnapshotUnavailable("answer_cut")
    return SnapshotUnavailable("cannot_connect", error=_named(cause))


def _named(cause: BaseException) -> str:
    return (isinstance(cause, OSError) and cause.strerror) or type(cause).__name__
