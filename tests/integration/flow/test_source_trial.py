"""Choosing between snapshots and stream: both are tried in the flow, with a real server and real readers."""

import asyncio
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from homeassistant.components.camera import CameraEntityFeature
from homeassistant.config_entries import SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.camclassify.flow import source_trial, subentry
from tests.rtsp_server import RtspServer, make_clip

from ..conftest import FakeCamera
from ..fake_engine import FakeEngineClient
from .test_subentry import ADDRESS, COMMON, begin, shown_in, submit


@pytest.fixture
def cameras() -> list[dict[str, Any]]:
    """Begin without cameras."""
    return []


@pytest.fixture(autouse=True)
def clock() -> None:
    """Let time pass as it does."""


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try everything for a shorter time."""
    for name, seconds in (("_SNAPSHOTS_FOR", 1.0), ("_AWAKE_FOR", 1.0), ("_ASLEEP_FOR", 2.5)):
        monkeypatch.setattr(source_trial, name, seconds)


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A camera's two streams."""
    folder = tmp_path_factory.mktemp("clips")
    return {
        "main": make_clip(folder / "main-h264.mp4", size=(1280, 720), seconds=12),
        "sub": make_clip(folder / "sub-h264.mp4", size=(640, 360), seconds=12),
    }


@pytest.fixture
def rtsp(clips: dict[str, Path], socket_enabled: None, readers_end: None) -> Generator[RtspServer]:
    with RtspServer(clips) as server:
        yield server


class StreamingCamera(FakeCamera):
    """A camera entity with a stream."""

    _attr_supported_features = CameraEntityFeature.STREAM

    def __init__(self, name: str, url: str, *, seconds: float) -> None:
        super().__init__()
        self._attr_unique_id = name
        self.entity_id = f"camera.{name}"
        self._url, self._seconds = url, seconds

    async def stream_source(self) -> str:
        return self._url

    async def async_camera_image(
        self, width: int | None = None, height: int | None = None
    ) -> bytes | None:
        await asyncio.sleep(self._seconds)
        return await super().async_camera_image(width, height)


async def add(hass: HomeAssistant, *cameras: StreamingCamera, battery: bool = False) -> None:
    """Add the camera entities of one device."""
    await hass.data["entity_components"]["camera"].async_add_entities(cameras)
    owner = MockConfigEntry(domain="other")
    owner.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=owner.entry_id, identifiers={("other", "1")}
    )
    registry = er.async_get(hass)
    for each in cameras:
        registry.async_update_entity(each.entity_id, device_id=device.id)
    if battery:
        registry.async_get_or_create(
            "sensor",
            "other",
            "battery",
            device_id=device.id,
            config_entry=owner,
            original_device_class="battery",
        )


async def measured(hass: HomeAssistant, flow: SubentryFlowResult) -> SubentryFlowResult:
    """Wait until everything was tried."""
    assert flow["type"] is FlowResultType.SHOW_PROGRESS
    assert flow["progress_action"] == "measure"
    while "previews" not in (flow["description_placeholders"] or {}):
        await asyncio.sleep(0.1)
        flow = await hass.config_entries.subentries.async_configure(flow["flow_id"])
    assert flow["step_id"] == "confirm"
    return flow


def kept(entry: MockConfigEntry) -> dict[str, Any]:
    (found,) = entry.subentries.values()
    return dict(found.data)


async def test_slow_snapshots_are_left_for_the_smaller_stream_and_the_figures_shown(
    hass: HomeAssistant, loaded: MockConfigEntry, rtsp: RtspServer
) -> None:
    main = StreamingCamera("main", rtsp.url("main"), seconds=0.6)
    sub = StreamingCamera("sub", rtsp.url("sub"), seconds=0.6)
    await add(hass, main, sub)
    flow = await begin(hass, loaded, "entities")
    flow = await submit(hass, flow, entity_id=["camera.main"], **COMMON)
    flow = await measured(hass, flow)
    shown = shown_in(flow, "previews")
    assert "▶ 640x360, " in shown
    assert "(camera.sub)" in shown
    assert "· JPEG, " in shown
    assert (await submit(hass, flow))["type"] is FlowResultType.CREATE_ENTRY
    sub_id = er.async_resolve_entity_id(er.async_get(hass), kept(loaded)["stream_entity"])
    assert sub_id == "camera.sub"
    assert kept(loaded)["streams"] is True
    await hass.config_entries.async_unload(loaded.entry_id)


