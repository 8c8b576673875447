"""Frames in memory that two processes share."""

import os
import struct

import pytest
from camclassify_core import Frame, SnapshotError
from camclassify_core.frame import Matrix
from camclassify_core.stream.shared_frames import FrameReader, FrameWriter, make_memory
from hypothesis import given
from hypothesis import strategies as st


def frame(width: int = 6, height: int = 4, value: int = 1, *, halved_rows: bool = True) -> Frame:
    """A frame whose rows are two bytes longer than it is wide."""
    stride, chroma = width + 2, (width + 1) // 2
    rows = (height + 1) // 2 if halved_rows else height
    blue, red = bytes([value + 1]) * chroma * rows, bytes([value + 2]) * chroma * rows
    return Frame(
        width=width,
        height=height,
        planes=((bytes([value]) * stride * height, stride), (blue, chroma), (red, chroma)),
        full_range=value % 2 == 0,
        matrix=Matrix.BT601 if value % 3 == 0 else Matrix.BT709,
        halved_rows=halved_rows,
    )


@given(
    width=st.integers(1, 40),
    height=st.integers(1, 40),
    value=st.integers(0, 250),
    halved_rows=st.booleans(),
)
def test_a_frame_comes_out_as_it_was_put_in(
    width: int, height: int, value: int, halved_rows: bool
) -> None:
    memory = make_memory()
    put = frame(width, height, value, halved_rows=halved_rows)
    FrameWriter(memory).put(put, 12.5)
    newest = FrameReader(memory).newest()
    os.close(memory)
    assert (newest.number, newest.taken, newest.frame) == (1, 12.5, put)


def test_the_newest_is_read_and_numbers_go_on_with_the_next_writer() -> None:
    memory = make_memory()
    reader = FrameReader(memory)
    with pytest.raises(SnapshotError, match="no frame yet"):
        reader.newest()
    for number in range(1, 8):
        assert FrameWriter(memory).put(frame(value=number), float(number)) == number
        newest = reader.newest()
        assert (newest.number, newest.frame) == (number, frame(value=number))
    os.close(memory)


def test_what_was_read_stays_as_it_is_whatever_is_written() -> None:
    memory = make_memory()
    writer, reader = FrameWriter(memory), FrameReader(memory)
    writer.put(frame(value=1), 1.0)
    kept = reader.newest()
    for value in range(2, 9):
        writer.put(frame(value=value), 1.0)
    os.close(memory)
    assert kept.frame == frame(value=1)


def test_its_length_cannot_be_taken_away_from_a_reader() -> None:
    memory = make_memory()
    with pytest.raises(PermissionError):
        os.ftruncate(memory, 0)
    os.close(memory)


def test_other_memory_is_refused() -> None:
    memory = os.memfd_create("other")
    with pytest.raises(SnapshotError):
        FrameReader(memory)
    os.close(memory)


@given(
    at=st.integers(0, 34), value=st.sampled_from((0, 1, 2**31, 2**32 - 1)), length=st.integers(1, 4)
)
def test_a_frame_that_cannot_be_is_refused_and_breaks_nothing(
    at: int, value: int, length: int
) -> None:
    memory = make_memory()
    FrameWriter(memory).put(frame(), 1.0)
    slot = (os.fstat(memory).st_size - 4096) // 3
    os.pwrite(memory, struct.pack("<I", value)[:length], 4096 + slot + at)
    try:
        found = FrameReader(memory).newest().frame
    except SnapshotError:
        return
    finally:
        os.close(memory)
    (luma, stride), *_ = found.planes
    assert len(memoryview(luma)) == stride * found.height
    assert stride >= found.width > 0
