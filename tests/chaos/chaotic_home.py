"""A home in which everything can go wrong: a real Home Assistant, fake cameras, a foul worker.

Import this only after the simulated clock is installed. `check` holds what must be true whatever happens.
"""

import asyncio
import json
import logging
import os
import resource
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from itertools import count
from pathlib import Path
from time import monotonic
from types import MappingProxyType
from typing import Any
from unittest.mock import AsyncMock, patch

from camclassify_core import EngineClient, EngineState
from camclassify_core.worker.process import WORKER_COMMAND, WorkerProcess
from camclassify_core.worker.protocol import Call, Message
from homeassistant.components.http import HomeAssistantHTTP
from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigEntryDisabler,
    ConfigEntryState,
    ConfigSubentry,
    ConfigSubentryDataWithId,
)
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.setup import async_setup_component
from homeassistant.util.async_ import get_scheduled_timer_handles
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_test_home_assistant

from benchmarks.simulated_time import SimulatedClock
from custom_components.camclassify.camera.look import LOOK_TIMEOUT, WatchedCamera
from custom_components.camclassify.camera.source import EntitySource
from custom_components.camclassify.const import (
    DOMAIN,
    EVENT_ARRIVED,
    SUBENTRY_CAMERA,
    WHOLE_FRAME_ZONE,
)

from .fake_camera import FakeCamera
from .told_log import ToldLog

ROOT = Path(__file__).parents[2]
WORKER = (WORKER_COMMAND[0], str(Path(__file__).with_name("foul_worker.py")))
CLASSES = ["person", "vehicle", "car"]
INTERVAL = 2.0

# Real seconds that the worker gets to answer before time goes on without it: one that was told to
# misbehave, and one that has no reason not to answer, however busy the machine is. And to end.
_PATIENCE = 0.25
_LONG_PATIENCE = 20.0
_LAST_PATIENCE = 1.0
# Seconds: the back-off, then a look that takes as long as it may, and what a busy home adds.
_LOOKED_AT_WITHIN = 2 * LOOK_TIMEOUT + 5.0
_MOST_POLLS = 100
_SETTLED = 100.0  # seconds after the last fault until the engine is as it should be


