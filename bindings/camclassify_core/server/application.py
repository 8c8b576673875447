"""The HTTP of a server: the Open Inference Protocol, and what our models need beside it.

It says who asks, what that may be and how errors are told; what is asked of a model goes to `Models`.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from contextlib import suppress
from time import monotonic
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from camclassify_core._version import VERSION
from camclassify_core.codec import Json
from camclassify_core.errors import (
    BundleError,
    CamClassifyError,
    Deadline,
    EngineUnavailable,
    ExampleError,
    LessonsMissing,
    ProtocolViolation,
    RequestError,
    SnapshotError,
    Superseded,
    TooLarge,
    TooMany,
    Unauthorized,
    UnknownModel,
)
from camclassify_core.faults import FaultLog
from camclassify_core.open_inference.inference import (
    JSON_LENGTH,
    InferAnswer,
    decode_request,
    encode_answer,
    read_json_length,
    write_json,
)
from camclassify_core.open_inference.models import CLASSIFY, MODELS, camera_of
from camclassify_core.strict_json import json_object

from .home_file import Home, Homes
from .metrics import Metrics, Value
from .models_here import ModelCall, Models
from .usage import Held, Usage

CAMERA = "X-CamClassify-Camera"
ERROR = "X-CamClassify-Error"
RECOGNISE = "recognise"
"""In the state of a request, where there is one: what to call when it comes from a home."""

_LOGGER = logging.getLogger(__name__)
_LONGEST_SENTENCE = 500
_LINGER_SECONDS = 1.0
_LINGER_BYTES = 16_000_000
_LATELY_SECONDS = 0.5
_LINES_A_SECOND = 10
_STATUS: dict[type[CamClassifyError], int] = {
    BundleError: 400,
    ExampleError: 400,
    ProtocolViolation: 400,
    RequestError: 400,
    SnapshotError: 400,
    Unauthorized: 401,
    UnknownModel: 404,
    Superseded: 409,
    TooLarge: 413,
    LessonsMissing: 428,
    TooMany: 429,
    EngineUnavailable: 503,
    Deadline: 504,
}
_ADVICE = {
    401: {"WWW-Authenticate": "Bearer"},
    429: {"Retry-After": "1"},
    503: {"Retry-After": "1"},
}
type _Answer = Callable[[Request, Home], Awaitable[Response]]


class Application:
    """The ASGI application. `homes` may be replaced while it runs."""

    def __init__(
        self, models: Models, homes: Homes, usage: Usage | None = None, *, front: str = ""
    ) -> None:
        """`front`: what its metrics are told from those of others by."""
        self.homes = homes
        self.values: Callable[[], Iterable[Value]] = tuple
        self._models = models
        self._usage = usage or Usage()
        self._metrics = Metrics({"front": front} if front else None)
        self._faults = FaultLog(_LOGGER)
        self._lines = float(_LINES_A_SECOND)
        self._lines_since = 0.0
        self._is_ready = _Lately(models.is_ready)
        self._used = _Lately(models.statistics)
        whose = self._of_a_home
        model = "/v2/models/{model}"
        version = f"{model}/versions/{{version}}"
        self._routes: ASGIApp = Starlette(
            routes=[
                Route("/v2/health/live", self._tell_life),
                Route("/v2/health/ready", self._tell_readiness),
                Route("/metrics", self._tell_metrics),
                *(Route(path, whose(self._describe_server)) for path in ("/v2", "/v2/")),
                *(Route(path, whose(self._describe_model)) for path in (model, version)),
                *(
                    Route(f"{path}/ready", whose(self._tell_model_readiness))
                    for path in (model, version)
                ),
                *(
                    Route(f"{path}/infer", whose(self._infer), methods=["POST"])
                    for path in (model, version)
                ),
                Route("/camclassify/info", whose(self._tell_info)),
                Route("/camclassify/statistics", whose(self._tell_statistics)),
                Route("/camclassify/lessons", whose(self._learn), methods=["PUT"]),
            ],
            exception_handlers={HTTPException: _tell_no_such_place},
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        await self._routes(scope, receive, send)

    def _of_a_home(self, answer: _Answer) -> Callable[[Request], Awaitable[Response]]:
        """An endpoint that is there for homes alone, and tells what goes wrong."""

        async def endpoint(request: Request) -> Response:
            home = None
            try:
                home = self.homes.of(request.headers.get("authorization"))
                getattr(request.state, RECOGNISE, _nothing)()
                return await answer(request, home)
            except ClientDisconnect:
                return Response()  # nobody hears it
            except CamClassifyError as error:
                self._log(request, home, error)
                return _error_response(request, error)
            except Exception as error:
                self._faults.note("A request failed", error)
                return _error_response(
                    request, CamClassifyError("The server could not answer that: its log says why.")
                )

        return endpoint

    async def _infer(self, request: Request, home: Home) -> Response:
        model = request.path_params["model"]
        outcome = "disconnected"
        self._metrics.waiting += 1
        try:
            with self._usage.request(home) as held:
                response = await self._answer(request, home, model, held)
            outcome = "ok"
            return response
        except CamClassifyError as error:
            outcome = type(error).__name__
            raise
        finally:
            self._metrics.waiting -= 1
            self._metrics.count(model if model in MODELS else "network", outcome)

    async def _answer(self, request: Request, home: Home, model: str, held: Held) -> Response:
        body = await _body(request, held)
        asked = decode_request(body, read_json_length(request.headers.get(JSON_LENGTH)))
        request.state.id = asked.id
        camera = camera_of(model, asked)
        if camera:
            self._usage.see(home, camera)
        started = monotonic()
        answer = await self._models.infer(
            ModelCall(
                home=home.name,
                model=model,
                version=request.path_params.get("version", ""),
                camera=request.headers.get(CAMERA, camera),
                asked=asked,
            )
        )
        if model == CLASSIFY:
            self._metrics.time(_stages(answer, monotonic() - started))
        encoded = encode_answer(answer, asked)
        return Response(encoded.body, headers=encoded.headers)

    async def _learn(self, request: Request, home: Home) -> Response:
        with self._usage.request(home) as held:
            lessons = await _body(request, held)
            camera = request.headers.get(CAMERA, "")
            return _json(await self._models.learn(home.name, camera, lessons))

    async def _describe_server(self, _request: Request, _home: Home) -> Response:
        return _json(
            {"name": "camclassify", "version": VERSION, "extensions": ["binary_tensor_data"]}
        )

    async def _describe_model(self, request: Request, home: Home) -> Response:
        return _json(await self._metadata(request, home))

    async def _tell_model_readiness(self, request: Request, home: Home) -> Response:
        name = (await self._metadata(request, home))["name"]
        if not await self._is_ready():
            raise EngineUnavailable("The engine does not answer at the moment.")
        return _json({"name": name, "ready": True})

    async def _metadata(self, request: Request, home: Home) -> Json:
        asked = request.path_params
        with self._usage.request(home):
            return await self._models.metadata(asked["model"], asked.get("version", ""))

    async def _tell_info(self, _request: Request, home: Home) -> Response:
        with self._usage.request(home):
            return _json(await self._models.info())

    async def _tell_statistics(self, _request: Request, _home: Home) -> Response:
        return _json(await self._used())

    async def _tell_life(self, _request: Request) -> Response:
        return _json({"live": True})

    async def _tell_readiness(self, request: Request) -> Response:
        if await self._is_ready():
            return _json({"ready": True})
        told = EngineUnavailable("The engine does not answer at the moment.")
        return _error_response(request, told)

    async def _tell_metrics(self, _request: Request) -> Response:
        ready = await self._is_ready()
        values = [
            Value("camclassify_ready", "Whether the engine answers.", float(ready)),
            Value("camclassify_cameras", "Cameras seen within an hour.", self._usage.cameras),
            Value("camclassify_held_bytes", "Of requests not answered yet.", self._usage.bytes),
            *self.values(),
        ]
        if ready:
            with suppress(CamClassifyError):
                values += _of_the_engine(await self._used())
        return Response(
            self._metrics.text(values), headers={"Content-Type": "text/plain; version=0.0.4"}
        )

    def _log(self, request: Request, home: Home | None, error: CamClassifyError) -> None:
        """A line for each error, unless there are too many: nobody fills a disk by asking."""
        now = monotonic()
        self._lines = min(
            _LINES_A_SECOND, self._lines + (now - self._lines_since) * _LINES_A_SECOND
        )
        self._lines_since = now
        if self._lines < 1 or isinstance(error, Superseded):
            return
        self._lines -= 1
        _LOGGER.warning(
            "Home %s, request %s, %s: %s: %s",
            ascii(home.name) if home else "unknown",
            ascii(getattr(request.state, "id", "")),
            ascii(request.url.path[:_LONGEST_SENTENCE]),
            type(error).__name__,
            ascii(_sentence(error)),
        )


def _nothing() -> None:
    """Where connections are somebody else's."""


