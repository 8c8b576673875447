"""Who may ask next: so many at a time, and of each camera one question after the other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from camclassify_core import Superseded


class Turns:
    """Hands out turns, `most` at a time and one to a camera; of those that wait, the latest is next."""

    def __init__(self, most: int) -> None:
        """Everybody is free."""
        self._free = asyncio.Semaphore(most)
        self._busy: set[str] = set()
        self._next: dict[str, asyncio.Future[None]] = {}

    @asynccontextmanager
    async def take(self, camera: str) -> AsyncIterator[None]:
        """Wait for a turn and have it. Without a camera, nobody takes its place. Raises Superseded."""
        if not camera:
            async with self._free:
                yield
            return
        await self._wait_for(camera)
        try:
            async with self._free:
                yield
        finally:
            self._pass_on(camera)

    async def _wait_for(self, camera: str) -> None:
        if camera not in self._busy:
            self._busy.add(camera)
            return
        if (older := self._next.get(camera)) and not older.done():
            older.set_exception(Superseded(f"A newer snapshot of {camera} came first."))
        mine = self._next[camera] = asyncio.get_running_loop().create_future()
        try:
            await mine
        except asyncio.CancelledError:
            if not mine.cancelled() and mine.exception() is None:
                self._pass_on(camera)  # it came in the same moment
            raise

    def _pass_on(self, camera: str) -> None:
        waiting = self._next.pop(camera, None)
        if waiting and not waiting.done():
            waiting.set_result(None)
        else:
            self._busy.discard(camera)