class ChaoticHome:
    """Runs Home Assistant again and again in one folder, and remembers what must not happen."""

    def __init__(self, folder: Path, clock: SimulatedClock) -> None:
        self._folder = folder
        self._clock = clock
        self._stack = AsyncExitStack()
        self._numbers = count(1)
        self._descriptors = len(os.listdir("/proc/self/fd"))
        self.cameras: dict[str, FakeCamera] = {}
        self.options: dict[str, Any] = {"threads": 1, "classes": CLASSES}
        self.titles: dict[str, str] = {}
        self.told: set[tuple[str, int, str]] = set()
        self.told_ever: set[tuple[str, int, str]] = set()
        self.arrivals: Counter[tuple[str, str]] = Counter()
        self.arrivals_in_all = 0
        self.disk_is_full = False
        self.faulty_at = monotonic()
        self.log = ToldLog()
        self._wrong: list[str] = []  # what an event told; what a listener raises is only logged
        self.hass: HomeAssistant
        self.entry: MockConfigEntry

    # What can be done to it.

    async def start(self) -> None:
        """Start Home Assistant with the cameras that there are."""
        # The clock runs in the steps only, not while Home Assistant itself starts and stops.
        with self._clock.held():
            self.hass = await self._stack.enter_async_context(
                async_test_home_assistant(config_dir=str(self._folder))
            )
            self.hass.data.pop("custom_components", None)
            for logger in (f"custom_components.{DOMAIN}", "camclassify_core"):
                logging.getLogger(logger).addHandler(self.log)
                logging.getLogger(logger).setLevel(logging.INFO)
            self.hass.bus.async_listen(EVENT_ARRIVED, self._note_arrival)
            async_dispatcher_connect(self.hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._note_entry)
            assert await async_setup_component(self.hass, "camera", {})
            self.entry = MockConfigEntry(
                domain=DOMAIN,
                entry_id="chaos",
                title="CamClassify",
                options=dict(self.options),
                subentries_data=[
                    ConfigSubentryDataWithId(
                        data=self._data(key),
                        subentry_id=key,
                        subentry_type=SUBENTRY_CAMERA,
                        title=self.titles[key],
                        unique_id=f"camera.{key}",
                    )
                    for key in self.cameras
                ],
            )
            self.entry.add_to_hass(self.hass)
            for key, camera in list(self.cameras.items()):
                await self._add_entity(key, camera)
            await self.hass.config_entries.async_setup(self.entry.entry_id)
            await self.hass.async_block_till_done()
        self.disturb()

    async def stop(self) -> None:
        """Stop Home Assistant as it stops itself."""
        with self._clock.held():
            unloaded = await self._unload()
            await self.hass.async_stop(force=True)
            await self._stack.aclose()
            _end_timers()
            if unloaded:
                self._check_stored()
        for logger in (f"custom_components.{DOMAIN}", "camclassify_core"):
            logging.getLogger(logger).removeHandler(self.log)

    async def restart(self) -> None:
        """Stop and start Home Assistant."""
        await self.stop()
        await self.start()

    async def reload(self, meanwhile: Callable[[Path], None] = lambda _storage: None) -> None:
        """Unload the entry, let something happen to its files, and set it up again."""
        with self._clock.held():
            if await self._unload():
                self._check_stored()
            await asyncio.to_thread(meanwhile, self._folder / ".storage")
            await self.hass.config_entries.async_setup(self.entry.entry_id)
            await self.hass.async_block_till_done()
        self.disturb()

    async def disable(self, disabled: bool) -> None:
        """Disable the entry, or enable it again."""
        with self._clock.held():
            await self.hass.config_entries.async_set_disabled_by(
                self.entry.entry_id, ConfigEntryDisabler.USER if disabled else None
            )
            await self.hass.async_block_till_done()
        self.disturb()

    async def add_camera(self) -> None:
        """Add a camera to Home Assistant and to the entry."""
        key = f"number{next(self._numbers)}"
        camera = self.cameras[key] = FakeCamera(key)
        self.titles[key] = key
        if not hasattr(self, "hass"):
            return
        await self._add_entity(key, camera)
        self.hass.config_entries.async_add_subentry(
            self.entry,
            ConfigSubentry(
                data=MappingProxyType(self._data(key)),
                subentry_id=key,
                subentry_type=SUBENTRY_CAMERA,
                title=key,
                unique_id=f"camera.{key}",
            ),
        )
        self.disturb()

    def remove_camera(self, key: str) -> None:
        """Remove a camera from the entry; its entity stays."""
        del self.cameras[key]
        self.hass.config_entries.async_remove_subentry(self.entry, key)
        self.disturb()

    def rename_camera(self, key: str, title: str) -> None:
        """Give a camera another name."""
        self.titles[key] = title
        self.hass.config_entries.async_update_subentry(
            self.entry, self.entry.subentries[key], title=title
        )

    def set_threads(self, threads: int) -> None:
        """Change what is asked of the engine."""
        self.options["threads"] = threads
        self.hass.config_entries.async_update_entry(self.entry, options=dict(self.options))
        self.disturb()

    def fill_disk(self, is_full: bool) -> None:
        """Let nothing more be written to files by this process, or let it again."""
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0 if is_full else hard, hard))
        self.disk_is_full = is_full
        if is_full:
            self.forgive()

    def forgive(self) -> None:
        """What was stored is lost: whoever is there may be told of once more."""
        self.arrivals.clear()
        self.told.clear()

    def move(self, latitude: float) -> None:
        """Let Home Assistant believe that the home is elsewhere, even where nothing can be."""
        self.hass.config.latitude = latitude

    def disturb(self) -> None:
        """Note that something happened to the engine or the entry, which takes a while to settle."""
        self.faulty_at = monotonic()
        for camera in self.cameras.values():
            camera.looked_at = max(camera.looked_at, monotonic())

    @property
    def watched(self) -> dict[str, WatchedCamera]:
        """Those of the loaded entry."""
        if self.entry.state is not ConfigEntryState.LOADED:
            return {}
        return dict(self.entry.runtime_data.cameras)

    @property
    def client(self) -> EngineClient | None:
        """The engine's client, if there is one."""
        if not self.watched:
            return None
        engine = self.entry.runtime_data.engine
        return engine.client if engine.started else None

    async def kill_worker(self) -> None:
        """End the worker as the kernel does when memory is short."""
        if (client := self.client) and client.state is EngineState.RUNNING:
            for child in _children():
                os.kill(child, 9)
            self.disturb()

    async def set_threads_while_the_worker_restarts(self, threads: int) -> None:
        """Change what is asked of the engine just when a new worker is told what was asked before."""
        await self.kill_worker()
        for _ in range(_MOST_POLLS):
            if (client := self.client) and client.state is not EngineState.RUNNING and _children():
                break
            await asyncio.sleep(0.1)
        self.set_threads(threads)

    # What must be true.

    async def check(self) -> None:
        """Raise AssertionError if something is true that must not be."""
        assert not self._wrong, self._wrong
        self._check_looks()
        self.log.hold_one_line_to_a_fault(len(self.cameras))
        await self._check_engine()

    def _check_looks(self) -> None:
        for key, watched in self.watched.items():
            if not watched.enabled or key not in self.cameras:
                continue
            ago = monotonic() - self.cameras[key].looked_at
            assert ago <= _LOOKED_AT_WITHIN, f"{key} was not looked at for {ago:.0f} s"

    async def _check_engine(self) -> None:
        client = self.client
        if monotonic() - self.faulty_at < _SETTLED:
            return
        if self.entry.disabled_by:
            assert not _children(), "a worker runs for an entry that is disabled"
        if not client:
            return
        assert client.state is EngineState.RUNNING, client.state
        async with asyncio.timeout(60):
            lanes = (await client.info()).lanes
        assert lanes == client.options.lanes == self.options["threads"]

    @callback
    def _note_entry(self, _change: ConfigEntryChange, entry: ConfigEntry) -> None:
        """Let faults be told anew when the entry is set up, by whomever: Home Assistant does that, too."""
        if entry is self.entry and entry.state is ConfigEntryState.SETUP_IN_PROGRESS:
            self.log.records.clear()

    def _note_arrival(self, event: Event[dict[str, Any]]) -> None:
        key = event.data["camera"].split()[-1]  # whatever the camera is called at the moment
        name, track = event.data["class"], event.data["track"]
        visits = self.cameras[key].visits[name] if key in self.cameras else 0
        self.arrivals[key, name] += 1
        self.arrivals_in_all += 1
        if (key, track, name) in self.told:
            self._wrong.append(f"told twice: {event.data}")
        if self.arrivals[key, name] > visits:
            self._wrong.append(f"{visits} visits, told more: {event.data}")
        self.told.add((key, track, name))
        self.told_ever.add((key, track, name))

    def _check_stored(self) -> None:
        """Hold that all that is stored as reported was told."""
        path = self._folder / ".storage" / f"{DOMAIN}.presence"
        if self.disk_is_full or not path.exists():
            return
        for key, stored in json.loads(path.read_text())["data"].items():
            for track in stored["tracks"]:
                for name in track["zones"].get(WHOLE_FRAME_ZONE, ()):
                    assert (key, track["id"], name) in self.told_ever, f"never told: {key} {track}"

    async def leaves_nothing(self) -> None:
        """Raise AssertionError if anything is left of a home that was stopped."""
        for _ in range(100):
            left = [each for each in asyncio.all_tasks() if each is not asyncio.current_task()]
            if not left and not _children():
                break
            await asyncio.sleep(0.05)
        assert not left, left
        assert not _children()
        assert len(os.listdir("/proc/self/fd")) <= self._descriptors + 2

    # How it is made.

    async def _unload(self) -> bool:
        """Unload the entry, or end its tries to be set up; return whether it was loaded."""
        was_loaded = self.entry.state is ConfigEntryState.LOADED
        await self.hass.config_entries.async_unload(self.entry.entry_id)
        await self.hass.async_block_till_done()
        return was_loaded

    async def _add_entity(self, key: str, camera: FakeCamera) -> None:
        fresh = FakeCamera(key)
        fresh.view, fresh.views, fresh.visits = camera.view, camera.views, camera.visits
        fresh.mode, fresh.deed = camera.mode, camera.deed
        self.cameras[key] = fresh
        await self.hass.data["entity_components"]["camera"].async_add_entities([fresh])

    def _data(self, key: str) -> dict[str, Any]:
        return {"entity_id": f"camera.{key}", "classes": CLASSES, "interval": INTERVAL}


