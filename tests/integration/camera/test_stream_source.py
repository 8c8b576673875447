"""Cameras that are streams: a real server, a real reader, and an engine that only answers."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Generator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from camclassify_core import StreamFrame
from homeassistant.components.camera import CameraEntityFeature
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.camclassify.camera.look import WatchedCamera
from custom_components.camclassify.camera.picture import SnapshotUnavailable
from custom_components.camclassify.camera.stream_source import StreamSource
from custom_components.camclassify.diagnostics import async_get_config_entry_diagnostics
from custom_components.camclassify.issues import NO_PICTURE_ISSUES
from tests.rtsp_server import RtspServer, make_clip

from ..conftest import ENTITY_CAMERA, FakeCamera
from ..fake_engine import FakeEngineClient, detection, snapshot
from ..looks import state_of, the_camera

PASSWORD = "s3cret"
PERSON = "binary_sensor.driveway_person"


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half a minute of a driveway on which nobody is."""
    file = tmp_path_factory.mktemp("clips") / "h264.mp4"
    return make_clip(file, size=(640, 360), seconds=30)


@pytest.fixture
def rtsp(clip: Path, socket_enabled: None, readers_end: None) -> Generator[RtspServer]:
    """A camera that speaks RTSP."""
    with RtspServer({"drive": clip}, user=f"me:{PASSWORD}") as server:
        yield server


@pytest.fixture(autouse=True)
def clock() -> None:
    """Let time pass as it does: what reads the stream is another process."""


@pytest.fixture
def cameras() -> list[dict[str, Any]]:
    return [ENTITY_CAMERA | {"interval": 1.0, "source": "stream", "streams": True}]


@pytest.fixture
def camera(camera: FakeCamera, rtsp: RtspServer) -> FakeCamera:
    """The camera entity has a stream."""
    camera._attr_supported_features = CameraEntityFeature.STREAM
    url = rtsp.url("drive").replace("://", f"://me:{PASSWORD}@")

    async def stream_source() -> str:
        return url

    camera.stream_source = stream_source  # type: ignore[method-assign]
    return camera


@pytest.fixture
async def streaming(
    hass: HomeAssistant, camera: FakeCamera, entry: MockConfigEntry, client: FakeEngineClient
) -> AsyncGenerator[WatchedCamera]:
    """The camera, looked at."""
    client.gate_is_open = False
    assert await hass.config_entries.async_setup(entry.entry_id)
    watched = the_camera(entry)
    await until(lambda: watched.eye.last)
    watched.pacer._alert_until = 0.0  # the first look is always one at something new
    await until(lambda: watched.eye.last and watched.eye.last.frame > 2)
    yield watched
    if entry.state is ConfigEntryState.LOADED:
        await hass.config_entries.async_unload(entry.entry_id)
    await until(lambda: not client.followed)


async def until(holds: Callable[[], object], seconds: float = 15.0) -> float:
    """Wait until something holds; return how long that took."""
    began = monotonic()
    while not holds():
        assert monotonic() - began < seconds, "it takes too long"
        await asyncio.sleep(0.02)
    return monotonic() - began


def looks_at(client: FakeEngineClient) -> list[int]:
    """Return the numbers of the frames that were classified."""
    return [frame.number for frame, _ in client.requests if isinstance(frame, StreamFrame)]


async def test_asleep_each_key_frame_is_looked_at_once_and_no_snapshot_is_fetched(
    streaming: WatchedCamera, client: FakeEngineClient, camera: FakeCamera
) -> None:
    client.requests.clear()
    await asyncio.sleep(4.5)
    numbers = looks_at(client)
    assert 2 <= len(numbers) <= 3
    assert len(set(numbers)) == len(numbers)
    assert camera.asked == 0


async def test_awake_it_is_looked_at_five_times_a_second_and_later_seldom_again(
    streaming: WatchedCamera, client: FakeEngineClient
) -> None:
    streaming.pacer.wake(monotonic())
    streaming.async_wake()
    await asyncio.sleep(1.0)
    client.requests.clear()
    await asyncio.sleep(3.0)
    assert 12 <= len(looks_at(client)) <= 17
    streaming.pacer.rest(0.0)
    await asyncio.sleep(1.5)
    client.requests.clear()
    await asyncio.sleep(4.5)
    assert len(looks_at(client)) <= 4


