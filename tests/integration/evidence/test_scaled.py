"""Kept snapshots for phones, TVs and pages of thumbnails."""

import asyncio
from http import HTTPStatus
from pathlib import Path
from unittest.mock import patch

from camclassify_core import EngineUnavailable
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.camclassify.evidence.scaled import MOST_BYTES

from ..fake_engine import FakeEngineClient
from .test_store import keep


async def test_a_picture_is_made_smaller_once(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    client: FakeEngineClient,
    hass_client: ClientSessionGenerator,
    tmp_path: Path,
) -> None:
    kept = await keep(loaded.runtime_data.evidence)
    browser = await hass_client()

    async def read(query: str) -> bytes:
        response = await browser.get(kept.url + query)
        assert response.status == HTTPStatus.OK
        return bytes(await response.read())

    with patch.object(client, "cut_out", wraps=client.cut_out) as made:
        assert await read("?width=200") == b"picture of 320"
        pages = await asyncio.gather(*(read("?width=320") for _ in range(20)))
        assert set(pages) == {b"picture of 320"}
        assert await read("?width=1280") == b"picture of 1280"
        assert await read("?width=321") == b"picture of 1280"
        assert made.call_count == 2
        whole = await read("")
        for query in ("?width=1281", "?width=all", "?width=", "?width=1280&width=9999"):
            assert await read(query) == whole
    files = list(tmp_path.rglob(f"{kept.id}*"))
    assert len(files) == 4
    await loaded.runtime_data.evidence.async_forget_camera("camera1")
    assert [path for path in files if path.exists()] == []


async def test_a_picture_that_is_too_many_bytes_is_made_smaller_still(
    loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    kept = await keep(loaded.runtime_data.evidence)

    async def noisy(_snapshot: bytes, _box: object, side: int) -> bytes:
        return bytes(side * 400)

    with patch.object(client, "cut_out", noisy):
        scaled = await loaded.runtime_data.scaled.async_read(kept.id, 1280)
    assert scaled is not None
    assert MOST_BYTES / 2 < len(scaled) <= MOST_BYTES


async def test_a_picture_that_cannot_be_made_smaller_is_shown_as_it_is_and_tried_again(
    loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    home = loaded.runtime_data
    kept = await keep(home.evidence)
    with patch.object(client, "cut_out", side_effect=EngineUnavailable("It restarts.")):
        assert await home.scaled.async_read(kept.id, 320) == await home.evidence.async_read(kept.id)
    assert await home.scaled.async_read(kept.id, 320) == b"picture of 320"
    assert await home.scaled.async_read("nothing", 320) is None


async def test_a_disk_that_is_full_keeps_nobody_from_seeing_the_picture(
    loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    home = loaded.runtime_data
    kept = await keep(home.evidence)
    with patch.object(Path, "write_bytes", side_effect=OSError(28, "No space left on device")):
        assert await home.scaled.async_read(kept.id, 320) == b"picture of 320"


async def test_a_picture_that_was_deleted_while_it_was_made_smaller_leaves_no_file(
    loaded: MockConfigEntry, client: FakeEngineClient, tmp_path: Path
) -> None:
    home = loaded.runtime_data
    kept = await keep(home.evidence)

    async def delete(_snapshot: bytes, _box: object, side: int) -> bytes:
        await home.evidence.async_forget_camera("camera1")
        return b"too late"

    with patch.object(client, "cut_out", delete):
        await home.scaled.async_read(kept.id, 320)
    assert list(tmp_path.rglob(f"{kept.id}*")) == []
