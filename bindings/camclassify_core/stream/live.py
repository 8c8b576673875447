"""A camera's stream as it is now: its reader runs in a process of its own, supervised here.

stream = Stream(Address(url="rtsp://10.0.0.7/sub"))
stream.start()
stream.want(Wish(awake=True, every=0.2))
newest = await stream.newer_than(0)
stream.close()
"""

import asyncio
import json
import logging
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any

from camclassify_core.faults import FaultLog

from .orders import Wish, order
from .shared_frames import make_memory
from .stream_address import Address

_LOGGER = logging.getLogger(__name__)
_SILENCE = 12.0  # seconds, after which a reader hangs
_FIRST_DELAY, _LONGEST_DELAY = 0.5, 5.0
_STABLE_AFTER = 60.0

READER_COMMAND = (sys.executable, "-P", "-m", "camclassify_core.stream")
TROUBLES = frozenset(
    {
        "camera_timeout",
        "invalid_auth",
        "stream_ended",
        "stream_loops",
        "stream_not_found",
        "stream_refused",
        "stream_stands_still",
        "stream_support_missing",
        "stream_too_large",
        "stream_unreachable",
        "stream_unreadable",
        "stream_without_video",
    }
)


class StreamTrouble(Exception):
    """There is no frame; `reason` is one of `TROUBLES`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the reader said of its newest frame.

    `taken`: seconds of the monotonic clock. `cpu`: seconds of CPU time that the reader has used so far.
    """

    number: int
    taken: float
    width: int
    height: int
    cpu: float


def can_read_streams() -> bool:
    """Whether PyAV is installed; it is not loaded for that. Reads the file system."""
    from importlib.util import find_spec

    return find_spec("av") is not None


class Stream:
    """Reads a stream until it is closed, whatever happens to the camera or to the reader.

    `memory` is the descriptor behind which its frames are, for `EngineClient.follow`. `trouble` says why
    there is no frame now. `on_return` is called when frames come again after there was trouble.
    Use it from one event loop only.
    """

    def __init__(
        self,
        address: Address,
        *,
        on_return: Callable[[], object] = lambda: None,
        command: Sequence[str] = READER_COMMAND,
    ) -> None:
        self.memory = make_memory()
        self.trouble: str | None = None
        self.newest: Told | None = None
        self._address = address
        self._on_return = on_return
        self._command = command
        self._wish = Wish()
        self._process: Process | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self._faults = FaultLog(_LOGGER)

    def start(self) -> None:
        """Starts the reader."""
        self._supervisor = asyncio.create_task(self._supervise(), name="camclassify stream")

    def close(self) -> None:
        """Ends the reader; the memory is gone with it. Waits for nothing."""
        if self._supervisor:
            self._supervisor.cancel()
        if self.memory >= 0:
            os.close(self.memory)
            self.memory = -1
        self._note_trouble("stream_ended")

    async def ended(self) -> None:
        """Waits until the reader of a closed stream is gone."""
        if self._supervisor:
            await asyncio.wait([self._supervisor])

    def want(self, wish: Wish) -> None:
        """Says what is wanted of the stream from now on."""
        if wish != self._wish:
            self._wish = wish
            self._tell(wish)

    async def newer_than(self, number: int) -> Told:
        """Waits for a frame newer than that. Raises `StreamTrouble` when there will be none soon."""
        while True:
            if self.trouble:
                raise StreamTrouble(self.trouble)
            if self.newest and self.newest.number > number:
                return self.newest
            self._news.clear()
            await self._news.wait()

    async def _supervise(self) -> None:
        delay = _FIRST_DELAY
        while True:
            since = monotonic()
            try:
                await self._run_reader()
            except Exception as error:
                self._faults.note("The reader of a stream was given up", error)
            if self.trouble is None:
                self._note_trouble("stream_ended")
            delay = _FIRST_DELAY if monotonic() - since > _STABLE_AFTER else delay
            await asyncio.sleep(delay)
            delay = min(2 * delay, _LONGEST_DELAY)

    async def _run_reader(self) -> None:
        """Runs a reader until it ends, hangs or talks nonsense."""
        process = await asyncio.create_subprocess_exec(
            *self._command,
            str(self.memory),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,  # an address may be in it
            pass_fds=(self.memory,),
            start_new_session=True,
        )
        self._process = process
        try:
            self._tell(self._address)
            self._tell(self._wish)
            assert process.stdout
            while True:
                async with asyncio.timeout(_SILENCE):
                    line = await process.stdout.readline()
                if not line:
                    return
                self._hear(json.loads(line))
        except TimeoutError:
            _LOGGER.debug("The reader of a stream hangs")
            self._note_trouble("stream_stands_still")
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            _LOGGER.debug("The reader of a stream talks nonsense: %s", type(error).__name__)
        finally:
            self._process = None
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    def _tell(self, what: Address | Wish) -> None:
        if self._process and self._process.stdin:
            self._process.stdin.write(order(what))

    def _hear(self, words: dict[str, Any]) -> None:
        if reason := words.get("trouble"):
            self._note_trouble(reason if reason in TROUBLES else "stream_unreadable")
        elif "frame" in words:
            self.newest = Told(
                number=int(words["frame"]),
                taken=float(words["taken"]),
                width=int(words["width"]),
                height=int(words["height"]),
                cpu=float(words["cpu"]),
            )
            was_in_trouble, self.trouble = self.trouble, None
            self._news.set()
            if was_in_trouble:
                self._on_return()

    def _note_trouble(self, reason: str) -> None:
        self.trouble = reason
        self._news.set()
