"""A small HTTP/1 client for servers that break its rules in ways that browsers put up with.

It asks for one thing on one connection, takes what of the head it understands, and leaves the rest. What it
reads is bounded: a head of 64 KiB, chunks as they come, and as much of a body as its reader wants.
"""

import asyncio
import re
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self

import aiohttp
from yarl import URL

_MOST_HEAD = 64 * 1024  # bytes
_CHUNK_BYTES = 64 * 1024
_STATUS = re.compile(rb"[A-Z]+(?:/[\d.]{1,8})?[ \t]+(\d{3})\b")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~\w-]{1,100})[ \t]*:[ \t]*(.*?)[ \t]*$")
_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,8})[ \t]*(?:;|$)")


@dataclass(frozen=True, slots=True)
class Head:
    """The status and the headers of an answer, their names in lower case."""

    status: int
    headers: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, text: bytes) -> Self | None:
        """Read a head; lines that are no headers are left out. None if it has no status."""
        first, *lines = re.split(rb"\r?\n", text)
        if (status := _STATUS.match(first)) is None:
            return None
        named = (found for line in lines if (found := _HEADER.match(line)))
        return cls(
            int(status[1]), tuple((each[1].decode().lower(), _text(each[2])) for each in named)
        )

    def value(self, name: str) -> str:
        """Return a header in lower case, or nothing."""
        return next((value.lower() for key, value in self.headers if key == name), "")

    @property
    def length(self) -> int | None:
        """The length of the body, if it is told and makes sense."""
        told = self.value("content-length")
        return int(told) if told.isascii() and told.isdigit() and len(told) < 16 else None


class LenientAnswer:
    """An answer that is being read."""

    def __init__(self, head: Head, reader: asyncio.StreamReader, silence: float) -> None:
        """Have read the head."""
        self.status, self.headers = head.status, head.headers
        self._head = head
        self._reader = reader
        self._silence = silence

    @classmethod
    @asynccontextmanager
    async def opened(
        cls, url: URL, headers: Mapping[str, str], tls: ssl.SSLContext | None, silence: float
    ) -> AsyncIterator[Self]:
        """Ask for a URL and read the head. Raises aiohttp.ClientError, OSError, TimeoutError."""
        async with asyncio.timeout(silence):
            reader, writer = await asyncio.open_connection(
                url.raw_host, url.port, ssl=tls, limit=_MOST_HEAD
            )
        try:
            given = {
                "Host": url.host_port_subcomponent or "",
                "Accept": "*/*",
                "Connection": "close",
                **headers,
            }
            lines = [f"GET {url.raw_path_qs} HTTP/1.1", *(f"{k}: {v}" for k, v in given.items())]
            writer.write("\r\n".join([*lines, "", ""]).encode())
            async with asyncio.timeout(silence):
                await writer.drain()
                head = await _read_head(reader)
            yield cls(head, reader, silence)
        finally:
            writer.transport.abort()

    async def body(self) -> AsyncGenerator[bytes]:
        """Return the body in pieces. Raises aiohttp.ClientPayloadError if it ends too early."""
        if "chunked" in self._head.value("transfer-encoding"):
            async for piece in self._chunks():
                yield piece
            return
        left = self._head.length
        while left is None or left > 0:
            piece = await self._read(_CHUNK_BYTES if left is None else min(left, _CHUNK_BYTES))
            if not piece and left is None:
                return
            if not piece:
                raise aiohttp.ClientPayloadError("The body ended too early.")
            left = None if left is None else left - len(piece)
            yield piece

    async def _chunks(self) -> AsyncGenerator[bytes]:
        while True:
            async with asyncio.timeout(self._silence):
                line = await _read_line(self._reader)
                if line == b"":
                    line = await _read_line(self._reader)
            if (size := _CHUNK_SIZE.match(line)) is None:
                raise aiohttp.ClientPayloadError("The body ended too early.")
            if (left := int(size[1], 16)) == 0:
                return
            while left:
                if not (piece := await self._read(min(left, _CHUNK_BYTES))):
                    raise aiohttp.ClientPayloadError("The body ended too early.")
                left -= len(piece)
                yield piece

    async def _read(self, count: int) -> bytes:
        async with asyncio.timeout(self._silence):
            return await self._reader.read(count)


async def _read_head(reader: asyncio.StreamReader) -> Head:
    lines: list[bytes] = []
    room = _MOST_HEAD
    while (line := await _read_line(reader)) or not lines:
        lines.append(line)
        room -= len(line) + 1
        if room < 0 or (reader.at_eof() and not line):
            break
    if room < 0 or (head := Head.of(b"\n".join(lines))) is None:
        raise aiohttp.ClientPayloadError("The answer is not HTTP.")
    return head


async def _read_line(reader: asyncio.StreamReader) -> bytes:
    """Return a line without its end; what is left where there is none."""
    try:
        return (await reader.readline()).rstrip(b"\r\n")
    except ValueError as error:
        raise aiohttp.ClientPayloadError("A line has no end.") from error


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
