"""Asks web servers: with Home Assistant's client, and where that refuses an answer, more leniently."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.util.ssl import SSLCipherList, client_context, client_context_no_verify
from yarl import URL

from .lenient_http import LenientAnswer

_CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered, up to its body. The names of headers are in lower case."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: AsyncGenerator[bytes]

    def all_of(self, name: str) -> list[str]:
        """Return every header of a name."""
        return [value for key, value in self.headers if key == name]

    def first_of(self, name: str) -> str:
        """Return the first header of a name, or nothing."""
        return next(iter(self.all_of(name)), "")


class WebClient:
    """Asks one server; remembers whether its answers are malformed."""

    def __init__(self, hass: HomeAssistant, *, verify_ssl: bool) -> None:
        """Ask nothing yet. Without verification of certificates, outdated encryption will do, too."""
        cipher = SSLCipherList.PYTHON_DEFAULT if verify_ssl else SSLCipherList.INSECURE
        self._session = async_get_clientsession(hass, verify_ssl, ssl_cipher=cipher)
        self._ssl = client_context(cipher) if verify_ssl else client_context_no_verify(cipher)
        self._is_lenient = False

    @asynccontextmanager
    async def ask(
        self, url: URL, headers: Mapping[str, str], silence: float
    ) -> AsyncIterator[Answer]:
        """Get what is at an address; it is read while the context is open.

        `silence`: seconds for which the server may say nothing.
        Raises aiohttp.ClientError, OSError, TimeoutError.
        """
        if not self._is_lenient:
            timeout = aiohttp.ClientTimeout(total=None, sock_read=silence)
            try:
                response = await self._session.get(
                    url, headers=headers, allow_redirects=False, timeout=timeout
                )
            except aiohttp.ClientResponseError:
                self._is_lenient = True
            else:
                async with response:
                    named = tuple((key.lower(), value) for key, value in response.headers.items())
                    chunks = response.content.iter_chunked(_CHUNK_BYTES)
                    yield Answer(response.status, named, _each(chunks))
                return
        tls = self._ssl if url.scheme == "https" else None
        async with LenientAnswer.opened(url, headers, tls, silence) as answer:
            yield Answer(answer.status, answer.headers, answer.body())


async def _each(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    async for chunk in chunks:
        yield chunk
