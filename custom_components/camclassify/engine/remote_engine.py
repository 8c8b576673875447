"""The engine of a server, asked over the Open Inference Protocol."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from time import monotonic
from typing import NamedTuple

from camclassify_core import (
    Box,
    CamClassifyError,
    EngineInfo,
    EngineState,
    EngineStatistics,
    EngineUnavailable,
    ExampleError,
    LaneStatistics,
    Regime,
    Request,
    Result,
    SnapshotError,
    StreamFrame,
)
from camclassify_core.codec import taught_from_json
from camclassify_core.errors import LessonsMissing
from camclassify_core.examples import Example, TaughtClass
from camclassify_core.faults import FaultLog
from camclassify_core.open_inference import models
from camclassify_core.open_inference.inference import InferAnswer, InferRequest
from camclassify_core.sample import sample_snapshot
from homeassistant.core import HomeAssistant

from ..const import DOMAIN
from ..issues import ISSUE_SERVER_AWAY, async_clear_issue, async_raise_server_issue
from ..listeners import Listeners
from .encoded_streams import EncodedStreams
from .interface import HOLD_SECONDS, ServerOptions
from .server_connection import ServerAway, ServerConnection
from .turns import Turns

_LOGGER = logging.getLogger(__name__)

_CHECK_EVERY, _TRY_EVERY = 10.0, 1.0  # seconds: while the server is here, while it is away
_PERSISTS = (
    5.0  # seconds of errors alone, after which the server is tried with a picture of our own
)
_MOST_AT_A_TIME = 16
_SAMPLE_SIZE = 320, 180


class _Lessons(NamedTuple):
    """What was taught, as a server is told it, and the id of that; nothing if empty."""

    body: bytes = b""
    id: str = ""


class RemoteEngine:
    """Asks a server, and notes when it goes away and when it is back. Use it from the event loop only.

    Every question raises `EngineUnavailable` while the server is away, and the one that finds it so. Of each
    camera one picture is with the server at a time, and of those that wait the latest comes next.
    `trouble` says why the server is away; it is empty while it is not.
    """

    def __init__(self, hass: HomeAssistant, options: ServerOptions) -> None:
        """Ask nothing yet."""
        self.trouble = ""
        self._hass = hass
        self._options = options
        self._connection = ServerConnection(hass, options)
        self._state = EngineState.STOPPED
        self._listeners: Listeners[[EngineState]] = Listeners()
        self._turns = Turns(_MOST_AT_A_TIME)
        self._streams = EncodedStreams(hass)
        self._lessons = _Lessons()
        self._info: EngineInfo | None = None
        self._away_since: float | None = None
        self._failing_since: float | None = None
        self._doubt = asyncio.Event()
        self._restarts = 0
        self._supervisor: asyncio.Task[None] | None = None
        self._faults = FaultLog(_LOGGER)

    @property
    def state(self) -> EngineState:
        """`restarting`: the server is away. `failed`: for so long that the user was told of it."""
        return self._state

    @property
    def options(self) -> ServerOptions:
        """Where the server is."""
        return self._options

    def add_listener(self, listener: Callable[[EngineState], None]) -> Callable[[], None]:
        """Calls `listener` at each change of state, and when the server runs another bundle."""
        return self._listeners.async_add(listener)

    async def start(self) -> None:
        """Asks the server whether it is ready, and about a picture.

        Raises `ServerAway`; nothing is left running then.
        """
        self._info = await self._check()
        self._set_state(EngineState.RUNNING)
        self._begin_to_supervise()

    def start_later(self, error: ServerAway) -> None:
        """Asks the server from when it is there on; `error` says why it is not now."""
        self._note_away(error)
        self._begin_to_supervise()

    async def stop(self) -> None:
        """Asks no more."""
        supervisor, self._supervisor = self._supervisor, None
        if supervisor:
            supervisor.cancel()
            await asyncio.wait([supervisor])
        if self._state is EngineState.FAILED:
            async_clear_issue(self._hass, ISSUE_SERVER_AWAY)
        self._set_state(EngineState.STOPPED)

    async def classify(
        self, picture: bytes | StreamFrame, request: Request | None = None
    ) -> Result:
        """What is in a snapshot, or in a stream: see `EngineClient`."""
        request = request or Request()
        async with self._turns.take(request.camera):
            self._check_running()
            if not isinstance(picture, StreamFrame):
                return await self._classify(picture, request)
            frame, jpeg = await self._streams.async_take(picture)
            return replace(await self._classify(jpeg, request), frame=frame)

    async def features(self, snapshot: bytes, box: Box, regime: Regime) -> tuple[float, ...]:
        """Features of the object in `box`."""
        asked = models.features_request(snapshot, box, regime)
        return await self._ask_in_turn(models.FEATURES, asked, models.read_features)

    async def teach(
        self, examples: Sequence[Example], background: Sequence[Example] = ()
    ) -> tuple[TaughtClass, ...]:
        """Classes learnt from examples; a server that does not know them later is told again."""
        if not examples:
            self._lessons = _Lessons()
            return ()
        self._check_running()
        body = models.lessons_body(examples, background)
        classes = await self._put_lessons(body, "")
        self._lessons = _Lessons(body, models.lessons_id(body))
        return classes

    async def draw_boxes(self, snapshot: bytes, boxes: Sequence[Box]) -> bytes:
        """A JPEG of the snapshot with its boxes."""
        asked = models.draw_boxes_request(snapshot, boxes)
        return await self._ask_in_turn(models.DRAW_BOXES, asked, models.read_picture)

    async def cut_out(self, snapshot: bytes, box: Box, side: int) -> bytes:
        """A JPEG of what is in `box`, its longer side at most `side` pixels."""
        asked = models.cut_out_request(snapshot, box, side)
        return await self._ask_in_turn(models.CUT_OUT, asked, models.read_picture)

    async def encode(self, frame: StreamFrame) -> bytes:
        """A JPEG of the frame of a stream that was classified last."""
        return self._streams.taken(frame)

    async def follow(self, stream: str, memory: int) -> None:
        """Takes frames from there until `unfollow`; the descriptor may be closed afterwards."""
        self._streams.follow(stream, memory)

    async def unfollow(self, stream: str) -> None:
        """Lets go of a stream."""
        self._streams.unfollow(stream)

    async def forget(self, camera: str) -> None:
        """Has the server drop what it remembers of a camera."""
        self._check_running()
        await self._ask(models.FORGET, models.forget_request(camera), camera)

    async def info(self) -> EngineInfo:
        """The bundle and how it runs there, as of the last check."""
        self._check_running()
        assert self._info
        return self._info

    async def statistics(self) -> EngineStatistics:
        """What the server has used for all its homes; `restarts` counts how often it went away."""
        self._check_running()
        told = await self._connection.get("camclassify/statistics")
        with _understanding():
            lanes = tuple(LaneStatistics(**each) for each in told["lanes"])
            return EngineStatistics(
                restarts=self._restarts, rss=told["rss"], cpu_time=told["cpu_time"], lanes=lanes
            )

    def _begin_to_supervise(self) -> None:
        self._supervisor = self._hass.async_create_background_task(
            self._supervise(), f"{DOMAIN} server"
        )

    def _check_running(self) -> None:
        if self._state is not EngineState.RUNNING:
            raise EngineUnavailable(self.trouble or "The server is not asked.")

    async def _classify(self, snapshot: bytes, request: Request) -> Result:
        lessons = self._lessons
        try:
            return await self._classify_with(lessons, snapshot, request)
        except LessonsMissing:
            lessons = await self._tell_again(lessons, request.camera)
        try:
            return await self._classify_with(lessons, snapshot, request)
        except LessonsMissing as error:
            raise EngineUnavailable(str(error)) from error

    async def _classify_with(self, lessons: _Lessons, snapshot: bytes, request: Request) -> Result:
        asked = models.classify_request(snapshot, request, lessons=lessons.id)
        return models.read_result(await self._ask(models.CLASSIFY, asked, request.camera))

    async def _tell_again(self, lessons: _Lessons, camera: str) -> _Lessons:
        """Tell whoever looks at a camera what was taught; go on without if it cannot be learnt there."""
        try:
            if lessons.id:
                await self._put_lessons(lessons.body, camera)
        except ExampleError as error:
            _LOGGER.error("What was taught cannot be recognised for now: %s", error)
            self._lessons = _Lessons()
            return _Lessons()
        return lessons

    async def _put_lessons(self, body: bytes, camera: str) -> tuple[TaughtClass, ...]:
        told = await self._connection.put("camclassify/lessons", body, camera)
        with _understanding():
            return tuple(taught_from_json(each) for each in told["classes"])

    async def _ask_in_turn[Read](
        self, model: str, asked: InferRequest, read: Callable[[InferAnswer], Read]
    ) -> Read:
        async with self._turns.take(""):
            self._check_running()
            return read(await self._ask(model, asked, ""))

    async def _ask(self, model: str, asked: InferRequest, camera: str) -> InferAnswer:
        """Ask, and note what that says about the server."""
        try:
            answer = await self._connection.infer(model, asked, camera)
        except ServerAway:
            self._doubt.set()
            raise
        except EngineUnavailable:
            self._note_failure()
            raise
        except SnapshotError:
            self._failing_since = None
            raise
        self._failing_since = None
        return answer

    def _note_failure(self) -> None:
        if self._failing_since is None:
            self._failing_since = monotonic()
        if self._fails_always:
            self._doubt.set()

    @property
    def _fails_always(self) -> bool:
        """Whether there have been errors alone for a while."""
        return self._failing_since is not None and monotonic() - self._failing_since >= _PERSISTS

    async def _supervise(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_CHECK_EVERY if not self.trouble else _TRY_EVERY):
                    await self._doubt.wait()
            self._doubt.clear()
            try:
                self._note_here(await self._check())
            except CamClassifyError as error:
                self._note_away(error)
            except Exception as error:
                self._faults.note("The server could not be checked", error)

    async def _check(self) -> EngineInfo:
        """Ask whether the server is ready; unless it answered lately, also about a picture.

        Raises ServerAway.
        """
        info = await self._connection.check()
        if self._state is EngineState.RUNNING and not self._fails_always:
            return info
        picture = await self._hass.async_add_executor_job(sample_snapshot, *_SAMPLE_SIZE)
        asked = models.classify_request(picture, Request())
        try:
            models.read_result(await self._connection.infer(models.CLASSIFY, asked, ""))
        except ServerAway:
            raise
        except CamClassifyError as error:
            raise ServerAway("server_not_ready", str(error)) from error
        return info

    def _note_away(self, error: CamClassifyError) -> None:
        self.trouble = str(error)
        if self._away_since is None:
            self._away_since = monotonic()
            self._restarts += 1
            self._set_state(EngineState.RESTARTING)
        elif (
            self._state is not EngineState.FAILED and monotonic() - self._away_since >= HOLD_SECONDS
        ):
            _LOGGER.warning("The server at %s is away: %s", self._options.url, error)
            async_raise_server_issue(self._hass, self._options.url, error)
            self._set_state(EngineState.FAILED)

    def _note_here(self, info: EngineInfo) -> None:
        before, self._info = self._info, info
        was_told = self._state is EngineState.FAILED
        self.trouble, self._away_since, self._failing_since = "", None, None
        if was_told:
            _LOGGER.info("The server at %s is back", self._options.url)
            async_clear_issue(self._hass, ISSUE_SERVER_AWAY)
        if before and _bundle(before) != _bundle(info) and self._state is EngineState.RUNNING:
            self._listeners.async_call(self._state)
        self._set_state(EngineState.RUNNING)

    def _set_state(self, state: EngineState) -> None:
        if state is not self._state:
            self._state = state
            self._listeners.async_call(state)


def _bundle(info: EngineInfo) -> tuple[object, ...]:
    """What of an engine the cameras depend on: servers that share the work may differ in the rest."""
    return info.bundle_name, info.bundle_version, info.classes, info.feature_length


@contextmanager
def _understanding() -> Iterator[None]:
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise CamClassifyError(f"The server's answer cannot be understood: {error!r}.") from error
