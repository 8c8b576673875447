"""The engine for an asyncio program: hosted by a worker process that is supervised here.

client = EngineClient(EngineOptions(lanes=2, classes=("person",)))
await client.start()
result = await client.classify(jpeg, Request(camera="driveway", sun_elevation=12.0))
await client.stop()
"""

import asyncio
import json
import logging
import os
from array import array
from collections.abc import Callable, Sequence
from enum import StrEnum
from itertools import accumulate, pairwise
from math import isfinite, prod
from time import monotonic
from typing import Any

from camclassify_core.codec import (
    box_to_json,
    example_to_json,
    frame_to_json,
    info_from_json,
    options_to_json,
    request_to_json,
    result_from_json,
    taught_from_json,
)
from camclassify_core.engine import MAX_SNAPSHOT_BYTES
from camclassify_core.errors import (
    BundleError,
    CamClassifyError,
    EngineUnavailable,
    OnnxRuntimeMissing,
    RequestError,
    SnapshotError,
)
from camclassify_core.examples import Example, TaughtClass
from camclassify_core.faults import FaultLog
from camclassify_core.info import (
    EngineInfo,
    EngineStatistics,
    LaneStatistics,
    NetworkInfo,
    TensorInfo,
)
from camclassify_core.options import EngineOptions, Request
from camclassify_core.results import Box, Regime, Result, StreamFrame
from camclassify_core.speeds import remember

from .backoff import Backoff
from .jobs import Job, Jobs
from .learnt import Home, key_of
from .process import WORKER_COMMAND, WorkerEnded, WorkerHangs, WorkerProcess
from .protocol import Call, Message, ProtocolError, encode_call

