"""Frames of streams as JPEG: a server cannot look into this machine's memory."""

from typing import NamedTuple

from camclassify_core import SnapshotError, StreamFrame
from camclassify_core.engine import encode_frame
from camclassify_core.stream.shared_frames import FrameReader
from homeassistant.core import HomeAssistant


class EncodedFrame(NamedTuple):
    """A frame of a stream, and its picture as JPEG."""

    frame: StreamFrame
    jpeg: bytes


class EncodedStreams:
    """Takes the newest frame of a stream, and keeps the one that was taken last until the next."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Follow no stream."""
        self._hass = hass
        self._readers: dict[str, FrameReader] = {}
        self._taken: dict[str, EncodedFrame] = {}

    def follow(self, stream: str, memory: int) -> None:
        """Take the frames of a stream from there. Raises SnapshotError.

        The descriptor may be closed afterwards.
        """
        self._readers[stream] = FrameReader(memory)
        self._taken.pop(stream, None)

    def unfollow(self, stream: str) -> None:
        """Let go of a stream and of its frame."""
        self._readers.pop(stream, None)
        self._taken.pop(stream, None)

    async def async_take(self, wanted: StreamFrame) -> EncodedFrame:
        """Return the frame taken last, if it is that one, else the newest there is. Raises SnapshotError."""
        taken = self._taken.get(wanted.stream)
        if taken and taken.frame.number == wanted.number:
            return taken
        if (reader := self._readers.get(wanted.stream)) is None:
            raise SnapshotError("This stream is not followed.")
        newest = await self._hass.async_add_executor_job(_encode_newest, wanted.stream, reader)
        if self._readers.get(wanted.stream) is reader:
            self._taken[wanted.stream] = newest
        return newest

    def taken(self, wanted: StreamFrame) -> bytes:
        """Return the picture of the frame taken last, if it is that one. Raises SnapshotError."""
        taken = self._taken.get(wanted.stream)
        if taken is None or taken.frame.number != wanted.number:
            raise SnapshotError("This frame of the stream is not kept any more.")
        return taken.jpeg


def _encode_newest(stream: str, reader: FrameReader) -> EncodedFrame:
    newest = reader.newest()
    frame = StreamFrame(stream=stream, number=newest.number, taken=newest.taken)
    return EncodedFrame(frame, encode_frame(newest.frame))
