"""A stream that shows again what it has shown: a recording in a loop, or one picture for ever."""

from collections import deque
from collections.abc import Buffer
from zlib import crc32

_REMEMBERED = 256  # key frames
_FOR = 10.0  # seconds


class Repeats:
    """Compares the key frames of one connection as they were encoded: a camera's noise makes each another."""

    def __init__(self) -> None:
        self._seen: deque[int] = deque(maxlen=_REMEMBERED)
        self._since: float | None = None

    def note(self, key_frame: Buffer, now: float) -> bool:
        """Notes a key frame; returns whether all of the last 10 seconds were known already."""
        mark = crc32(key_frame)
        if mark not in self._seen:
            self._seen.append(mark)
            self._since = None
        elif self._since is None:
            self._since = now
        return self._since is not None and now - self._since >= _FOR