class _Lately[Answer]:
    """Asks so seldom that whoever wants to know costs nobody anything; between, the last answer holds."""

    def __init__(self, ask: Callable[[], Coroutine[Any, Any, Answer]]) -> None:
        self._ask = ask
        self._asked: asyncio.Task[Answer] | None = None
        self._since = 0.0

    async def __call__(self) -> Answer:
        if self._asked is None or monotonic() - self._since > _LATELY_SECONDS:
            self._since = monotonic()
            self._asked = asyncio.create_task(self._ask())
        return await asyncio.shield(self._asked)


async def _body(request: Request, held: Held) -> bytes:
    """All of it. Raises `TooLarge` and what else `held` does, before it is read where that can be."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal():
        held.check(int(declared))
    if encoding := request.headers.get("content-encoding"):
        raise RequestError(f"A body in {encoding[:20]!r} is not read: send it as it is.")
    body = bytearray()
    async for chunk in request.stream():
        held.take(len(chunk))
        body += chunk
    request.state.is_read = True
    return bytes(body)


def _stages(answer: InferAnswer, seconds: float) -> dict[str, float]:
    """What each stage of a frame took, its wait for a lane included."""
    timing = json_object(str(answer.parameters["timing_ms"]))
    stages = {stage: milliseconds / 1000 for stage, milliseconds in timing.items()}
    return stages | {"waiting": max(0.0, seconds - stages["total"]), "total": seconds}


def _of_the_engine(used: Json) -> Iterator[Value]:
    labels = {"engine": used["engine"]} if used["engine"] else {}
    for name, what, value in (
        ("cpu_seconds_total", "Of the engine's process.", used["cpu_time"]),
        ("resident_bytes", "Of the engine's process.", used["rss"]),
        ("restarts_total", "How often it had to start.", used["restarts"]),
        ("lanes", "Those that have worked.", len(used["lanes"])),
        ("cameras", "Those that it answered within an hour.", used["cameras"]),
    ):
        yield Value(f"camclassify_engine_{name}", what, value, labels)


def _json(said: Any, status: int = 200) -> Response:
    return Response(write_json(said), status, headers={"Content-Type": "application/json"})


def _error_response(request: Request, error: CamClassifyError) -> Response:
    status = _STATUS.get(type(error), 500)
    headers = {
        "Content-Type": "application/json",
        ERROR: type(error).__name__,
        **_ADVICE.get(status, {}),
    }
    kind = Response if getattr(request.state, "is_read", False) else _LastResponse
    return kind(write_json({"error": _sentence(error)}), status, headers=headers)


async def _tell_no_such_place(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _json({"error": f"{error.detail}: see docs/serving.md."}, error.status_code)


def _sentence(error: CamClassifyError) -> str:
    return str(error)[:_LONGEST_SENTENCE]


class _LastResponse(Response):
    """Tells an error while the request still comes in, and closes the connection.

    What comes in meanwhile is read for a moment: who sends first and listens then hears the answer.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [*self.raw_headers, (b"connection", b"close")]
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        with suppress(TimeoutError):
            async with asyncio.timeout(_LINGER_SECONDS):
                await _pass_over(receive)
        await send({"type": "http.response.body", "body": b""})


async def _pass_over(receive: Receive) -> None:
    passed = 0
    while passed < _LINGER_BYTES:
        message = await receive()
        passed += len(message.get("body", b""))
        if not message.get("more_body"):
            return
