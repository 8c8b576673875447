"""A Home Assistant with many scripted cameras, and a count of all that it holds.

Import this only after the simulated clock is installed.
"""

import asyncio
import ctypes
import gc
import resource
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from functools import partial
from pathlib import Path
from time import time
from types import MappingProxyType
from typing import override
from unittest.mock import patch

from camclassify_core import EngineClient, EngineUnavailable
from camclassify_core.worker.process import WorkerProcess
from camclassify_core.worker.protocol import Call, Message
from homeassistant.bootstrap import async_setup_hass
from homeassistant.components.camera import Camera
from homeassistant.components.recorder import get_instance
from homeassistant.config_entries import SOURCE_USER, ConfigEntry, ConfigSubentryDataWithId
from homeassistant.core import HomeAssistant
from homeassistant.runner import RuntimeConfig, configure_event_loop

from benchmarks.inventory import KEPT_SNAPSHOTS, Inventory
from benchmarks.scripted_home import WORKER_COMMAND, Script
from benchmarks.simulated_time import SimulatedClock
from demo.instance import ROOT, free_port, store_http

DOMAIN = "camclassify"
CLASSES = ["person", "vehicle", "car"]

_PATIENCE = 2.0  # real seconds that the worker gets to answer, until time goes on without it

_CONFIGURATION = """
homeassistant: {name: Soak, latitude: 48.2, longitude: 16.4, time_zone: UTC}
camera:
history:
logbook:
recorder: {commit_interval: 5}
"""
_DRIVEWAY = {
    "id": "driveway",
    "name": "Driveway",
    "points": [[0.0, 0.3], [1.0, 0.3], [1.0, 1.0], [0.0, 1.0]],
}


class ScriptedCamera(Camera):
    """A camera entity that shows what its script says."""

    def __init__(self, script: Script) -> None:
        super().__init__()
        self.entity_id = f"camera.number_{script.number}"
        self._attr_unique_id = f"number-{script.number}"
        self._attr_name = f"Number {script.number}"
        self.subentry_id = f"camera{script.number}"
        self._script = script
        self.fault = ""

    @override
    async def async_camera_image(
        self, width: int | None = None, height: int | None = None
    ) -> bytes | None:
        fault = self.fault
        if fault.startswith("engine"):
            self.fault = ""  # one snapshot is enough
        match fault:
            case "camera raises":
                raise ValueError("a fault of the camera")
            case "camera hangs":
                await asyncio.sleep(20)
            case "camera shows nothing":
                return None
            case "camera shows a page":
                return b"<html>"
        return self._script.snapshot(time(), fault.removeprefix("engine "))


@asynccontextmanager
async def busy_home(
    folder: Path, clock: SimulatedClock, scripts: list[Script], interval: float
) -> AsyncIterator[HomeAssistant]:
    """Run a Home Assistant that looks at the scripted cameras. Its clock runs in the body only.

    `interval`: seconds between looks while nothing happens.
    """
    ask = WorkerProcess.ask

    async def held_ask(process: WorkerProcess, call: Call, timeout: float) -> Message:
        with clock.held(_PATIENCE):
            return await ask(process, call, timeout)

    client = partial(EngineClient, command=WORKER_COMMAND)
    with (
        patch.object(WorkerProcess, "ask", held_ask),
        patch(f"custom_components.{DOMAIN}.engine.shared.EngineClient", client),
    ):
        with clock.held():
            hass = await _start(folder, scripts, interval)
        try:
            yield hass
        finally:
            with clock.held():
                await hass.async_stop()


def cameras(hass: HomeAssistant) -> list[ScriptedCamera]:
    """The camera entities."""
    return [
        each
        for each in hass.data["entity_components"]["camera"].entities
        if isinstance(each, ScriptedCamera)
    ]


async def count(hass: HomeAssistant, folder: Path) -> Inventory:
    """Count all that the home holds, after the recorder has written what it has."""
    await get_instance(hass).async_block_till_done()
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    while True:
        try:
            worker = await entry.runtime_data.engine.client.statistics()
            break
        except EngineUnavailable:  # a fault of the moment
            await asyncio.sleep(1)
    tasks = len(asyncio.all_tasks())
    return await hass.async_add_executor_job(_count, folder, worker.rss, tasks)


async def _start(folder: Path, scripts: list[Script], interval: float) -> HomeAssistant:
    configure_event_loop(asyncio.get_running_loop())
    (folder / "custom_components").mkdir()
    (folder / "custom_components" / DOMAIN).symlink_to(ROOT / "custom_components" / DOMAIN)
    (folder / "configuration.yaml").write_text(_CONFIGURATION)
    store_http(folder, free_port())
    hass = await async_setup_hass(RuntimeConfig(config_dir=str(folder), skip_pip=True))
    assert hass is not None
    await hass.async_start()
    await hass.data["entity_components"]["camera"].async_add_entities(
        [ScriptedCamera(script) for script in scripts]
    )
    await hass.config_entries.async_add(_entry(scripts, interval))
    await hass.async_block_till_done()
    return hass


def _entry(scripts: list[Script], interval: float) -> ConfigEntry:
    return ConfigEntry(
        version=1,
        minor_version=1,
        domain=DOMAIN,
        title="CamClassify",
        source=SOURCE_USER,
        unique_id=None,
        data={},
        options={"threads": 1, "classes": CLASSES, "keep_count": KEPT_SNAPSHOTS},
        discovery_keys=MappingProxyType({}),
        subentries_data=[
            ConfigSubentryDataWithId(
                subentry_id=f"camera{script.number}",
                subentry_type="camera",
                title=f"Number {script.number}",
                unique_id=None,
                data={
                    "entity_id": f"camera.number_{script.number}",
                    "classes": CLASSES,
                    "interval": interval,
                    "zones": [_DRIVEWAY],
                },
            )
            for script in scripts
        ],
    )


class _MallocInfo(ctypes.Structure):
    """What glibc's mallinfo2 tells of all arenas together."""

    _fields_ = [
        ("other", ctypes.c_size_t * 8),
        ("fordblks", ctypes.c_size_t),  # bytes that are free
        ("keepcost", ctypes.c_size_t),
    ]


def _unused_bytes() -> int:
    mallinfo2 = ctypes.CDLL(None).mallinfo2
    mallinfo2.restype = _MallocInfo
    return int(mallinfo2().fordblks)


def _count(folder: Path, worker_bytes: int, tasks: int) -> Inventory:
    gc.collect()
    with closing(sqlite3.connect(folder / "home-assistant_v2.db")) as database:
        rows = [
            database.execute(f"select count(*) from {table}").fetchone()[0]
            for table in ("states", "events")
        ]
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return Inventory(
        memory_mb=pages * resource.getpagesize() / 1e6,
        database_mb=ctypes.CDLL("libsqlite3.so.0").sqlite3_memory_used() / 1e6,
        unused_mb=_unused_bytes() / 1e6,
        worker_mb=worker_bytes / 1e6,
        objects=len(gc.get_objects()),
        tasks=tasks,
        threads=threading.active_count(),
        descriptors=len(list(Path("/proc/self/fd").iterdir())),
        files=sum(path.is_file() for path in folder.rglob("*")),
        states=rows[0],
        events=rows[1],
    )
