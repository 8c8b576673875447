"""The engine for an asyncio program: hosted by a worker process that is supervised here.

client = EngineClient(EngineOptions(threads=2, classes=("person",)))
await client.start()
result = await client.classify(jpeg, Request(camera="driveway", sun_elevation=12.0))
await client.stop()
"""

import asyncio
import json
import logging
from array import array
from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import StrEnum
from itertools import accumulate, pairwise
from time import monotonic
from typing import Any

from . import errors
from .backoff import Backoff
from .codec import (
    box_to_json,
    example_to_json,
    info_from_json,
    options_to_json,
    request_to_json,
    result_from_json,
    taught_from_json,
)
from .errors import CamClassifyError, EngineUnavailable, SnapshotError
from .examples import Example, TaughtClass
from .info import EngineInfo, EngineStatistics
from .jobs import Job, Jobs
from .options import EngineOptions, Request
from .process import WORKER_COMMAND, WorkerEnded, WorkerProcess
from .protocol import Message
from .results import Box, Regime, Result

_LOGGER = logging.getLogger(__name__)
_CONFIGURE_TIMEOUT = 120.0
_ANSWER_TIMEOUT = 30.0
MAX_SNAPSHOT_BYTES = 64 * 1024 * 1024


class EngineState(StrEnum):
    """What the worker is doing.

    `restarting`: it ended and is back within seconds. `failed`: it ended five times in a row
    within a minute of its start each; it is still tried once a minute.
    """

    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    RESTARTING = "restarting"
    FAILED = "failed"