@asynccontextmanager
async def chaotic_home(folder: Path, clock: SimulatedClock) -> AsyncIterator[ChaoticHome]:
    """Run a home with two cameras, and hold that it leaves nothing behind."""
    ask, end, fetch = WorkerProcess.ask, WorkerProcess.end, EntitySource.async_fetch
    start = WorkerProcess.start

    async def held_ask(process: WorkerProcess, call: Call, timeout: float) -> Message:
        """Let the worker answer in real time, unless it takes too long."""
        misbehaves = call.op == "classify" and b'"deed": ""' not in call.body
        with clock.held(_PATIENCE if misbehaves else _LONG_PATIENCE):
            return await ask(process, call, timeout)

    async def held_start(command: Sequence[str]) -> WorkerProcess:
        with clock.held(_LONG_PATIENCE):
            return await start(command)

    async def held_end(process: WorkerProcess) -> None:
        with clock.held(_LAST_PATIENCE):
            await end(process)

    async def noted_fetch(source: EntitySource) -> bytes:
        if camera := home.cameras.get((source.entity_id or "").removeprefix("camera.")):
            camera.looked_at = monotonic()
        return await fetch(source)

    (folder / "custom_components").mkdir(exist_ok=True)
    link = folder / "custom_components" / DOMAIN
    if not link.exists():
        link.symlink_to(ROOT / "custom_components" / DOMAIN)
    home = ChaoticHome(folder, clock)
    with (
        # Nobody asks this home anything over HTTP, and other tests may use the port.
        patch.multiple(
            HomeAssistantHTTP, async_bind=AsyncMock(), start=AsyncMock(), stop=AsyncMock()
        ),
        patch.object(WorkerProcess, "start", held_start),
        patch.object(WorkerProcess, "ask", held_ask),
        patch.object(WorkerProcess, "end", held_end),
        patch.object(EntitySource, "async_fetch", noted_fetch),
        patch(
            f"custom_components.{DOMAIN}.engine.shared.EngineClient",
            partial(EngineClient, command=WORKER),
        ),
    ):
        for _ in range(2):
            await home.add_camera()
        await home.start()
        try:
            yield home
        finally:
            home.fill_disk(False)
            await home.stop()
        with clock.held():
            await home.leaves_nothing()


def _children() -> list[int]:
    return [
        int(child)
        for task in Path("/proc/self/task").iterdir()
        for child in (task / "children").read_text().split()
    ]


def _end_timers() -> None:
    """Do what the end of Home Assistant's process does: its timers would go off in one that stopped."""
    for handle in get_scheduled_timer_handles(asyncio.get_running_loop()):
        handle.cancel()


type Step = Coroutine[Any, Any, None]
