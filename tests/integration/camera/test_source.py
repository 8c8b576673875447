"""Pictures from entities and addresses, however badly they behave."""

import asyncio
from typing import Any
from unittest.mock import patch

import pytest
from camclassify_core import MAX_SNAPSHOT_BYTES
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from custom_components.camclassify.camera import address
from custom_components.camclassify.camera import source as snapshot_source
from custom_components.camclassify.camera.address import UrlSource
from custom_components.camclassify.camera.picture import SnapshotUnavailable
from custom_components.camclassify.camera.source import EntitySource

from ..camera_server import PASSWORD, USERNAME, CameraServer
from ..conftest import FakeCamera
from ..fake_engine import snapshot
from ..looks import registered

MEGABYTE = 1024 * 1024


@pytest.fixture(autouse=True)
def short_timeout() -> Any:
    with (
        patch.object(snapshot_source, "SNAPSHOT_TIMEOUT", 0.3),
        patch.object(address, "SNAPSHOT_TIMEOUT", 0.3),
    ):
        yield


def source_of(hass: HomeAssistant, server: CameraServer, **data: Any) -> UrlSource:
    return UrlSource(hass, {"url": server.url, **data})


async def reason_of(source: UrlSource | EntitySource) -> str:
    with pytest.raises(SnapshotUnavailable) as caught:
        await source.async_fetch()
    return caught.value.reason


@pytest.mark.parametrize("scheme", ["none", "basic", "digest"])
async def test_an_address_delivers_its_picture(
    hass: HomeAssistant, server: CameraServer, scheme: str
) -> None:
    server.authentication = scheme
    source = source_of(hass, server, authentication=scheme, username=USERNAME, password=PASSWORD)
    assert await source.async_fetch() == snapshot()
    assert await source.async_fetch() == snapshot()


@pytest.mark.parametrize(
    "picture",
    [
        b"\r\n\r\n" + snapshot(),
        b"\x89PNG\r\n\x1a\n and more",
        b"RIFF\x0a\x0d\x00\x00WEBPVP8 and more",
    ],
    ids=["JPEG after line breaks", "PNG", "WebP"],
)
async def test_any_picture_that_the_engine_reads_is_taken(
    hass: HomeAssistant, server: CameraServer, picture: bytes
) -> None:
    server.body = picture
    assert await source_of(hass, server).async_fetch() == picture.lstrip()


@pytest.mark.parametrize("scheme", ["basic", "digest"])
async def test_wrong_credentials(hass: HomeAssistant, server: CameraServer, scheme: str) -> None:
    server.authentication = scheme
    source = source_of(hass, server, authentication=scheme, username=USERNAME, password="old")
    assert await reason_of(source) == "invalid_auth"


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ({"status": 401}, "invalid_auth"),
        ({"status": 403}, "invalid_auth"),
        ({"status": 404}, "http_status"),
        ({"status": 500}, "http_status"),
        ({"body": b""}, "empty_answer"),
        ({"body": b"<html>sign in</html>"}, "web_page"),
        ({"body": snapshot() + bytes(200 * MEGABYTE)}, "too_large"),
        ({"hang": True}, "camera_timeout"),
    ],
    ids=["401", "403", "404", "500", "empty", "html", "200 MB", "hangs"],
)
async def test_bad_answers(
    hass: HomeAssistant, server: CameraServer, behaviour: dict[str, Any], reason: str
) -> None:
    vars(server).update(behaviour)
    assert await reason_of(source_of(hass, server)) == reason


async def test_an_endless_answer_is_read_no_further_than_the_limit(
    hass: HomeAssistant, server: CameraServer
) -> None:
    server.endless = True
    with patch.object(address, "SNAPSHOT_TIMEOUT", 10):
        assert await reason_of(source_of(hass, server)) == "too_large"
    assert server.sent < MAX_SNAPSHOT_BYTES + 32 * MEGABYTE


async def test_nobody_at_the_address(hass: HomeAssistant, socket_enabled: None) -> None:
    source = UrlSource(hass, {"url": "http://127.0.0.1:9/", "password": "secret"})
    with pytest.raises(SnapshotUnavailable) as caught:
        await source.async_fetch()
    assert caught.value.reason == "cannot_connect"
    assert "secret" not in str(caught.value.placeholders)


async def test_a_camera_entity_delivers_its_picture(
    hass: HomeAssistant, camera: FakeCamera
) -> None:
    camera.changes = False
    assert await EntitySource(hass, {"entity_id": "camera.driveway"}).async_fetch() == snapshot()


async def test_a_renamed_camera_entity_is_followed(hass: HomeAssistant, camera: FakeCamera) -> None:
    registry = er.async_get(hass)
    source = EntitySource(hass, {"entity_id": registered(hass, "camera.driveway").id})
    registry.async_update_entity("camera.driveway", new_entity_id="camera.yard")
    await hass.async_block_till_done()
    assert (await source.async_fetch()).startswith(snapshot())


async def test_a_removed_camera_entity_is_gone(hass: HomeAssistant, camera: FakeCamera) -> None:
    registry = er.async_get(hass)
    source = EntitySource(hass, {"entity_id": registered(hass, "camera.driveway").id})
    registry.async_remove("camera.driveway")
    await hass.async_block_till_done()
    assert await reason_of(source) == "camera_gone"


@pytest.mark.parametrize(
    ("picture", "reason"),
    [
        (None, "camera_failed"),
        (b"<html>", "web_page"),
        (snapshot() + bytes(MAX_SNAPSHOT_BYTES), "too_large"),
    ],
    ids=["none", "html", "huge"],
)
async def test_a_camera_entity_without_a_good_picture(
    hass: HomeAssistant, camera: FakeCamera, picture: bytes | None, reason: str
) -> None:
    camera.picture = picture
    assert await reason_of(EntitySource(hass, {"entity_id": "camera.driveway"})) == reason


async def test_an_unknown_camera_entity(hass: HomeAssistant, camera: FakeCamera) -> None:
    assert await reason_of(EntitySource(hass, {"entity_id": "camera.nowhere"})) == "camera_failed"


async def test_a_camera_entity_with_a_bug(hass: HomeAssistant, camera: FakeCamera) -> None:
    with patch.object(FakeCamera, "async_camera_image", side_effect=ZeroDivisionError):
        assert (
            await reason_of(EntitySource(hass, {"entity_id": "camera.driveway"})) == "camera_failed"
        )


async def test_a_hanging_camera_entity_is_asked_only_once(
    hass: HomeAssistant, camera: FakeCamera
) -> None:
    source = EntitySource(hass, {"entity_id": "camera.driveway"})
    answer = asyncio.Event()

    async def hang(width: int | None = None, height: int | None = None) -> bytes:
        camera.asked += 1
        await answer.wait()
        return snapshot()

    with patch.object(camera, "async_camera_image", hang):
        assert await reason_of(source) == "camera_timeout"
        assert await reason_of(source) == "camera_timeout"
        answer.set()
        assert await source.async_fetch() == snapshot()
        assert camera.asked == 1
        answer.clear()
        assert await reason_of(source) == "camera_timeout"
        source.async_close()
