"""Frames of streams, as a server gets them."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from camclassify_core import Frame, SnapshotError, StreamFrame
from camclassify_core.stream.shared_frames import FrameWriter, make_memory
from homeassistant.core import HomeAssistant

from custom_components.camclassify.engine.encoded_streams import EncodedStreams


@pytest.fixture
def memory() -> Generator[int]:
    descriptor = make_memory()
    yield descriptor
    os.close(descriptor)


@pytest.fixture(autouse=True)
def no_native_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Encode by the brightness of a frame alone: another test holds that nothing native was loaded."""

    def encode(frame: Frame) -> bytes:
        luma, _ = frame.planes[0]
        return b"\xff\xd8\xff" + bytes(luma)[:1]

    monkeypatch.setattr("custom_components.camclassify.engine.encoded_streams.encode_frame", encode)


@pytest.fixture
def no_memory() -> Generator[int]:
    with Path("/dev/null").open("rb") as file:
        yield file.fileno()


def grey(level: int) -> Frame:
    return Frame(
        width=64,
        height=48,
        planes=((bytes([level]) * 64 * 48, 64), (b"\x80" * 32 * 24, 32), (b"\x80" * 32 * 24, 32)),
    )


async def test_the_newest_frame_is_taken_and_kept_until_the_next(
    hass: HomeAssistant, memory: int
) -> None:
    streams = EncodedStreams(hass)
    streams.follow("gate", memory)
    writer = FrameWriter(memory)
    writer.put(grey(20), 1.0)
    writer.put(grey(200), 2.0)
    wanted = StreamFrame(stream="gate", number=1, taken=1.0)
    frame, jpeg = await streams.async_take(wanted)
    assert frame == StreamFrame(stream="gate", number=2, taken=2.0)
    assert jpeg == b"\xff\xd8\xff\xc8"
    writer.put(grey(100), 3.0)
    assert await streams.async_take(frame) == (frame, jpeg)
    assert streams.taken(frame) == jpeg
    newest, other = await streams.async_take(wanted)
    assert newest.number == 3
    assert other != jpeg
    with pytest.raises(SnapshotError, match="not kept"):
        streams.taken(frame)


async def test_there_is_nothing_of_a_stream_that_is_not_followed(
    hass: HomeAssistant, memory: int, no_memory: int
) -> None:
    streams = EncodedStreams(hass)
    wanted = StreamFrame(stream="gate", number=1, taken=1.0)
    with pytest.raises(SnapshotError, match="not followed"):
        await streams.async_take(wanted)
    streams.follow("gate", memory)
    with pytest.raises(SnapshotError, match="no frame"):
        await streams.async_take(wanted)
    FrameWriter(memory).put(grey(20), 1.0)
    taken, _ = await streams.async_take(wanted)
    streams.unfollow("gate")
    with pytest.raises(SnapshotError):
        streams.taken(taken)
    with pytest.raises(SnapshotError, match="no stream"):
        streams.follow("gate", no_memory)
