"""The way of HACS: a copy of the integration alone, whose package Home Assistant gets from an index."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import cycle
from pathlib import Path

import pytest
from aiohttp import web

from demo.add_cameras import expect
from demo.api import Client
from demo.instance import ROOT, free_port, running, store, store_http

from .serving import serving

FRAMES = sorted((ROOT / "demo/footage/driveway").glob("*.jpg"))
PERSON = "binary_sensor.driveway_person"


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """The Python of an environment with Home Assistant, in which nothing of ours is."""
    uv = shutil.which("uv")
    assert uv, "uv is missing: script/test puts it on PATH"
    environment = tmp_path / "environment"
    python = environment / "bin" / "python"
    requirements = ROOT / "script/requirements/product.txt"
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, environment], check=True)
    subprocess.run([uv, "pip", "install", "-q", "--python", python, "-r", requirements], check=True)
    found = subprocess.run([python, "-c", "import camclassify_core"], capture_output=True)
    assert found.returncode != 0
    return python


async def test_home_assistant_gets_the_package_itself_and_sees_a_person(
    tmp_path: Path, python: Path
) -> None:
    config, port = tmp_path / "config", free_port()
    _install(config, port)
    async with _package_index() as index, _camera() as address:
        # Searched before the one that Home Assistant asks otherwise, which has what ours requires.
        environment = {"UV_INDEX": index}
        async with running(config, port, python=python, environment=environment) as client:
            await _add_camera(client, address)
            async with asyncio.timeout(60):
                while await client.entity_state(PERSON) != "on":
                    await asyncio.sleep(0.2)
    assert list((python.parents[1] / "lib").glob("*/site-packages/camclassify_core/_core*.so"))


def _install(config: Path, port: int) -> None:
    """Do what HACS does with a new Home Assistant: copy a folder."""
    shutil.copytree(
        ROOT / "custom_components/camclassify",
        config / "custom_components/camclassify",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    (config / "configuration.yaml").write_text("config:\n")
    store_http(config, port)
    store(config, "onboarding", 4, {"done": ["core_config", "analytics", "integration"]})


async def _add_camera(client: Client, address: str) -> None:
    path = "/api/config/config_entries/flow"
    flow = await client.post(path, {"handler": "camclassify"})
    expect(flow, "form")
    entry = await client.post(f"{path}/{flow['flow_id']}", {"classes": ["person"], "threads": 1})
    expect(entry, "create_entry")
    path = f"/api/config/config_entries/subentries/flow/{entry['next_flow'][1]}"
    expect(await client.post(path, {"next_step_id": "address"}), "form")
    camera = {"name": "Driveway", "url": address, "classes": ["person"], "interval": 0.5}
    expect(await client.post(path, camera), "form", step="confirm")
    expect(await client.post(path, {}), "create_entry")


@asynccontextmanager
async def _package_index() -> AsyncIterator[str]:
    """An index (PEP 503) that has our wheel and nothing else."""
    (wheel,) = (ROOT / "build/wheel").glob("*.whl")

    async def page(_request: web.Request) -> web.Response:
        link = f'<a href="/files/{wheel.name}">{wheel.name}</a>'
        return web.Response(text=f"<!DOCTYPE html>{link}", content_type="text/html")

    app = web.Application()
    app.router.add_get("/simple/camclassify/", page)
    app.router.add_static("/files", wheel.parent)
    async with serving(app) as address:
        yield f"{address}/simple"


@asynccontextmanager
async def _camera() -> AsyncIterator[str]:
    """A camera that shows the next frame of the driveway whenever it is asked."""
    frames = cycle(FRAMES)

    async def snapshot(_request: web.Request) -> web.Response:
        return web.Response(body=next(frames).read_bytes(), content_type="image/jpeg")

    app = web.Application()
    app.router.add_get("/snapshot.jpg", snapshot)
    async with serving(app) as address:
        yield f"{address}/snapshot.jpg"
