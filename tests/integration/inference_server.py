"""A small server that speaks what `camclassify serve` speaks, and does what the test wants."""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace

from aiohttp import web
from camclassify_core import EngineOptions, Request, SnapshotError
from camclassify_core.codec import example_from_json, info_to_json, taught_to_json
from camclassify_core.open_inference import models
from camclassify_core.open_inference.inference import (
    JSON_LENGTH,
    InferAnswer,
    InferRequest,
    decode_request,
    encode_answer,
    read_json_length,
)

from .fake_engine import FakeEngineClient

CAMERA_HEADER = "X-CamClassify-Camera"
ERROR_HEADER = "X-CamClassify-Error"


class InferenceServer:
    """Answers with what `engine` finds; counts what it was asked.

    `error`: (status, name, sentence) that classifying answers with. `breaks`: how many connections are cut
    instead of an answer. `nonsense`: what is answered instead. `hangs`: what everything waits for.
    """

    def __init__(self) -> None:
        """Know of no lesson, and expect no token."""
        self.engine = FakeEngineClient(EngineOptions())
        self.token = ""
        self.url = ""
        self.ready = True
        self.error: tuple[int, str, str] | None = None
        self.breaks = 0
        self.nonsense = b""
        self.hangs: asyncio.Event | None = None
        self.latency = 0.0  # seconds
        self.lessons: dict[str, bytes] = {}
        self.ids: list[str] = []
        self.cameras: list[str] = []  # as the header says them
        self.puts: list[str] = []  # the cameras for which lessons were put
        self.in_flight = 0
        self.most_in_flight = 0

    def app(self) -> web.Application:
        """Return the routes of the protocol."""
        app = web.Application(middlewares=[self._checked], client_max_size=64 * 1024 * 1024)
        app.add_routes(
            [
                web.get("/v2/health/ready", self._ready),
                web.get("/camclassify/info", self._info),
                web.get("/camclassify/statistics", self._statistics),
                web.put("/camclassify/lessons", self._put_lessons),
                web.post("/v2/models/{model}/infer", self._infer),
            ]
        )
        return app

    @property
    def requests(self) -> list[tuple[bytes, Request]]:
        """The pictures of cameras that were asked about."""
        return [
            (picture, request)
            for picture, request in self.engine.requests
            if isinstance(picture, bytes) and request.camera
        ]

    @web.middleware
    async def _checked(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        if self.token and request.headers.get("Authorization") != f"Bearer {self.token}":
            return refusal(401, "Unauthorized", "No home has this token.")
        return await handler(request)

    async def _ready(self, _request: web.Request) -> web.Response:
        if self.hangs:
            await self.hangs.wait()
        return web.Response() if self.ready else refusal(503, "EngineUnavailable", "It loads.")

    async def _info(self, _request: web.Request) -> web.Response:
        return web.json_response(info_to_json(await self.engine.info()))

    async def _statistics(self, _request: web.Request) -> web.Response:
        return web.json_response({"rss": 1000, "cpu_time": 2.5, "lanes": []})

    async def _put_lessons(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.puts.append(request.headers[CAMERA_HEADER])
        name = hashlib.sha256(body).hexdigest()
        said = json.loads(body)
        lessons = [
            [example_from_json(each) for each in said[kind]] for kind in ("examples", "background")
        ]
        taught = await self.engine.teach(*lessons)
        self.lessons[name] = body
        return web.json_response(
            {"lessons": name, "classes": [taught_to_json(each) for each in taught]}
        )

    async def _infer(self, request: web.Request) -> web.Response:
        body = await request.read()
        asked = decode_request(body, read_json_length(request.headers.get(JSON_LENGTH)))
        self.ids.append(asked.id)
        self.cameras.append(request.headers[CAMERA_HEADER])
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            if self.hangs:
                await self.hangs.wait()
            if self.breaks:
                self.breaks -= 1
                assert request.transport
                request.transport.abort()
                return web.Response()
            await asyncio.sleep(self.latency)
            if self.nonsense:
                return web.Response(body=self.nonsense)
            if self.error:
                return refusal(*self.error)
            answer = await self._answer(request.match_info["model"], asked)
        except SnapshotError as error:
            return refusal(400, "SnapshotError", str(error))
        finally:
            self.in_flight -= 1
        if answer is None:
            return refusal(428, "LessonsMissing", "Tell what was taught.")
        encoded = encode_answer(replace(answer, id=asked.id), asked)
        return web.Response(body=encoded.body, headers=encoded.headers)

    async def _answer(self, model: str, asked: InferRequest) -> InferAnswer | None:
        match model:
            case models.CLASSIFY:
                question = models.read_question(asked)
                if question.lessons and question.lessons not in self.lessons:
                    return None
                return models.classify_answer(
                    await self.engine.classify(question.snapshot, question.request)
                )
            case models.FEATURES:
                return models.features_answer(
                    await self.engine.features(*models.read_features_request(asked))
                )
            case models.DRAW_BOXES:
                drawn = await self.engine.draw_boxes(*models.read_draw_boxes_request(asked))
                return models.picture_answer(model, drawn)
            case models.CUT_OUT:
                cut = await self.engine.cut_out(*models.read_cut_out_request(asked))
                return models.picture_answer(model, cut)
            case _:
                await self.engine.forget(models.read_forget_request(asked))
                return InferAnswer(model_name=model)


def refusal(status: int, name: str, sentence: str) -> web.Response:
    """Return an error as the server tells it; without a name it is that of something in between."""
    headers = {ERROR_HEADER: name} if name else {}
    return web.json_response({"error": sentence}, status=status, headers=headers)