class EngineClient:
    """Starts, asks, restarts and stops the worker. Use it from one event loop only.

    Every request raises `EngineUnavailable` while the worker is not running, and when it ends
    before it has answered: nothing waits for a restart, because the next snapshot comes soon.
    """

    def __init__(self, options: EngineOptions, *, command: Sequence[str] = WORKER_COMMAND) -> None:
        self._options = options
        self._command = command
        self._state = EngineState.STOPPED
        self._listeners: list[Callable[[EngineState], None]] = []
        self._jobs = Jobs()
        self._lessons = b""
        self._restarts = 0
        self._supervisor: asyncio.Task[None] | None = None

    @property
    def state(self) -> EngineState:
        """What the worker is doing now."""
        return self._state

    @property
    def options(self) -> EngineOptions:
        """Those in force, also after the next restart."""
        return self._options

    def add_listener(self, listener: Callable[[EngineState], None]) -> Callable[[], None]:
        """Calls `listener`, in the event loop, at each change of state; returns how to remove it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def start(self) -> None:
        """Starts the worker and loads the bundle.

        Raises `BundleError`, or `EngineUnavailable` when the worker does not start at all;
        nothing is left running then.
        """
        if self._supervisor:
            raise RuntimeError("The client is started already.")
        self._set_state(EngineState.STARTING)
        started: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._supervisor = asyncio.create_task(self._supervise(started), name="camclassify worker")
        try:
            await started
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Ends the worker; requests that still wait fail with `EngineUnavailable`."""
        if supervisor := self._supervisor:
            self._supervisor = None
            supervisor.cancel()
            with suppress(asyncio.CancelledError):
                await supervisor
        self._set_state(EngineState.STOPPED)
        self._jobs.fail_all(EngineUnavailable("The worker was stopped."))

    async def classify(self, snapshot: bytes, request: Request | None = None) -> Result:
        """What is in a snapshot (JPEG or PNG).

        A newer snapshot of the same `request.camera` takes the place of one that still waits,
        which then raises `Superseded`. Also raises `SnapshotError`, `EngineUnavailable`.
        """
        request = request or Request()
        answer = await self._ask(
            "classify", request_to_json(request), snapshot, camera=request.camera
        )
        values = array("f", answer.body)
        ends = accumulate(answer.header["features"], initial=0)
        vectors = tuple(tuple(values[start:end]) or None for start, end in pairwise(ends))
        return result_from_json(answer.header["ok"], vectors)

    async def features(self, snapshot: bytes, box: Box, regime: Regime) -> tuple[float, ...]:
        """Features of the object in `box`. Raises `SnapshotError`, `EngineUnavailable`."""
        args = {"box": box_to_json(box), "regime": regime}
        return tuple(array("f", (await self._ask("features", args, snapshot)).body))

    async def teach(
        self, examples: Sequence[Example], background: Sequence[Example] = ()
    ) -> tuple[TaughtClass, ...]:
        """Classes learnt from examples, recognised in every snapshot from now on, also after a restart.

        `background`: objects that nobody named, to tell the classes from. No examples: all is forgotten.
        Raises `ExampleError`, `EngineUnavailable`; then what was taught before stays.
        """
        lessons = {
            "examples": [example_to_json(each) for each in examples],
            "background": [example_to_json(each) for each in background],
        }
        body = json.dumps(lessons).encode()
        answer = await self._ask("teach", None, body)
        self._lessons = body
        return tuple(taught_from_json(each) for each in answer.header["ok"])

    async def draw_boxes(self, snapshot: bytes, boxes: Sequence[Box]) -> bytes:
        """A JPEG of the snapshot with its boxes. Raises `SnapshotError`, `EngineUnavailable`."""
        args = {"boxes": [box_to_json(box) for box in boxes]}
        return bytes((await self._ask("draw_boxes", args, snapshot)).body)

    async def cut_out(self, snapshot: bytes, box: Box, side: int) -> bytes:
        """A JPEG of what is in `box`, its longer side at most `side` pixels.

        Raises `SnapshotError`, `EngineUnavailable`.
        """
        args = {"box": box_to_json(box), "side": side}
        return bytes((await self._ask("cut_out", args, snapshot)).body)

    async def forget(self, camera: str) -> None:
        """Drops what the engine remembers of a camera. Raises `EngineUnavailable`."""
        await self._ask("forget", {"camera": camera})

    async def info(self) -> EngineInfo:
        """The bundle and how it runs here. Raises `EngineUnavailable`."""
        return info_from_json((await self._ask("info")).header["ok"])

    async def statistics(self) -> EngineStatistics:
        """What the worker has used. Raises `EngineUnavailable`."""
        used = (await self._ask("statistics")).header["ok"]
        return EngineStatistics(restarts=self._restarts, **used)

    async def reconfigure(self, options: EngineOptions) -> None:
        """Loads the engine anew in the same worker, once what waits now is done.

        Raises `BundleError` and goes on as before if it cannot be loaded. Without a running worker
        the options take effect at its next start.
        """
        if self._state is EngineState.RUNNING:
            await self._ask("configure", options_to_json(options))
        self._options = options

    async def _ask(
        self, op: str, args: Any = None, body: bytes = b"", *, camera: str = ""
    ) -> Message:
        if len(body) > MAX_SNAPSHOT_BYTES:
            raise SnapshotError(
                f"The snapshot has {len(body):,} bytes; at most {MAX_SNAPSHOT_BYTES:,} are allowed."
            )
        if self._state is not EngineState.RUNNING:
            raise EngineUnavailable(f"The worker is {self._state}.")
        job = Job(op, args or {}, body, camera)
        self._jobs.put(job)
        return _checked(await job.answer)

    def _set_state(self, state: EngineState) -> None:
        if state is not self._state:
            self._state = state
            for listener in tuple(self._listeners):
                listener(state)

    async def _supervise(self, started: asyncio.Future[None]) -> None:
        backoff = Backoff()
        while True:
            since = monotonic()
            try:
                await self._run_worker(started)
            except CamClassifyError as error:
                reason: Exception = error
            except WorkerEnded as error:
                reason = EngineUnavailable(f"The worker ended unexpectedly ({error}).")
            if not started.done():
                started.set_exception(reason)
                return
            was_failed = backoff.failed
            delay = backoff.next_delay(monotonic() - since)
            if not backoff.failed:
                _LOGGER.warning("%s It starts again in %.1f s", reason, delay)
            elif not was_failed:
                _LOGGER.error("%s This keeps happening: tried once a minute from now on", reason)
            self._set_state(EngineState.FAILED if backoff.failed else EngineState.RESTARTING)
            self._jobs.fail_all(EngineUnavailable(f"The worker is {self._state}."))
            await asyncio.sleep(delay)
            self._restarts += 1

    async def _run_worker(self, started: asyncio.Future[None]) -> None:
        """Starts a worker and hands it jobs until it ends: never returns, raises `WorkerEnded`."""
        worker = await WorkerProcess.start(self._command)
        try:
            args = options_to_json(self._options)
            _checked(await worker.ask("configure", args, b"", _CONFIGURE_TIMEOUT))
            if self._lessons:
                _checked(await worker.ask("teach", {}, self._lessons, _ANSWER_TIMEOUT))
            self._set_state(EngineState.RUNNING)
            if not started.done():
                started.set_result(None)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._hand_out_jobs(worker))
                group.create_task(_raise_when_ended(worker))
        except* WorkerEnded as ended:
            worker.kill()
            raise ended.exceptions[0] from None
        finally:
            await worker.end()

    async def _hand_out_jobs(self, worker: WorkerProcess) -> None:
        while True:
            job = await self._jobs.get()
            timeout = _CONFIGURE_TIMEOUT if job.op == "configure" else _ANSWER_TIMEOUT
            answer = await worker.ask(job.op, job.args, job.body, timeout)
            if not job.answer.done():
                job.answer.set_result(answer)


async def _raise_when_ended(worker: WorkerProcess) -> None:
    raise WorkerEnded(await worker.wait())


def _checked(answer: Message) -> Message:
    """The answer, unless it is an error that the worker reports."""
    if name := answer.header.get("error"):
        error: type[CamClassifyError] = getattr(errors, name, CamClassifyError)
        raise error(answer.header["message"])
    return answer
