"""The newest frames of a stream in memory that two processes share: one writes, any number read.

In the first page, the number of the newest frame (u64), 0 before the first. Then three slots, each a
header of one page and the planes: luma, Cb, Cr. Frame n is in slot n % 3, and its number is written last.
Its slot is written to again when frame n + 2 is complete: who has read a frame, and finds that at most
one newer one was completed meanwhile, has read it whole.
"""

import os
from dataclasses import dataclass
from fcntl import fcntl
from math import isfinite
from mmap import MAP_SHARED, PROT_READ, PROT_WRITE, mmap
from struct import Struct

from camclassify_core.errors import SnapshotError
from camclassify_core.frame import Frame, Matrix

MOST_PIXELS = 36_000_000  # as of pictures
_PAGE = 4096
_SLOTS = 3
# Of luma and, in half of the columns, Cb and Cr; rows may be longer than the picture is wide.
_PLANE_BYTES = 2 * MOST_PIXELS + 4 * 2**20
_SLOT_BYTES = (_PAGE + _PLANE_BYTES) // _PAGE * _PAGE
_MEMORY_BYTES = _PAGE + _SLOTS * _SLOT_BYTES
_NUMBER = Struct("<Q")
_HEADER = Struct("<QdIIII???")
_ADD_SEALS, _SEALS = 1033, 0b111  # F_ADD_SEALS; no other seal, no other length
_TRIES = 5


def make_memory() -> int:
    """A descriptor of memory for the frames of one stream; pages take memory once they are written to."""
    memory = os.memfd_create("camclassify-stream", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(memory, _MEMORY_BYTES)
    fcntl(memory, _ADD_SEALS, _SEALS)
    return memory


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedFrame:
    """A frame of a stream. `taken`: seconds of this machine's monotonic clock."""

    number: int
    taken: float
    frame: Frame


class FrameWriter:
    """Puts frames into the memory behind a descriptor. `number`: that of the newest."""

    def __init__(self, memory: int) -> None:
        self._memory = mmap(memory, _MEMORY_BYTES, MAP_SHARED, PROT_READ | PROT_WRITE)
        self.number = int(_NUMBER.unpack_from(self._memory)[0])

    def put(self, frame: Frame, taken: float) -> int:
        """Makes this the newest frame; returns its number. Raises `SnapshotError` if it is too large."""
        number = self.number + 1
        start = _PAGE + number % _SLOTS * _SLOT_BYTES
        (_, stride), (_, chroma_stride), _ = frame.planes
        views = [memoryview(plane).cast("B") for plane, _ in frame.planes]
        lengths = _plane_lengths(frame.height, stride, chroma_stride, frame.halved_rows)
        if frame.width * frame.height > MOST_PIXELS or sum(lengths) > _PLANE_BYTES:
            raise SnapshotError(f"A frame of {frame.width}x{frame.height} pixels is too large.")
        _HEADER.pack_into(
            self._memory,
            start,
            number,
            taken,
            frame.width,
            frame.height,
            stride,
            chroma_stride,
            frame.full_range,
            frame.matrix is Matrix.BT709,
            frame.halved_rows,
        )
        place = start + _PAGE
        for view, length in zip(views, lengths, strict=True):
            self._memory[place : place + length] = view[:length]
            place += length
        self.number = number
        _NUMBER.pack_into(self._memory, 0, number)
        return number


class FrameReader:
    """Takes the newest frame out of the memory behind a descriptor, and believes nothing in it."""

    def __init__(self, memory: int) -> None:
        """Raises `SnapshotError` if this is no such memory."""
        try:
            self._memory = mmap(memory, _MEMORY_BYTES, MAP_SHARED, PROT_READ)
        except (OSError, ValueError) as error:
            raise SnapshotError(f"There is no stream behind this descriptor: {error}") from error

    def newest(self) -> NumberedFrame:
        """A copy of the newest frame. Raises `SnapshotError` if there is none, or what cannot be one."""
        for _ in range(_TRIES):
            number = self._number()
            if not number:
                raise SnapshotError("The stream has no frame yet.")
            found = self._copy(number)
            if found is not None and self._number() - number in (0, 1):
                return found
        raise SnapshotError("The stream's frames change too fast.")

    def close(self) -> None:
        """Lets go of the memory."""
        self._memory.close()

    def _number(self) -> int:
        return int(_NUMBER.unpack_from(self._memory)[0])

    def _copy(self, number: int) -> NumberedFrame | None:
        start = _PAGE + number % _SLOTS * _SLOT_BYTES
        (written, taken, width, height, stride, chroma_stride, full_range, is_709, halved) = (
            _HEADER.unpack_from(self._memory, start)
        )
        if written != number:
            return None
        lengths = _plane_lengths(height, stride, chroma_stride, halved)
        if (
            not (width and height and width * height <= MOST_PIXELS and isfinite(taken))
            or stride < width
            or chroma_stride < (width + 1) // 2
            or sum(lengths) > _PLANE_BYTES
        ):
            raise SnapshotError("The stream's frame cannot be one.")
        planes = []
        place = start + _PAGE
        for length in lengths:
            planes.append(self._memory[place : place + length])
            place += length
        luma, blue, red = planes
        return NumberedFrame(
            number=number,
            taken=taken,
            frame=Frame(
                width=width,
                height=height,
                planes=((luma, stride), (blue, chroma_stride), (red, chroma_stride)),
                full_range=full_range,
                matrix=Matrix.BT709 if is_709 else Matrix.BT601,
                halved_rows=halved,
            ),
        )


def _plane_lengths(
    height: int, stride: int, chroma_stride: int, halved_rows: bool
) -> tuple[int, int, int]:
    chroma = chroma_stride * ((height + 1) // 2 if halved_rows else height)
    return stride * height, chroma, chroma