_LOGGER = logging.getLogger(__name__)
_CONFIGURE_TIMEOUT = 120.0
_ANSWER_TIMEOUT = 30.0
_KIND_BYTES = {"uint8": 1, "int8": 1, "int16": 2, "int32": 4, "int64": 8, "float32": 4}
_ERRORS: dict[str, type[CamClassifyError]] = {
    each.__name__: each for each in CamClassifyError.__subclasses__()
}


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

    As many pictures are with the worker at a time as it has lanes, those of a camera one after the other.

    Every request raises `EngineUnavailable` while the worker is not running: the next snapshot comes
    soon. So does the one that makes the worker end or hang. The others that are with it then, or wait, are
    answered by the next worker, unless that keeps ending.
    It raises `RequestError` if it cannot be sent, and `CamClassifyError` if its answer cannot be
    understood; neither harms any other request.
    """

    def __init__(self, options: EngineOptions, *, command: Sequence[str] = WORKER_COMMAND) -> None:
        self._options = options
        self._kept: tuple[EngineOptions, tuple[NetworkInfo, ...]] | None = None
        self._loaded: EngineOptions | None = None  # by the last worker that ran
        self._faults = FaultLog(_LOGGER)
        self._command = command
        self._state = EngineState.STOPPED
        self._listeners: list[Callable[[EngineState], None]] = []
        self._jobs = Jobs()
        self._lessons = b""
        self._memories: dict[str, int] = {}  # of the streams that are followed
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
        """Calls `listener`, in the event loop, at each change of state; returns how to remove it.

        What it raises is logged, and keeps no other listener from being called.
        """
        self._listeners.append(listener)

        def remove() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return remove

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
        """Ends the worker; requests that still wait fail with `EngineUnavailable`.

        Cancelled, it leaves the worker to end by itself.
        """
        supervisor, self._supervisor = self._supervisor, None
        try:
            if supervisor:
                supervisor.cancel()
                await asyncio.wait([supervisor])
        finally:
            self._set_state(EngineState.STOPPED)
            self._jobs.fail_all(EngineUnavailable("The worker was stopped."))
            for stream in tuple(self._memories):
                self._drop_memory(stream)

    async def classify(
        self,
        picture: bytes | StreamFrame,
        request: Request | None = None,
        *,
        home: Home = None,
        lessons: str = "",
    ) -> Result:
        """What is in a snapshot (JPEG, PNG or WebP), or in a stream.

        Of a stream that is the frame named if it is the one classified last, else the newest: `Result.frame`.
        A newer snapshot of the same `request.camera` takes the place of one that still waits,
        which then raises `Superseded`. Also raises `SnapshotError`, `EngineUnavailable`.

        Of a server, `home` is whose camera that is; what it taught (`lessons`, an ID) is recognised, unless
        that raises `LessonsMissing`.
        """
        request = request or Request()
        args, body = request_to_json(request), b""
        if home is not None:
            args |= {"home": home, "lessons": lessons}
        if isinstance(picture, StreamFrame):
            args["frame"] = frame_to_json(picture)
        else:
            body = picture
        return await self._ask(
            "classify",
            args,
            body,
            camera=key_of(home, request.camera),
            home=home,
            read=lambda answer: result_from_json(answer.header["ok"], _vectors(answer)),
        )

    async def features(
        self, snapshot: bytes, box: Box, regime: Regime, *, home: Home = None
    ) -> tuple[float, ...]:
        """Features of the object in `box`. Raises `SnapshotError`, `EngineUnavailable`."""
        args = {"box": box_to_json(box), "regime": regime}
        return await self._ask(
            "features",
            args,
            snapshot,
            home=home,
            read=lambda answer: tuple(array("f", answer.body)),
        )

    async def teach(
        self, examples: Sequence[Example], background: Sequence[Example] = ()
    ) -> tuple[TaughtClass, ...]:
        """Classes learnt from examples, recognised in every snapshot from now on, also after a restart.

        `background`: objects that nobody named, to tell the classes from. No examples: all is forgotten.
        Examples whose features another bundle made teach nothing now, and are learnt from again once
        that bundle is back. Raises `ExampleError`, `EngineUnavailable`; then what was taught before stays.
        """
        lessons = {
            "examples": [example_to_json(each) for each in examples],
            "background": [example_to_json(each) for each in background],
        }
        body = json.dumps(lessons).encode()
        classes = await self._ask("teach", body=body, read=_taught)
        self._lessons = body
        return classes

    async def learn(self, home: str, lessons: bytes, lessons_id: str) -> tuple[TaughtClass, ...]:
        """What a home of a server taught (JSON), recognised where `classify` is given the ID.

        A worker after this one does not know it, nor one that too many other homes have taught meanwhile.
        Raises `ExampleError`, `EngineUnavailable`.
        """
        args = {"home": home, "lessons": lessons_id}
        return await self._ask("learn", args, lessons, home=home, read=_taught)

    async def draw_boxes(
        self, snapshot: bytes, boxes: Sequence[Box], *, home: Home = None
    ) -> bytes:
        """A JPEG of the snapshot with its boxes. Raises `SnapshotError`, `EngineUnavailable`."""
        args = {"boxes": [box_to_json(box) for box in boxes]}
        return await self._ask("draw_boxes", args, snapshot, home=home, read=_body)

    async def cut_out(self, snapshot: bytes, box: Box, side: int, *, home: Home = None) -> bytes:
        """A JPEG of what is in `box`, its longer side at most `side` pixels.

        Raises `SnapshotError`, `EngineUnavailable`.
        """
        args = {"box": box_to_json(box), "side": side}
        return await self._ask("cut_out", args, snapshot, home=home, read=_body)

    async def describe_network(self, name: str) -> tuple[TensorInfo, tuple[TensorInfo, ...]]:
        """What goes into a network of the bundle, and what comes out.

        Raises `RequestError`, `EngineUnavailable`.
        """
        given, *outputs = await self._ask("describe", {"network": name}, read=_tensor_infos)
        return given, tuple(outputs)

    async def run_network(
        self, name: str, batch: bytes, *, home: Home = None
    ) -> list[tuple[TensorInfo, bytes]]:
        """What comes out of a network of the bundle for pictures as it takes them.

        Raises `RequestError`, `EngineUnavailable`.
        """

        def read(answer: Message) -> list[tuple[TensorInfo, bytes]]:
            infos = _tensor_infos(answer)
            sizes = [prod(each.shape) * _KIND_BYTES[each.kind] for each in infos]
            if sum(sizes) != len(answer.body):
                raise ValueError(f"{len(answer.body)} bytes for {infos}")
            spans = pairwise(accumulate(sizes, initial=0))
            return [
                (info, bytes(answer.body[start:end]))
                for info, (start, end) in zip(infos, spans, strict=True)
            ]

        return await self._ask("run", {"network": name}, batch, home=home, read=read)

    async def encode(self, frame: StreamFrame) -> bytes:
        """A JPEG of the frame of a stream that was classified last.

        Raises `SnapshotError` if it was another, `EngineUnavailable`.
        """
        args = {"frame": frame_to_json(frame)}
        return await self._ask("encode", args, read=_body)

    async def follow(self, stream: str, memory: int) -> None:
        """Has the worker take frames from there, and every worker after it, until `unfollow`.

        `memory`: the descriptor of a `Stream`; it may be closed afterwards.
        Raises `EngineUnavailable`: then the next worker does.
        """
        self._drop_memory(stream)
        copy = self._memories[stream] = os.dup(memory)
        args = {"stream": stream}
        await self._ask("follow", args, read=lambda _answer: None, memory=(stream, copy))

    async def unfollow(self, stream: str) -> None:
        """Lets go of a stream. Raises `EngineUnavailable`: then the next worker knows nothing of it."""
        self._drop_memory(stream)
        await self._ask("unfollow", {"stream": stream}, read=lambda _answer: None)

    async def forget(self, camera: str, *, home: Home = None) -> None:
        """Drops what the engine remembers of a camera. Raises `EngineUnavailable`."""
        await self._ask("forget", {"camera": camera, "home": home}, read=lambda _answer: None)

    async def info(self) -> EngineInfo:
        """The bundle and how it runs here. Raises `EngineUnavailable`.

        What the worker measured of the networks is kept here: it may write no files itself.
        """
        info = await self._ask("info", read=lambda answer: info_from_json(answer.header["ok"]))
        if self._loaded and self._kept != (kept := (self._loaded, info.networks)):
            await asyncio.to_thread(remember, self._loaded, info)
            self._kept = kept
        return info

    async def statistics(self) -> EngineStatistics:
        """What the worker has used. Raises `EngineUnavailable`."""

        def read(answer: Message) -> EngineStatistics:
            used = answer.header["ok"]
            lanes = tuple(LaneStatistics(**each) for each in used["lanes"])
            return EngineStatistics(restarts=self._restarts, **used | {"lanes": lanes})

        return await self._ask("statistics", read=read)

    async def reconfigure(self, options: EngineOptions) -> None:
        """Loads the engine anew in the same worker.

        What it works on meanwhile is answered as before, what waits by the new engine. Raises
        `BundleError` and goes on as before if it cannot be loaded. Without a running worker the options
        take effect at its next start; if they cannot be loaded then, it goes on as before too, and
        `options` are again those in force.
        """
        if self._state is EngineState.RUNNING:
            await self._ask("configure", options_to_json(options), read=lambda _answer: None)
            self._note_loaded(options)
        self._options = options

    async def _ask[Answer](
        self,
        op: str,
        args: Any = None,
        body: bytes = b"",
        *,
        read: Callable[[Message], Answer],
        camera: str = "",
        home: Home = None,
        memory: tuple[str, int] | None = None,
    ) -> Answer:
        if len(body) > MAX_SNAPSHOT_BYTES:
            raise SnapshotError(
                f"The snapshot has {len(body):,} bytes; at most {MAX_SNAPSHOT_BYTES:,} are allowed."
            )
        try:
            call = encode_call(op, args, body)
        except ProtocolError as error:
            raise RequestError(f"This cannot be asked of the engine: {error}") from error
        if self._state is not EngineState.RUNNING:
            raise EngineUnavailable(f"The worker is {self._state}.")
        job = Job(call, camera, home or "", memory=memory)
        self._jobs.put(job)
        try:
            answer = _checked(await job.answer)
        finally:
            del job  # an error that it keeps would keep this frame, and so itself and the picture
        try:
            return read(answer)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise CamClassifyError(
                f"The worker's answer cannot be understood: {error!r}"
            ) from error

    def _drop_memory(self, stream: str) -> None:
        if (memory := self._memories.pop(stream, None)) is not None:
            os.close(memory)

    def _set_state(self, state: EngineState) -> None:
        if state is self._state:
            return
        self._state = state
        for listener in tuple(self._listeners):
            try:
                listener(state)
            except Exception as error:
                self._faults.note("A listener of the engine's state failed", error)

    async def _supervise(self, started: asyncio.Future[None]) -> None:
        backoff = Backoff()
        while True:
            since = monotonic()
            reason = await self._run_until_it_ends(started)
            await asyncio.sleep(0)  # a stop that came in the meantime ends this here
            if not started.done():
                started.set_exception(reason)
                return
            was_failed = backoff.failed
            is_settled = self._jobs.worker_ended(reason)
            delay = backoff.next_delay(monotonic() - since, is_settled=is_settled)
            if not backoff.failed:
                _LOGGER.warning("%s It starts again in %.1f s", reason, delay)
            elif not was_failed:
                _LOGGER.error("%s This keeps happening: tried once a minute from now on", reason)
            self._set_state(EngineState.FAILED if backoff.failed else EngineState.RESTARTING)
            if backoff.failed:
                self._jobs.fail_all(EngineUnavailable(f"The worker is {self._state}."))
            await asyncio.sleep(delay)
            self._restarts += 1

    async def _run_until_it_ends(self, started: asyncio.Future[None]) -> CamClassifyError:
        """Runs a worker; returns why it ended, whatever the reason."""
        try:
            await self._run_worker(started)
        except CamClassifyError as error:
            return error
        except WorkerEnded as error:
            return EngineUnavailable(f"The worker ended unexpectedly ({error}).")
        except Exception as error:
            self._faults.note("The worker was given up", error)
            return EngineUnavailable(f"The worker was given up ({error!r}).")
        raise AssertionError("A worker runs until something ends it.")

    async def _run_worker(self, started: asyncio.Future[None]) -> None:
        """Starts a worker and hands it jobs until it ends or hangs: never returns, raises `WorkerEnded`."""
        worker = await WorkerProcess.start(self._command)
        try:
            await self._prepare(worker)
            self._set_state(EngineState.RUNNING)
            if not started.done():
                started.set_result(None)
            async with asyncio.TaskGroup() as group:
                group.create_task(_raise_when_ended(worker))
                while True:
                    job = await self._jobs.get()
                    group.create_task(self._do(job, worker))
        except* WorkerEnded as ended:
            worker.kill()
            raise ended.exceptions[0] from None
        finally:
            await worker.end()

    async def _prepare(self, worker: WorkerProcess) -> None:
        """Has a new worker load what is wanted now, also if that changes meanwhile."""
        while True:
            options, lessons, memories = self._options, self._lessons, dict(self._memories)
            try:
                _checked(await worker.ask(_configure_call(options), _CONFIGURE_TIMEOUT))
            except (BundleError, OnnxRuntimeMissing) as error:
                if self._loaded in (None, options):
                    raise
                _LOGGER.error("%s The engine goes on as before", error)
                if self._options is options:
                    self._options = self._loaded
                continue
            self._note_loaded(options)
            if lessons:
                try:
                    _checked(await worker.ask(encode_call("teach", body=lessons), _ANSWER_TIMEOUT))
                except CamClassifyError as error:
                    _LOGGER.error("What was taught cannot be recognised for now: %s", error)
            for stream, memory in memories.items():
                if self._memories.get(stream) == memory:
                    worker.hand_over(stream, memory)
                    await worker.ask(encode_call("follow", {"stream": stream}), _ANSWER_TIMEOUT)
            are_the_same = memories == self._memories
            if options is self._options and lessons is self._lessons and are_the_same:
                return

    def _note_loaded(self, options: EngineOptions) -> None:
        self._loaded = options
        self._jobs.lanes = options.lanes

    async def _do(self, job: Job, worker: WorkerProcess) -> None:
        timeout = _CONFIGURE_TIMEOUT if job.call.op == "configure" else _ANSWER_TIMEOUT
        try:
            if job.memory and self._memories.get(job.memory[0]) == job.memory[1]:
                worker.hand_over(*job.memory)
            job.finish(await worker.ask(job.call, timeout))
        except WorkerHangs as hang:
            job.is_to_blame = True
            job.fail(EngineUnavailable(f"The worker hangs: {hang}."))
            raise
        self._jobs.done(job)


async def _raise_when_ended(worker: WorkerProcess) -> None:
    raise WorkerEnded(await worker.wait())


def _configure_call(options: EngineOptions) -> Call:
    return encode_call("configure", options_to_json(options))


def _tensor_infos(answer: Message) -> list[TensorInfo]:
    return [
        TensorInfo(name=each["name"], kind=each["kind"], shape=tuple(each["shape"]))
        for each in answer.header["ok"]
    ]


def _body(answer: Message) -> bytes:
    return bytes(answer.body)


def _taught(answer: Message) -> tuple[TaughtClass, ...]:
    return tuple(taught_from_json(each) for each in answer.header["ok"])


def _vectors(answer: Message) -> tuple[tuple[float, ...] | None, ...]:
    """The features of each detection; nothing for one that has none, or none that can be used."""
    lengths, values = answer.header["features"], array("f", answer.body)
    if sum(lengths) != len(values):
        raise ValueError(f"{len(values)} values for features of {lengths}")
    vectors = (values[start:end] for start, end in pairwise(accumulate(lengths, initial=0)))
    return tuple(tuple(each) if each and all(map(isfinite, each)) else None for each in vectors)


def _checked(answer: Message) -> Message:
    """The answer, unless it is an error that the worker reports."""
    if name := answer.header.get("error"):
        raise _ERRORS.get(str(name), CamClassifyError)(str(answer.header.get("message")))
    return answer
