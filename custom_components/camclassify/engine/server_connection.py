"""Asks a server over Home Assistant's HTTP session, and says in a sentence what is wrong with its answer."""

import asyncio
import logging
from dataclasses import replace
from io import BytesIO
from secrets import token_hex
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import aiohttp
from camclassify_core import CamClassifyError, EngineInfo, EngineUnavailable, SnapshotError
from camclassify_core.codec import info_from_json
from camclassify_core.errors import ProtocolViolation
from camclassify_core.open_inference.inference import (
    JSON_LENGTH,
    InferAnswer,
    InferRequest,
    decode_answer,
    encode_request,
    read_json_length,
)
from camclassify_core.strict_json import json_object
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .interface import ServerOptions

_LOGGER = logging.getLogger(__name__)

CAMERA_HEADER: Final = "X-CamClassify-Camera"
ERROR_HEADER: Final = "X-CamClassify-Error"

_CHECK_TIMEOUT = aiohttp.ClientTimeout(total=3.0)
_ASK_TIMEOUT = aiohttp.ClientTimeout(total=10.0, sock_connect=3.0)
_MOST_BYTES = 64 * 1024 * 1024  # of an answer
_CHUNK_BYTES = 64 * 1024
_LONGEST = 500  # characters of an error
_PAUSE = 0.2  # seconds before a question is asked again whose connection broke

_ERRORS: dict[str, type[CamClassifyError]] = {
    each.__name__: each for each in CamClassifyError.__subclasses__()
}


class ServerAway(EngineUnavailable):
    """The server cannot be asked. `reason` is the key of what to tell the user."""

    def __init__(self, reason: str, text: str) -> None:
        """Say why."""
        super().__init__(text)
        self.reason = reason


class ServerConnection:
    """Asks one server. A question whose connection breaks before the answer is there is asked once more."""

    def __init__(self, hass: HomeAssistant, options: ServerOptions) -> None:
        """Ask nothing yet."""
        self._session = async_get_clientsession(hass, options.verify)
        self._url = options.url
        self._headers = {"Authorization": f"Bearer {options.token}"} if options.token else {}

    async def check(self) -> EngineInfo:
        """Ask whether it is ready, and what it runs. Raises ServerAway."""
        try:
            await self._ask("GET", "v2/health/ready", timeout=_CHECK_TIMEOUT)
            told = await self.get("camclassify/info")
        except ServerAway:
            raise
        except CamClassifyError as error:
            raise ServerAway("server_not_ready", str(error)) from error
        try:
            return info_from_json(told)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise _no_server(
                "what it says of itself cannot be read; its version may be another"
            ) from error

    async def get(self, path: str) -> dict[str, Any]:
        """Return the JSON document at a path. Raises CamClassifyError."""
        return _read_json(await self._ask("GET", path, timeout=_CHECK_TIMEOUT))

    async def put(self, path: str, body: bytes, camera: str) -> dict[str, Any]:
        """Put a JSON document where `camera` is looked at; return the answer. Raises CamClassifyError."""
        headers = {CAMERA_HEADER: quote(camera) or token_hex(8), "Content-Type": "application/json"}
        return _read_json(await self._ask("PUT", path, body, headers))

    async def infer(self, model: str, request: InferRequest, camera: str) -> InferAnswer:
        """Ask a model. Raises CamClassifyError."""
        name = token_hex(8)
        encoded = encode_request(replace(request, id=name))
        headers = {**encoded.headers, CAMERA_HEADER: quote(camera) or name}
        path = f"v2/models/{model}/infer"
        _LOGGER.debug("Asks %s, request %s", path, name)
        body, length = await self._ask("POST", path, encoded.body, headers, name=name)
        try:
            return decode_answer(body, read_json_length(length))
        except ProtocolViolation as error:
            raise CamClassifyError(f"The server's answer cannot be understood: {error}") from error

    async def _ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        *,
        timeout: aiohttp.ClientTimeout = _ASK_TIMEOUT,
        name: str = "",
    ) -> _Answer:
        arguments = (method, path, body, headers or {}, timeout, name)
        try:
            return await self._ask_once(*arguments)
        except _Broken:
            await asyncio.sleep(_PAUSE)
        try:
            return await self._ask_once(*arguments)
        except _Broken as broken:
            raise ServerAway(
                "server_unreachable", f"The server cannot be reached: {broken}."
            ) from None

    async def _ask_once(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: dict[str, str],
        timeout: aiohttp.ClientTimeout,
        name: str,
    ) -> _Answer:
        try:
            async with self._session.request(
                method,
                f"{self._url}/{path}",
                data=BytesIO(body) if body else None,
                headers=self._headers | headers,
                timeout=timeout,
                allow_redirects=False,  # the token is for this server only
            ) as response:
                answer = await _read(response)
        except aiohttp.ClientConnectorCertificateError as error:
            text = f"The certificate of the server is not trusted: {error.certificate_error}."
            raise ServerAway("server_certificate", text) from error
        except TimeoutError as error:
            text = f"The server did not answer within {timeout.total:.0f} seconds."
            raise ServerAway("server_unreachable", text) from error
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError) as error:
            raise _Broken(str(error) or type(error).__name__) from error
        except (aiohttp.ClientError, ValueError) as error:
            raise _no_server(str(error)) from error
        _check(response, answer, name)
        return answer


class _Answer(NamedTuple):
    """A body, and what the header says of the length of its JSON."""

    body: bytes
    json_length: str | None


class _Broken(Exception):
    """A connection that could not be made, or broke before the answer was there."""


async def _read(response: aiohttp.ClientResponse) -> _Answer:
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
        body += chunk
        if len(body) > _MOST_BYTES:
            raise _no_server(f"its answer has more than {_MOST_BYTES:,} bytes")
    return _Answer(bytes(body), response.headers.get(JSON_LENGTH))


def _check(response: aiohttp.ClientResponse, answer: _Answer, name: str) -> None:
    """Raise what the server, or what is between it and us, says is wrong."""
    if response.ok:
        return
    text = _error_text(response, answer)
    match response.headers.get(ERROR_HEADER, ""), response.status:
        case ("Unauthorized", _) | (_, 401 | 403):
            raise ServerAway("server_token", f"The server refuses the token: {text}")
        case "UnknownModel", _:
            raise _no_server(text)
        case "TooLarge", _:
            raise SnapshotError(text)
        case ("TooMany" | "Deadline" | "EngineUnavailable", _) | ("", 429 | 500 | 503 | 504):
            raise EngineUnavailable(f"{text} (request {name})" if name else text)
        case name, _ if name in _ERRORS:
            raise _ERRORS[name](text)
        case "", 502:
            raise _Broken(text)
        case _:
            raise _no_server(text)


def _error_text(response: aiohttp.ClientResponse, answer: _Answer) -> str:
    try:
        return str(json_object(answer.body)["error"])[:_LONGEST]
    except LookupError, ValueError:
        return f"The server answered with HTTP status {response.status}."


def _read_json(answer: _Answer) -> dict[str, Any]:
    try:
        return json_object(answer.body)
    except ValueError as error:
        raise _no_server("its answer is no JSON object") from error


def _no_server(text: str) -> ServerAway:
    return ServerAway("server_unknown", f"No CamClassify server is at this address: {text}.")
