"""A real server with the real engine looks at photographs; presence, evidence and lessons are here."""

import asyncio
import json
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from camclassify_core import EngineState, Request
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.camclassify.camera.eye import sun_elevation

from .conftest import OPTIONS, PHOTOGRAPHS, FakeCamera
from .looks import look, state_of, the_camera, until

PERSON = "binary_sensor.driveway_person"
STREET = "binary_sensor.driveway_street_person"
CAMCLASSIFY = (sys.executable, "-m", "camclassify_core")

pytestmark = pytest.mark.usefixtures("socket_enabled", "quick")


async def made_home(homes: Path) -> str:
    """Make a home on the server, and return its token."""
    process = await asyncio.create_subprocess_exec(
        *(*CAMCLASSIFY, "homes", "add", "ours", "--homes", str(homes), "--json"),
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    return str(json.loads(said)["token"])


class RealServer:
    """A server in a process of its own, always at the same address."""

    def __init__(self, homes: Path) -> None:
        self.url = ""
        self._homes = homes
        self._process: Process | None = None

    async def start(self) -> None:
        port = self.url.rpartition(":")[2] or "0"
        process = self._process = await asyncio.create_subprocess_exec(
            *(*CAMCLASSIFY, "serve", "--homes", str(self._homes), "--port", port, "--json"),
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout
        async with asyncio.timeout(60):
            self.url = str(json.loads(await process.stdout.readline())["address"])

    async def kill(self) -> None:
        if self._process and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()


@pytest.fixture
def homes(tmp_path: Path) -> Path:
    return tmp_path / "homes.json"


@pytest.fixture
async def token(homes: Path) -> str:
    return await made_home(homes)


@pytest.fixture
def cameras() -> list[dict[str, Any]]:
    zone = {
        "id": "street",
        "name": "Street",
        "points": [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]],
    }
    return [
        {
            "entity_id": "camera.driveway",
            "classes": ["person"],
            "interval": 3600.0,
            "zones": [zone],
        }
    ]


@pytest.fixture
async def server(homes: Path, token: str) -> AsyncGenerator[RealServer]:
    server = RealServer(homes)
    await server.start()
    yield server
    await server.kill()


@pytest.fixture
def entry_options(server: RealServer, token: str) -> dict[str, Any]:
    return OPTIONS | {
        "server": {"url": server.url, "token": token, "verify_ssl": True, "stand_in": False}
    }


async def test_a_person_turns_on_in_the_zone_with_evidence(
    hass: HomeAssistant, person_home: MockConfigEntry
) -> None:
    await look(the_camera(person_home), 6)
    assert state_of(hass, PERSON).state == "on"
    assert state_of(hass, STREET).state == "on"
    assert the_camera(person_home).eye.looked_at is not None
    latest = the_camera(person_home).keeper.latest
    assert latest is not None
    plain = await person_home.runtime_data.evidence.async_read(latest.id, drawn=False)
    drawn = await person_home.runtime_data.evidence.async_read(latest.id)
    assert drawn is not None
    assert drawn.startswith(b"\xff\xd8\xff")
    assert drawn != plain


async def test_a_server_that_is_killed_comes_back_with_who_was_there_and_what_was_taught(
    hass: HomeAssistant, person_home: MockConfigEntry, camera: FakeCamera, server: RealServer
) -> None:
    engine = person_home.runtime_data.engine

    async def names(picture: bytes) -> list[str]:
        request = Request(sun_elevation=sun_elevation(hass))
        result = await engine.client.classify(picture, request)
        return [each.name for each in result.detections]

    dog = (PHOTOGRAPHS / "dog.jpg").read_bytes()
    found = (await engine.client.classify(dog, Request())).detections
    box = next(each.box for each in found if each.name == "dog")
    person, camera.picture = camera.picture, dog
    await look(the_camera(person_home), 2)
    for _ in range(3):
        kept = await the_camera(person_home).async_keep_snapshot()
        assert await person_home.runtime_data.lessons.async_teach(kept, "our dog", box)
    assert "our_dog" in await names(dog)
    camera.picture = person
    await look(the_camera(person_home), 6)
    assert state_of(hass, PERSON).state == "on"
    told = async_capture_events(hass, "camclassify_arrived")
    told += async_capture_events(hass, "camclassify_left")

    await server.kill()
    the_camera(person_home).async_wake()
    await until(lambda: engine.state is not EngineState.RUNNING, 20)
    assert state_of(hass, PERSON).state == "on"
    await server.start()
    await until(lambda: engine.state is EngineState.RUNNING, 20)
    await look(the_camera(person_home), 3)
    assert state_of(hass, PERSON).state == "on"
    assert told == []
    assert "our_dog" in await names(dog)