async def test_a_sensor_that_wakes_the_camera_has_it_look_at_what_is_there_now(
    streaming: WatchedCamera, client: FakeEngineClient
) -> None:
    before = len(client.requests)
    streaming.pacer.wake(monotonic())
    streaming.async_wake()
    assert await until(lambda: len(client.requests) > before) < 0.7
    last = streaming.eye.last
    assert last
    assert monotonic() - last.taken.monotonic < 1.0


async def test_the_evidence_is_the_very_frame(
    hass: HomeAssistant, streaming: WatchedCamera, client: FakeEngineClient, entry: MockConfigEntry
) -> None:
    client.gate_is_open = True
    client.detections = (detection("person"),)
    await until(lambda: state_of(hass, PERSON).state == "on")
    await until(lambda: streaming.keeper.latest)
    latest = streaming.keeper.latest
    assert latest
    plain = await entry.runtime_data.evidence.async_read(latest.id, drawn=False)
    assert plain in {snapshot(frame.number) for frame in client.encoded}


async def test_nothing_is_encoded_while_nobody_is_there(
    streaming: WatchedCamera, client: FakeEngineClient
) -> None:
    await asyncio.sleep(2.5)
    assert client.encoded == []
    assert await streaming.async_picture() is not None
    assert len(client.encoded) == 1


def repairs(hass: HomeAssistant) -> list[str | None]:
    """Return the reasons of the repairs that tell of missing pictures."""
    issues = ir.async_get(hass).issues.values()
    return [each.translation_key for each in issues if each.translation_key in NO_PICTURE_ISSUES]


async def test_a_camera_that_goes_is_unavailable_after_ten_seconds_and_back_at_once(
    hass: HomeAssistant,
    streaming: WatchedCamera,
    rtsp: RtspServer,
    clip: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    rtsp.kill()
    assert 8.0 < await until(lambda: not streaming.available) <= 10.5
    assert repairs(hass) == ["stream_refused"]
    with RtspServer({"drive": clip}, user=f"me:{PASSWORD}", port=rtsp.port):
        assert await until(lambda: streaming.available) < 5.0
    assert repairs(hass) == []
    assert caplog.text.count("No snapshot of Driveway") == 1
    assert PASSWORD not in caplog.text


async def test_a_camera_that_goes_for_a_moment_changes_nothing(
    streaming: WatchedCamera, rtsp: RtspServer
) -> None:
    rtsp.hang()
    await asyncio.sleep(5.0)
    assert streaming.available
    rtsp.go_on()
    frame = streaming.eye.last.frame if streaming.eye.last else 0
    await until(lambda: streaming.eye.last and streaming.eye.last.frame > frame)
    assert streaming.available


async def test_no_password_is_in_diagnostics_and_logs(
    hass: HomeAssistant,
    streaming: WatchedCamera,
    entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    await asyncio.sleep(2.0)
    told = await async_get_config_entry_diagnostics(hass, entry)
    assert PASSWORD not in str(told)
    assert PASSWORD not in caplog.text


async def test_a_camera_that_is_only_looked_at_when_woken_is_not_streamed_before(
    streaming: WatchedCamera, client: FakeEngineClient
) -> None:
    source = streaming._source
    assert isinstance(source, StreamSource)
    source.async_follow(None, awake=False)
    assert source.newest is None
    await until(lambda: not client.followed)


async def test_an_entity_that_is_gone_and_one_without_a_stream_are_told_apart(
    hass: HomeAssistant, camera: FakeCamera
) -> None:
    gone = StreamSource(hass, {"entity_id": "0123456789abcdef0123456789abcdef"})
    with pytest.raises(SnapshotUnavailable) as caught:
        await gone.async_fetch()
    assert caught.value.reason == "camera_gone"

    async def stream_source() -> None:
        return None

    camera.stream_source = stream_source  # type: ignore[method-assign]
    with pytest.raises(SnapshotUnavailable) as caught:
        await StreamSource(hass, {"entity_id": "camera.driveway"}).async_fetch()
    assert caught.value.reason == "camera_without_stream"


async def test_an_entity_that_cannot_say_where_its_stream_is_says_no_secret(
    hass: HomeAssistant, camera: FakeCamera
) -> None:
    async def stream_source() -> str:
        raise RuntimeError(f"rtsp://me:{PASSWORD}@camera is away")

    camera.stream_source = stream_source  # type: ignore[method-assign]
    with pytest.raises(SnapshotUnavailable) as caught:
        await StreamSource(hass, {"entity_id": "camera.driveway"}).async_fetch()
    assert PASSWORD not in str(caught.value) + str(caught.value.placeholders)
