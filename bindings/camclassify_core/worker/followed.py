"""The streams that a worker takes frames from, by memory that it was handed over a socket."""

import os
from contextlib import suppress
from socket import recv_fds, socket

from camclassify_core.errors import SnapshotError
from camclassify_core.frame import Frame
from camclassify_core.results import StreamFrame
from camclassify_core.stream.shared_frames import FrameReader, NumberedFrame

# The number of the worker's end of the socket, in its environment.
HANDOVER = "CAMCLASSIFY_HANDOVER"
MOST_STREAMS = 64
LONGEST_NAME = 200


class Followed:
    """Takes the newest frame of a stream, and keeps the one that was taken last until the next.

    Any thread may ask; what is taken is never written to.
    """

    def __init__(self, handover: socket | None = None) -> None:
        self._handover = handover
        if handover:
            handover.setblocking(False)
        self._readers: dict[str, FrameReader] = {}
        self._taken: dict[str, NumberedFrame] = {}

    @classmethod
    def of_environment(cls) -> Followed:
        """With the socket that whoever started this process left open, if there is one."""
        number = os.environ.pop(HANDOVER, None)
        return cls(socket(fileno=int(number)) if number else None)

    def follow(self, stream: str) -> None:
        """Takes the frames of a stream from the memory handed over. Raises `SnapshotError`."""
        if stream not in self._readers and len(self._readers) >= MOST_STREAMS:
            raise SnapshotError(f"More than {MOST_STREAMS} streams cannot be followed.")
        memory = self._take_memory(stream)
        try:
            self._readers[stream] = FrameReader(memory)
        finally:
            os.close(memory)
        self._taken.pop(stream, None)

    def unfollow(self, stream: str) -> None:
        """Lets go of a stream and of its frame."""
        self._readers.pop(stream, None)
        self._taken.pop(stream, None)

    def take(self, wanted: StreamFrame) -> NumberedFrame:
        """The frame taken last, if it is that one, else the newest there is. Raises `SnapshotError`."""
        taken = self._taken.get(wanted.stream)
        if taken and taken.number == wanted.number:
            return taken
        if (reader := self._readers.get(wanted.stream)) is None:
            raise SnapshotError("The worker does not follow this stream.")
        newest = self._taken[wanted.stream] = reader.newest()
        return newest

    def taken(self, wanted: StreamFrame) -> Frame:
        """The frame taken last, if it is that one. Raises `SnapshotError`."""
        taken = self._taken.get(wanted.stream)
        if taken is None or taken.number != wanted.number:
            raise SnapshotError("This frame of the stream is not kept any more.")
        return taken.frame

    def _take_memory(self, stream: str) -> int:
        """The descriptor that was handed over last for this stream; others are closed."""
        found: int | None = None
        with suppress(BlockingIOError):
            while self._handover:
                name, descriptors, _, _ = recv_fds(self._handover, LONGEST_NAME, 1)
                if not descriptors:
                    break
                if name.decode(errors="replace") == stream and found is None:
                    (found,) = descriptors
                    continue
                for each in descriptors:
                    os.close(each)
        if found is None:
            raise SnapshotError("The worker was handed no memory of this stream.")
        return found
