"""A fault a minute: of a camera, of the worker, of whoever listens.

Import this only after the simulated clock is installed. A disk that is full is left to the tests
(`tests/chaos`): Home Assistant's recorder does not survive it.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

from homeassistant.core import HomeAssistant

from benchmarks.busy_home import DOMAIN, ScriptedCamera, cameras

_PERIOD = 60.0  # seconds
_RECOVERY = 60.0  # seconds after the last fault: a worker that hangs is noticed after 30
_ALIVE = 60.0  # seconds after that in which every camera is looked at and is available
_KINDS = (
    "camera raises",
    "camera hangs",
    "camera shows nothing",
    "camera shows a page",
    "engine raise",
    "engine hang",
    "engine crash",
    "listener raises",
)


@asynccontextmanager
async def faults_at_home(hass: HomeAssistant) -> AsyncIterator[Counter[str]]:
    """Let something fail every minute of the body; count what."""
    done: Counter[str] = Counter()
    task = asyncio.create_task(_fail_again_and_again(hass, done))
    try:
        yield done
    finally:
        task.cancel()
        await asyncio.wait([task])


async def not_alive(hass: HomeAssistant) -> list[str]:
    """Give the cameras time to recover; name those that were not looked at, or are unavailable."""
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    looked: set[str] = set()
    for key, camera in entry.runtime_data.cameras.items():
        camera.async_add_listener(lambda key=key: looked.add(key))
    await asyncio.sleep(_RECOVERY)
    looked.clear()
    await asyncio.sleep(_ALIVE)
    return [
        f"{key} is dead" for key, camera in entry.runtime_data.cameras.items()
        if key not in looked or not camera.available
    ]  # fmt: skip


async def _fail_again_and_again(hass: HomeAssistant, done: Counter[str]) -> None:
    chance = random.Random(1)
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    while True:
        camera, kind = chance.choice(cameras(hass)), chance.choice(_KINDS)
        done[kind] += 1
        match kind:
            case "listener raises":
                watched = chance.choice(list(entry.runtime_data.cameras.values()))
                remove = watched.async_add_listener(_raise)
                await asyncio.sleep(5)
                remove()
            case _:
                await _fault_of(camera, kind)
        await asyncio.sleep(_PERIOD - monotonic() % _PERIOD)


async def _fault_of(camera: ScriptedCamera, kind: str) -> None:
    """Once for what ends the worker, for some looks for what a camera does."""
    camera.fault = kind
    try:
        await asyncio.sleep(1.5 if kind.startswith("engine") else 8)
    finally:
        camera.fault = ""


def _raise(*_: Any) -> None:
    raise RuntimeError("a fault of who listens")