async def test_fast_and_cheap_snapshots_are_kept(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    rtsp: RtspServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(source_trial, "process_time", lambda: 0.0)
    await add(hass, StreamingCamera("sub", rtsp.url("sub"), seconds=0.0))
    flow = await begin(hass, loaded, "entities")
    flow = await submit(hass, flow, entity_id=["camera.sub"], **COMMON)
    flow = await measured(hass, flow)
    assert "▶ JPEG, " in shown_in(flow, "previews")
    assert (await submit(hass, flow))["type"] is FlowResultType.CREATE_ENTRY
    assert "streams" not in kept(loaded)


@pytest.mark.parametrize("why", ["battery", "only when woken", "snapshots wanted"])
async def test_some_cameras_are_not_streamed_unless_that_is_chosen(
    hass: HomeAssistant, loaded: MockConfigEntry, rtsp: RtspServer, why: str
) -> None:
    camera = StreamingCamera("sub", rtsp.url("sub"), seconds=0.0)
    await add(hass, camera, battery=why == "battery")
    hass.states.async_set("binary_sensor.motion", "off")
    wanted = COMMON | {
        "only_when_woken": why == "only when woken",
        "linked": ["binary_sensor.motion"],
        "source": "snapshots" if why == "snapshots wanted" else "automatic",
    }
    flow = await begin(hass, loaded, "entities")
    flow = await submit(hass, flow, entity_id=["camera.sub"], **wanted)
    assert flow["step_id"] == "confirm"
    await submit(hass, flow)
    assert "streams" not in kept(loaded)


async def test_a_stream_that_was_chosen_is_what_is_shown(
    hass: HomeAssistant, loaded: MockConfigEntry, rtsp: RtspServer, client: FakeEngineClient
) -> None:
    camera = StreamingCamera("sub", rtsp.url("sub"), seconds=0.0)
    await add(hass, camera, battery=True)
    flow = await begin(hass, loaded, "entities")
    flow = await submit(hass, flow, entity_id=["camera.sub"], **COMMON | {"source": "stream"})
    assert camera.asked == 0
    assert len(client.encoded) == 1
    flow = await measured(hass, flow)
    assert (await submit(hass, flow))["type"] is FlowResultType.CREATE_ENTRY
    assert kept(loaded)["streams"] is True
    await hass.config_entries.async_unload(loaded.entry_id)


async def test_the_address_of_a_stream_is_one_whatever_is_chosen(
    hass: HomeAssistant, loaded: MockConfigEntry, rtsp: RtspServer
) -> None:
    flow = await begin(hass, loaded, "address")
    address = ADDRESS | {"url": rtsp.url("sub")}
    flow = await submit(hass, flow, name="Drive", **address, **COMMON)
    assert flow["step_id"] == "confirm"
    assert (await submit(hass, flow))["type"] is FlowResultType.CREATE_ENTRY
    assert kept(loaded)["streams"] is True
    await hass.config_entries.async_unload(loaded.entry_id)


async def test_what_is_wrong_with_a_stream_is_told_in_the_form(
    hass: HomeAssistant, loaded: MockConfigEntry, rtsp: RtspServer
) -> None:
    flow = await begin(hass, loaded, "address")
    address = ADDRESS | {"url": rtsp.url("nothing")}
    flow = await submit(hass, flow, name="Drive", **address, **COMMON)
    assert flow["errors"] == {"base": "stream_not_found"}


async def test_without_pyav_there_are_snapshots_only(
    hass: HomeAssistant, loaded: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subentry, "can_read_streams", lambda: False)
    flow = await begin(hass, loaded, "address")
    schema = flow["data_schema"]
    assert schema
    assert "source" not in {str(each) for each in schema.schema}
    without = {key: value for key, value in COMMON.items() if key != "source"}
    address = ADDRESS | {"url": "rtsp://camera.local/sub"}
    flow = await submit(hass, flow, name="Drive", **address, **without)
    assert flow["errors"] == {"url": "stream_support_missing"}
