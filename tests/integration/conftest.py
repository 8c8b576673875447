"""A home with one camera; the worker is a fake."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import PropertyMock, patch

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from homeassistant.components.camera import DOMAIN as CAMERA_DOMAIN
from homeassistant.components.camera import Camera
from homeassistant.config_entries import ConfigEntryState, ConfigSubentryDataWithId
from homeassistant.core import HomeAssistant
from homeassistant.core_config import Config
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
)

from custom_components.camclassify.const import DOMAIN, SUBENTRY_CAMERA

from .camera_server import CameraServer
from .fake_engine import FakeEngineClient, detection, snapshot
from .inference_server import InferenceServer
from .looks import look, state_of, the_camera

PHOTOGRAPHS = Path(__file__).parents[1] / "photographs"
OPTIONS = {"threads": 2, "classes": ["person", "vehicle", "animal", "delivery_truck"]}
ENTITY_CAMERA = {
    "entity_id": "camera.driveway",
    "classes": ["person", "delivery_truck"],
    "interval": 3600.0,
}


@pytest.fixture(autouse=True)
def auto_enable_custom_integrations(enable_custom_integrations: None) -> None:
    """Let Home Assistant find the integration under test."""


@pytest.fixture(autouse=True)
async def enable_event_loop_debug(monkeypatch: pytest.MonkeyPatch) -> None:
    """Watch the loop like Home Assistant's tests, but note no stacks, which took nearly half the time."""
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    monkeypatch.setattr(loop, "get_debug", lambda: False)


@pytest.fixture(autouse=True)
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test keep its snapshots in a folder of its own."""
    monkeypatch.setattr(Config, "cache_path", lambda _self, *path: str(tmp_path.joinpath(*path)))


@pytest.fixture(autouse=True)
def clock() -> Generator[None]:
    """Let half a second pass whenever somebody reads the clock, and five for who counts failures."""
    ticks, slow_ticks = count(1000.0, 0.5), count(1000.0, 5.0)
    with ExitStack() as stack:
        name = "custom_components.camclassify.camera.failures.monotonic"
        stack.enter_context(patch(name, side_effect=slow_ticks.__next__))
        for module in ("camera.eye", "camera.linked", "camera.look", "home"):
            name = f"custom_components.camclassify.{module}.monotonic"
            stack.enter_context(patch(name, side_effect=ticks.__next__))
        yield


@contextmanager
def faked_client(module: str) -> Generator[FakeEngineClient]:
    """The engine's client, as a module of the integration gets to see it."""
    from camclassify_core import EngineOptions

    fake = FakeEngineClient(EngineOptions())

    def create(options: EngineOptions) -> FakeEngineClient:
        fake.options = options
        return fake

    with patch(f"custom_components.camclassify.{module}.EngineClient", side_effect=create):
        yield fake


@pytest.fixture
async def person_home(
    hass: HomeAssistant, camera: FakeCamera, entry: MockConfigEntry
) -> AsyncGenerator[MockConfigEntry]:
    """A home whose camera shows a photograph of a person, and whose engine is none of the tests'."""
    camera.picture = (PHOTOGRAPHS / "person.jpg").read_bytes()
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    yield entry
    await hass.config_entries.async_remove(entry.entry_id)


@pytest.fixture
async def readers_end() -> AsyncGenerator[None]:
    """Wait until the readers of streams that a test closed are gone, which takes a busy machine a moment."""
    yield
    readers = {task for task in asyncio.all_tasks() if task.get_name() == "camclassify stream"}
    if readers:
        await asyncio.wait(readers, timeout=10)


@pytest.fixture
def client() -> Generator[FakeEngineClient]:
    """The client of the worker that looks at the cameras."""
    with faked_client("engine.shared") as fake:
        yield fake


@pytest.fixture(autouse=True)
def trial() -> Generator[FakeEngineClient]:
    """The client of the worker in which a bundle is tried before it is accepted."""
    with faked_client("engine.bundles") as fake:
        yield fake


