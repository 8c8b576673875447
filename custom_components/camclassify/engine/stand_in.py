"""A server's engine, and this machine's in its place while the server is away."""

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final

from camclassify_core import (
    Box,
    CamClassifyError,
    EngineClient,
    EngineInfo,
    EngineOptions,
    EngineState,
    EngineStatistics,
    Regime,
    Request,
    Result,
    StreamFrame,
)
from camclassify_core.examples import Example, TaughtClass
from homeassistant.core import HomeAssistant

from ..const import DOMAIN
from ..listeners import Listeners
from .interface import AnyEngine, ServerOptions
from .remote_engine import RemoteEngine
from .server_connection import ServerAway

_LOGGER = logging.getLogger(__name__)

PATIENCE: Final = 5.0  # seconds that a server may be away before this machine looks
_TRY_EVERY = 60.0  # seconds, where this machine's engine does not start


class StandInEngine:
    """Asks the server, or else a worker that is started when the server goes and stopped when it is back.

    Each knows the streams and what was taught before it is asked. What a camera showed last it does not.
    """

    def __init__(self, hass: HomeAssistant, options: ServerOptions, own: EngineOptions) -> None:
        """Ask nothing yet. `own`: how this machine's engine runs when it does."""
        self._hass = hass
        self._own = own
        self._remote = RemoteEngine(hass, options)
        self._worker: EngineClient | None = None
        self._listeners: Listeners[[EngineState]] = Listeners()
        self._lessons: tuple[Sequence[Example], Sequence[Example]] = ((), ())
        self._memories: dict[str, int] = {}
        self._change: asyncio.Task[None] | None = None
        self._stop_listening: Callable[[], None] = lambda: None
        self._remote.add_listener(self._follow_server)

    @property
    def stands_in(self) -> bool:
        """Whether this machine looks now."""
        return self._worker is not None

    @property
    def state(self) -> EngineState:
        """That of the engine that is asked now."""
        return self._now.state

    @property
    def options(self) -> ServerOptions:
        """Where the server is."""
        return self._remote.options

    def add_listener(self, listener: Callable[[EngineState], None]) -> Callable[[], None]:
        """Calls `listener` at each change of state, and when the other engine is asked."""
        return self._listeners.async_add(listener)

    async def start(self) -> None:
        """Begins with the server if it is there. Raises what either raises if neither starts."""
        try:
            await self._remote.start()
        except ServerAway as error:
            await self._use_worker()
            self._remote.start_later(error)

    async def stop(self) -> None:
        """Ends both."""
        if self._change:
            self._change.cancel()
            await asyncio.wait([self._change])
        await self._remote.stop()
        if self._worker:
            await self._worker.stop()
        for memory in self._memories.values():
            os.close(memory)
        self._memories.clear()

    async def classify(
        self, picture: bytes | StreamFrame, request: Request | None = None
    ) -> Result:
        """What is in a snapshot, or in a stream."""
        return await self._now.classify(picture, request)

    async def features(self, snapshot: bytes, box: Box, regime: Regime) -> tuple[float, ...]:
        """Features of one object."""
        return await self._now.features(snapshot, box, regime)

    async def teach(
        self, examples: Sequence[Example], background: Sequence[Example] = ()
    ) -> tuple[TaughtClass, ...]:
        """Classes learnt from examples; the other engine learns them before it is asked."""
        classes = await self._now.teach(examples, background)
        self._lessons = (examples, background)
        return classes

    async def draw_boxes(self, snapshot: bytes, boxes: Sequence[Box]) -> bytes:
        """A JPEG with the boxes drawn."""
        return await self._now.draw_boxes(snapshot, boxes)

    async def cut_out(self, snapshot: bytes, box: Box, side: int) -> bytes:
        """A small JPEG of one object."""
        return await self._now.cut_out(snapshot, box, side)

    async def encode(self, frame: StreamFrame) -> bytes:
        """A JPEG of the frame of a stream that was classified last."""
        return await self._now.encode(frame)

    async def follow(self, stream: str, memory: int) -> None:
        """Takes frames from there from now on, whichever engine is asked."""
        self._drop_memory(stream)
        self._memories[stream] = os.dup(memory)
        await self._remote.follow(stream, memory)
        if self._worker:
            await self._worker.follow(stream, memory)

    async def unfollow(self, stream: str) -> None:
        """Lets go of a stream."""
        self._drop_memory(stream)
        await self._remote.unfollow(stream)
        if self._worker:
            await self._worker.unfollow(stream)

    async def forget(self, camera: str) -> None:
        """Drops what is remembered of a camera."""
        await self._now.forget(camera)

    async def info(self) -> EngineInfo:
        """The bundle of the engine that is asked now, and how it runs."""
        return await self._now.info()

    async def statistics(self) -> EngineStatistics:
        """What the engine that is asked now has used."""
        return await self._now.statistics()

    @property
    def _now(self) -> AnyEngine:
        return self._worker or self._remote

    def _drop_memory(self, stream: str) -> None:
        if (memory := self._memories.pop(stream, None)) is not None:
            os.close(memory)

    def _follow_server(self, state: EngineState) -> None:
        if self._worker:
            if state is EngineState.RUNNING:
                self._begin(self._use_server())
            return
        self._listeners.async_call(state)
        if state is EngineState.RESTARTING:
            self._begin(self._use_worker_soon())
        elif state is EngineState.RUNNING and self._change:
            self._change.cancel()

    def _begin(self, change: Coroutine[Any, Any, None]) -> None:
        """Change to the other engine, instead of what was under way."""
        if self._change:
            self._change.cancel()
        self._change = self._hass.async_create_background_task(change, f"{DOMAIN} stand-in")

    async def _use_worker_soon(self) -> None:
        await asyncio.sleep(PATIENCE)
        while True:
            try:
                await self._use_worker()
            except CamClassifyError as error:
                _LOGGER.error("This machine cannot look in place of the server: %s", error)
                await asyncio.sleep(_TRY_EVERY)
            else:
                return

    async def _use_worker(self) -> None:
        worker = EngineClient(self._own)
        await worker.start()
        try:
            await self._teach_again(worker)
            followed: set[str] = set()
            while new := self._memories.keys() - followed:
                for stream in new & self._memories.keys():
                    await worker.follow(stream, self._memories[stream])
                followed |= new
        except BaseException:
            await worker.stop()
            raise
        _LOGGER.info("This machine looks while the server at %s is away", self.options.url)
        self._worker = worker
        self._stop_listening = worker.add_listener(self._listeners.async_call)
        self._listeners.async_call(worker.state)

    async def _use_server(self) -> None:
        await self._teach_again(self._remote)
        if self._remote.state is not EngineState.RUNNING:
            return
        self._stop_listening()
        worker, self._worker = self._worker, None
        _LOGGER.info("The server at %s looks again", self.options.url)
        self._listeners.async_call(self._remote.state)
        if worker:
            await worker.stop()

    async def _teach_again(self, engine: AnyEngine) -> None:
        lessons = None
        try:
            while lessons is not self._lessons:
                lessons = self._lessons
                await engine.teach(*lessons)
        except CamClassifyError as error:
            _LOGGER.error("What was taught cannot be recognised for now: %s", error)
