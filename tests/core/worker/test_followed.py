"""Streams that the worker takes frames from, by memory that it was handed."""

import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from camclassify_core import (
    EngineClient,
    EngineOptions,
    EngineState,
    EngineUnavailable,
    Frame,
    Request,
    SnapshotError,
    StreamFrame,
)
from camclassify_core.stream.shared_frames import FrameWriter, make_memory

from .waiting import state_of

COMMAND = (sys.executable, str(Path(__file__).parent / "fake_worker.py"))
REQUEST = Request(camera="drive")


def frame(width: int) -> Frame:
    """A frame that the fake engine tells by its width."""
    chroma = (width + 1) // 2
    return Frame(
        width=width,
        height=2,
        planes=(
            (bytes([width]) * width * 2, width),
            (bytes(chroma), chroma),
            (bytes(chroma), chroma),
        ),
    )


def named(number: int, stream: str = "drive") -> StreamFrame:
    return StreamFrame(stream=stream, number=number, taken=0.0)


@pytest.fixture
async def client() -> AsyncIterator[EngineClient]:
    client = EngineClient(EngineOptions(lanes=2), command=COMMAND)
    await client.start()
    yield client
    await client.stop()


@pytest.fixture
def memory() -> Iterator[int]:
    memory = make_memory()
    yield memory
    os.close(memory)


@pytest.fixture
def writer(memory: int) -> FrameWriter:
    return FrameWriter(memory)


async def test_the_newest_frame_is_classified_and_named(
    client: EngineClient, memory: int, writer: FrameWriter
) -> None:
    await client.follow("drive", memory)
    writer.put(frame(4), 1.5)
    writer.put(frame(6), 2.5)
    seen = await client.classify(named(1), REQUEST)
    assert seen.width == 6
    assert seen.frame == StreamFrame(stream="drive", number=2, taken=2.5)


async def test_the_frame_classified_last_is_classified_again_and_encoded_however_old(
    client: EngineClient, memory: int, writer: FrameWriter
) -> None:
    await client.follow("drive", memory)
    writer.put(frame(4), 1.5)
    first = (await client.classify(named(1), REQUEST)).frame
    assert first
    for width in range(6, 20):
        writer.put(frame(width), 2.5)
    assert await client.encode(first) == bytes([4]) * 4
    again = await client.classify(first, REQUEST)
    assert (again.width, again.frame) == (4, first)


async def test_a_frame_before_the_last_one_is_not_kept(
    client: EngineClient, memory: int, writer: FrameWriter
) -> None:
    await client.follow("drive", memory)
    writer.put(frame(4), 1.5)
    first = (await client.classify(named(1), REQUEST)).frame
    assert first
    writer.put(frame(6), 1.5)
    await client.classify(named(2), REQUEST)
    with pytest.raises(SnapshotError, match="not kept any more"):
        await client.encode(first)


async def test_streams_are_told_apart(client: EngineClient, memory: int) -> None:
    other = make_memory()
    await client.follow("drive", memory)
    await client.follow("garden", other)
    FrameWriter(memory).put(frame(4), 1.0)
    FrameWriter(other).put(frame(6), 1.0)
    os.close(other)
    assert (await client.classify(named(1, "garden"), Request(camera="garden"))).width == 6
    assert (await client.classify(named(1), REQUEST)).width == 4


async def test_a_stream_without_a_frame_and_one_that_nobody_follows_are_errors(
    client: EngineClient, memory: int
) -> None:
    await client.follow("drive", memory)
    with pytest.raises(SnapshotError, match="no frame yet"):
        await client.classify(named(1), REQUEST)
    with pytest.raises(SnapshotError, match="does not follow"):
        await client.classify(named(1, "garden"), REQUEST)


async def test_what_is_unfollowed_is_forgotten(
    client: EngineClient, memory: int, writer: FrameWriter
) -> None:
    await client.follow("drive", memory)
    writer.put(frame(4), 1.0)
    await client.classify(named(1), REQUEST)
    await client.unfollow("drive")
    with pytest.raises(SnapshotError, match="does not follow"):
        await client.classify(named(1), REQUEST)


async def test_the_next_worker_follows_the_same_streams(
    client: EngineClient, memory: int, writer: FrameWriter
) -> None:
    await client.follow("drive", memory)
    writer.put(frame(4), 1.0)
    with pytest.raises(EngineUnavailable):
        await client.classify(b"crash")
    await state_of(client, EngineState.RUNNING)
    assert (await client.classify(named(1), REQUEST)).width == 4


async def test_a_stream_that_is_followed_before_there_is_a_worker_is_followed_then(
    memory: int, writer: FrameWriter
) -> None:
    client = EngineClient(EngineOptions(), command=COMMAND)
    with pytest.raises(EngineUnavailable):
        await client.follow("drive", memory)
    writer.put(frame(4), 1.0)
    await client.start()
    assert (await client.classify(named(1), REQUEST)).width == 4
    await client.stop()


async def test_no_descriptor_is_left(memory: int) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(2):
        client = EngineClient(EngineOptions(), command=COMMAND)
        await client.start()
        for _ in range(3):
            await client.follow("drive", memory)
        await client.follow("garden", memory)
        await client.unfollow("drive")
        await client.stop()
    assert len(os.listdir("/proc/self/fd")) <= before


async def test_a_worker_follows_hundreds_of_streams_one_after_the_other(
    client: EngineClient, memory: int, writer: FrameWriter
) -> None:
    writer.put(frame(4), 1.0)
    for number in range(300):  # a worker may hold 256 descriptors
        await client.follow(f"drive {number}", memory)
        assert (await client.classify(named(0, f"drive {number}"), REQUEST)).width == 4
        await client.unfollow(f"drive {number}")
