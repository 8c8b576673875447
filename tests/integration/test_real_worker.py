"""The real worker with real photographs, and with pictures that no engine should be given."""

import random
import struct
import zlib
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .conftest import PHOTOGRAPHS, FakeCamera
from .looks import look, look_until_lost, state_of, the_camera

PERSON = "binary_sensor.driveway_person"


def png(width: int, height: int, pixels: bytes) -> bytes:
    """Return a grey PNG with this header, whatever its compressed pixels are."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        checksum = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(pixels))
        + chunk(b"IEND", b"")
    )


@pytest.fixture
def cameras() -> list[dict[str, Any]]:
    return [{"entity_id": "camera.driveway", "classes": ["person"], "interval": 3600.0}]


async def test_a_person_on_a_photograph_turns_on(
    hass: HomeAssistant, person_home: MockConfigEntry
) -> None:
    await look(the_camera(person_home), 6)
    assert state_of(hass, PERSON).state == "on"
    assert the_camera(person_home).eye.looked_at is not None
    latest = the_camera(person_home).keeper.latest
    assert latest is not None
    drawn = await person_home.runtime_data.evidence.async_read(latest.id)
    assert drawn is not None
    assert drawn.startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize(
    "picture",
    [
        b"",
        (PHOTOGRAPHS / "person.jpg").read_bytes()[:28],
        (PHOTOGRAPHS / "person.jpg").read_bytes()[:20_000],
        png(10_000, 6_000, b""),
        png(30_000, 30_000, bytes(100_000_000)),
        png(100, 100, b"short"),
    ],
    ids=["nothing", "28 bytes", "truncated", "60 megapixels", "decompression bomb", "corrupt PNG"],
)
async def test_bad_pictures_leave_the_worker_alive(
    hass: HomeAssistant, person_home: MockConfigEntry, camera: FakeCamera, picture: bytes
) -> None:
    await look(the_camera(person_home), 2)
    before = (await person_home.runtime_data.engine.client.info()).pid
    memory = (await person_home.runtime_data.engine.client.statistics()).rss
    good, camera.picture, camera.changes = camera.picture, picture, False
    await look_until_lost(the_camera(person_home))
    assert state_of(hass, PERSON).state == "unavailable"
    camera.picture, camera.changes = good, True
    await look(the_camera(person_home), 2)
    assert state_of(hass, PERSON).state != "unavailable"
    assert (await person_home.runtime_data.engine.client.info()).pid == before
    after = (await person_home.runtime_data.engine.client.statistics()).rss
    assert after < memory + 64 * 1024 * 1024


def frame_size(jpeg: bytes) -> tuple[int, int]:
    """Return width and height as the frame header of a baseline JPEG tells them."""
    at = jpeg.index(b"\xff\xc0")
    height, width = struct.unpack(">HH", jpeg[at + 5 : at + 9])
    return width, height


async def test_the_picture_of_a_notification_is_one_that_phones_and_tvs_take(
    hass: HomeAssistant, person_home: MockConfigEntry, camera: FakeCamera
) -> None:
    width, height = 3840, 2160
    row = b"\0" + random.Random(1).randbytes(width)
    camera.picture, camera.changes = png(width, height, row * height), False
    await look(the_camera(person_home), 2)
    kept = await the_camera(person_home).async_keep_snapshot()
    scaled = await person_home.runtime_data.scaled.async_read(kept.id, 1280)
    assert scaled is not None
    assert len(scaled) <= 300_000
    assert frame_size(scaled)[0] <= 1280
    assert abs(frame_size(scaled)[0] / frame_size(scaled)[1] - width / height) < 0.01
    thumbnail = await person_home.runtime_data.scaled.async_read(kept.id, 320)
    assert thumbnail is not None
    assert frame_size(thumbnail) == (320, 180)