class FakeCamera(Camera):
    """A camera entity whose picture the test chooses."""

    _attr_name = "Driveway"
    _attr_unique_id = "driveway"

    def __init__(self) -> None:
        super().__init__()
        self.entity_id = "camera.driveway"
        self.picture: bytes | None = snapshot()
        self.asked = 0
        self.changes = True

    async def async_camera_image(
        self, width: int | None = None, height: int | None = None
    ) -> bytes | None:
        assert (width, height) == (None, None)
        self.asked += 1
        if self.picture and self.changes:
            return self.picture + self.asked.to_bytes(4)
        return self.picture


@pytest.fixture
async def camera(hass: HomeAssistant) -> FakeCamera:
    """A camera entity in Home Assistant."""
    assert await async_setup_component(hass, CAMERA_DOMAIN, {})
    await hass.async_block_till_done()
    entity = FakeCamera()
    await hass.data["entity_components"][CAMERA_DOMAIN].async_add_entities([entity])
    return entity


@pytest.fixture
def cameras() -> list[dict[str, Any]]:
    """The subentries' data; a test may override this."""
    return [ENTITY_CAMERA]


@pytest.fixture
def entry_options() -> dict[str, Any]:
    """The options of the config entry; a test may override this."""
    return OPTIONS


@pytest.fixture
def entry(
    hass: HomeAssistant, cameras: list[dict[str, Any]], entry_options: dict[str, Any]
) -> MockConfigEntry:
    """The config entry, not set up yet."""
    mock = MockConfigEntry(
        domain=DOMAIN,
        title="CamClassify",
        options=entry_options,
        subentries_data=[
            ConfigSubentryDataWithId(
                data=data,
                subentry_id=f"camera{number}",
                subentry_type=SUBENTRY_CAMERA,
                title="Driveway" if number == 1 else f"Camera {number}",
                unique_id=data.get("entity_id") or data.get("url"),
            )
            for number, data in enumerate(cameras, 1)
        ],
    )
    mock.add_to_hass(hass)
    return mock


@pytest.fixture
async def loaded(
    hass: HomeAssistant, camera: FakeCamera, entry: MockConfigEntry, client: FakeEngineClient
) -> AsyncGenerator[MockConfigEntry]:
    """The config entry, set up with the fake engine."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    yield entry
    if entry.state is ConfigEntryState.LOADED:
        await hass.config_entries.async_unload(entry.entry_id)


@pytest.fixture
async def snapshot_id(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> str:
    """A kept snapshot of a delivery truck."""
    client.detections = (detection("delivery_truck"),)
    await look(the_camera(loaded), 6)
    events = state_of(hass, "event.driveway_arrivals_and_departures")
    return str(events.attributes["snapshot_id"])


@pytest.fixture
async def server(
    aiohttp_server: Callable[[web.Application], Awaitable[TestServer]], socket_enabled: None
) -> CameraServer:
    """A camera with an address."""
    camera_server = CameraServer()
    running = await aiohttp_server(camera_server.app())
    camera_server.url = str(running.make_url("/snapshot.jpg"))
    return camera_server


@pytest.fixture
async def inference(
    aiohttp_server: Callable[[web.Application], Awaitable[TestServer]], socket_enabled: None
) -> InferenceServer:
    """A server that looks in place of this machine."""
    server = InferenceServer()
    running = await aiohttp_server(server.app())
    server.url = str(running.make_url("/")).rstrip("/")
    return server


@pytest.fixture
def quick() -> Generator[None]:
    """Let a server be tried again, and given up, as soon as a test can wait."""
    with ExitStack() as stack:
        module = "custom_components.camclassify.engine"
        for name, seconds in (
            ("remote_engine._TRY_EVERY", 0.02),
            ("remote_engine.HOLD_SECONDS", 0.1),
            ("remote_engine._PERSISTS", 0.1),
            ("server_connection._PAUSE", 0.01),
            ("server_watch.TRY_EVERY", 0.02),
            ("stand_in.PATIENCE", 0.05),
            ("stand_in._TRY_EVERY", 0.05),
        ):
            stack.enter_context(patch(f"{module}.{name}", seconds))
        yield


@pytest.fixture
def all_entities() -> Generator[None]:
    """Enable the entities that are off by default, too."""
    with patch(
        "homeassistant.helpers.entity.Entity.entity_registry_enabled_default",
        new_callable=PropertyMock(return_value=True),
    ):
        yield
