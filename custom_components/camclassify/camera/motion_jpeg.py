"""Pictures that come one after the other over one connection: `multipart/x-mixed-replace`."""

import asyncio
import re
from contextlib import AsyncExitStack
from time import monotonic

from camclassify_core import MAX_SNAPSHOT_BYTES
from homeassistant.core import HomeAssistant, callback

from ..const import DOMAIN
from .picture import too_large
from .web_client import Answer

IDLE = 15.0  # seconds without a look after which the connection is closed
_MOST_HEAD = 8 * 1024  # bytes before a part's picture
_BOUNDARY = re.compile(r'boundary[ \t]*=[ \t]*"?([^";,]+)', re.IGNORECASE)
_LENGTH = re.compile(
    rb"^content-length[ \t]*:[ \t]*(\d{1,9})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE
)
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_FIRST_LINE = re.compile(rb"[\r\n]*(--[^\r\n]{1,200})\r?\n")


def is_stream(answer: Answer) -> bool:
    """Tell whether an answer is one picture after the other."""
    return answer.first_of("content-type").lower().startswith("multipart/")


class Parts:
    """Cuts a multipart body into its parts, by their length or else at the boundary between them."""

    def __init__(self, content_type: str) -> None:
        """Wait for the first part."""
        told = _BOUNDARY.search(content_type)
        self._boundary = b"--" + told[1].strip().lstrip("-").encode() if told else b"--"
        self._buffer = bytearray()
        self._is_first = True
        self._in_part = False
        self._length: int | None = None
        self._searched = 0  # bytes of the part in which no boundary begins

    def feed(self, data: bytes) -> list[bytes]:
        """Take more of the body; return the parts that are complete.

        Raises SnapshotUnavailable if one is too long.
        """
        self._buffer += data
        found: list[bytes] = []
        while (part := self._next()) is not None:
            if part:
                found.append(part)
        if len(self._buffer) > MAX_SNAPSHOT_BYTES + _MOST_HEAD:
            raise too_large()
        return found

    def rest(self) -> bytes:
        """Return what came of a part whose end is that of the body."""
        return bytes(self._buffer) if self._in_part else b""

    def _next(self) -> bytes | None:
        """Return a part, nothing where one begins; None if more has to come."""
        if not self._in_part:
            return self._begin()
        is_known = len(self._boundary) > 2
        end = self._buffer.find(self._boundary, self._searched) if is_known else -1
        self._searched = max(0, len(self._buffer) - len(self._boundary))
        if self._length is not None and not 0 <= end < self._length:
            end = self._length if len(self._buffer) >= self._length else -1
        if end < 0:
            return None
        part = bytes(self._buffer[:end]).removesuffix(b"\r\n")
        del self._buffer[:end]
        self._in_part, self._searched = False, 0
        return part

    def _begin(self) -> bytes | None:
        # The boundary that is used counts, not the one that was told.
        if self._is_first and (first := _FIRST_LINE.match(self._buffer)):
            self._boundary = bytes(first[1].rstrip())
            self._is_first = False
        start = self._buffer.find(self._boundary)
        if start < 0:
            del self._buffer[: max(0, len(self._buffer) - _MOST_HEAD)]
            return None
        head_end = _HEAD_END.search(self._buffer, start)
        if head_end is None:
            if len(self._buffer) - start > _MOST_HEAD:
                del self._buffer[: start + len(self._boundary)]
            return None
        head = bytes(self._buffer[start : head_end.start()])
        length = _LENGTH.search(head)
        self._length = int(length[1]) if length else None
        del self._buffer[: head_end.end()]
        self._in_part, self._is_first = True, False
        return b""


class MotionPictures:
    """Reads a stream of pictures, and keeps the newest; closes it when nobody has looked for a while."""

    def __init__(self, hass: HomeAssistant, answer: Answer, connection: AsyncExitStack) -> None:
        """Begin to read. `connection` is closed at the end."""
        self._parts = Parts(answer.first_of("content-type"))
        self._newest: bytes | None = None
        self._error: Exception | None = None
        self._news = asyncio.Event()
        self._looked_at = monotonic()
        self._reading = hass.async_create_background_task(
            self._async_read(answer, connection), f"{DOMAIN} stream of pictures"
        )
        self._reading.add_done_callback(lambda _: self._news.set())

    @property
    def is_open(self) -> bool:
        """Whether pictures may still come."""
        return not self._reading.done()

    async def async_newest(self) -> bytes:
        """Return the newest picture that was not returned yet; nothing if the stream has ended.

        Raises SnapshotUnavailable, and what reading raises.
        """
        self._looked_at = monotonic()
        while self._newest is None and not self._reading.done():
            await self._news.wait()
            self._news.clear()
        newest, self._newest = self._newest, None
        if newest is None and self._error:
            raise self._error
        return newest or b""

    @callback
    def async_close(self) -> None:
        """Read no more."""
        self._reading.cancel()

    async def _async_read(self, answer: Answer, connection: AsyncExitStack) -> None:
        try:
            async for piece in answer.body:
                for part in self._parts.feed(piece):
                    self._note(part)
                if monotonic() - self._looked_at > IDLE:
                    return
            if rest := self._parts.rest():
                self._note(rest)
        except Exception as error:
            self._error = error
        finally:
            await connection.aclose()

    def _note(self, part: bytes) -> None:
        self._newest = part
        self._news.set()
