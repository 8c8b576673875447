"""A fault a minute: of a camera, of the worker, of whoever listens; besides, cameras are away in turns.

A camera that fails for less than ten seconds must not be lost; one that was away for ten minutes must be back
within five seconds.

Import this only after the simulated clock is installed. A disk that is full is left to the tests
(`tests/chaos`): Home Assistant's recorder does not survive it.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import cycle
from math import inf
from time import monotonic
from typing import Any

from homeassistant.core import HomeAssistant

from benchmarks.busy_home import DOMAIN, ScriptedCamera, cameras

_PERIOD = 60.0  # seconds
_RECOVERY = 60.0  # seconds after the last fault: a worker that hangs is noticed after 30
_AWAY = 600.0  # seconds
_BACK_WITHIN = 5.0  # seconds after a camera answers again
_SETTLED = 120.0  # seconds after a fault of the engine, which may take down any camera
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


class Faults:
    """What failed (`done`), and what came of it that should not have (`wrong`)."""

    def __init__(self) -> None:
        self.done: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.engine_failed_at = -inf


@asynccontextmanager
async def faults_at_home(hass: HomeAssistant) -> AsyncIterator[Faults]:
    """Let something fail every minute of the body."""
    faults = Faults()
    tasks = [
        asyncio.create_task(fail(hass, faults))
        for fail in (_fail_again_and_again, _go_away_in_turns)
    ]
    try:
        yield faults
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


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


async def _fail_again_and_again(hass: HomeAssistant, faults: Faults) -> None:
    chance = random.Random(1)
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    while True:
        camera, kind = chance.choice(cameras(hass)), chance.choice(_KINDS)
        if not camera.fault:
            faults.done[kind] += 1
            match kind:
                case "listener raises":
                    watched = chance.choice(list(entry.runtime_data.cameras.values()))
                    remove = watched.async_add_listener(_raise)
                    await asyncio.sleep(5)
                    remove()
                case _:
                    await _fault_of(hass, camera, kind, faults)
        await asyncio.sleep(_PERIOD - monotonic() % _PERIOD)


async def _fault_of(hass: HomeAssistant, camera: ScriptedCamera, kind: str, faults: Faults) -> None:
    """Once for what ends the worker, for some looks for what a camera does."""
    is_of_engine = kind.startswith("engine")
    if is_of_engine:
        faults.engine_failed_at = monotonic()
    with _noting_loss(hass, camera, faults):
        camera.fault = kind
        try:
            await asyncio.sleep(1.5 if is_of_engine else 8)
        finally:
            camera.fault = ""
        await asyncio.sleep(30)


@contextmanager
def _noting_loss(hass: HomeAssistant, camera: ScriptedCamera, faults: Faults) -> Iterator[None]:
    """Note it as wrong if the camera is lost meanwhile, unless the engine did it."""
    watched = _watched(hass, camera)

    def note() -> None:
        if watched.failures.lost and monotonic() - faults.engine_failed_at > _SETTLED:
            faults.wrong.append(f"{camera.entity_id} was lost at {monotonic():.0f} s")

    remove = watched.async_add_listener(note)
    try:
        yield
    finally:
        remove()


async def _go_away_in_turns(hass: HomeAssistant, faults: Faults) -> None:
    """Let one camera after the other be away, and see it come back."""
    for camera in cycle(cameras(hass)):
        if camera.fault:
            await asyncio.sleep(_PERIOD)
            continue
        faults.done["camera is away"] += 1
        camera.fault = "camera raises"
        try:
            await asyncio.sleep(_AWAY)
        finally:
            camera.fault = ""
        took = await _until_back(_watched(hass, camera))
        if took > _BACK_WITHIN and monotonic() - faults.engine_failed_at > _SETTLED:
            faults.wrong.append(f"{camera.entity_id} was back only after {took:.1f} s")


async def _until_back(watched: Any) -> float:
    """Wait until a camera is not lost any more; return the seconds that took."""
    began = monotonic()
    back = asyncio.Event()

    def note() -> None:
        if not watched.failures.lost:
            back.set()

    remove = watched.async_add_listener(note)
    if watched.failures.lost:
        await back.wait()
    remove()
    return monotonic() - began


def _watched(hass: HomeAssistant, camera: ScriptedCamera) -> Any:
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    return entry.runtime_data.cameras[camera.subentry_id]


def _raise(*_: Any) -> None:
    raise RuntimeError("a fault of who listens")
