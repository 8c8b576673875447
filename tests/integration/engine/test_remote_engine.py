"""A server that is asked instead of a worker."""

import asyncio
import logging
import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientTimeout, web
from aiohttp.test_utils import TestServer
from camclassify_core import (
    Box,
    CamClassifyError,
    EngineState,
    EngineUnavailable,
    ExampleError,
    KnownView,
    Regime,
    Request,
    SnapshotError,
    StreamFrame,
    Superseded,
    Window,
)
from camclassify_core.examples import Example
from camclassify_core.stream.shared_frames import FrameWriter, make_memory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from custom_components.camclassify.const import DOMAIN
from custom_components.camclassify.engine import server_connection
from custom_components.camclassify.engine.interface import ServerOptions
from custom_components.camclassify.engine.remote_engine import RemoteEngine
from custom_components.camclassify.engine.server_connection import ServerAway
from custom_components.camclassify.issues import ISSUE_SERVER_AWAY

from ..camera.odd_server import own_tls
from ..fake_engine import detection, snapshot
from ..inference_server import InferenceServer, refusal
from ..looks import until
from .test_encoded_streams import grey

pytestmark = pytest.mark.usefixtures("quick")

BOX = Box(x0=0.25, y0=0.5, x1=0.75, y1=1.0)
EXAMPLE = Example(
    id="1",
    name="our_van",
    camera="gate",
    box=BOX,
    regime=Regime.DAY,
    found_as=("delivery_truck", "vehicle"),
    features=(1.0, 0.0, 0.0, 0.0),
)
LOGGER = "custom_components.camclassify.engine.remote_engine"


@pytest.fixture
async def engine(hass: HomeAssistant, inference: InferenceServer) -> AsyncGenerator[RemoteEngine]:
    """The engine of a server that wants a token."""
    inference.token = "secret"
    engine = RemoteEngine(hass, ServerOptions(url=inference.url, token="secret"))
    await engine.start()
    inference.engine.requests.clear()
    yield engine
    await engine.stop()


def is_told(hass: HomeAssistant) -> bool:
    return ir.async_get(hass).async_get_issue(DOMAIN, ISSUE_SERVER_AWAY) is not None


async def test_a_result_comes_back_as_the_engine_gave_it(
    engine: RemoteEngine, inference: InferenceServer
) -> None:
    inference.engine.detections = (detection("person", 0.875, BOX),)
    inference.engine.windows = (Window(region=BOX, width=416, height=256),)
    inference.engine.shows = bytes(range(256)) * 4
    request = Request(
        camera="gate",
        sun_elevation=-3.5,
        regions=(BOX,),
        masks=(((0.0, 0.0), (0.5, 0.0), (0.5, 0.5)),),
        min_score=0.25,
        effort=0.5,
        views=(KnownView(likeness=inference.engine.shows, regions=(BOX,)),),
    )
    inference.engine.shows = None
    result = await engine.classify(snapshot(7), request)
    assert result == await inference.engine.classify(snapshot(7), request)
    assert inference.requests == [(snapshot(7), request)] * 2
    assert inference.cameras[-1] == "gate"
    assert len(set(inference.ids)) == len(inference.ids)


async def test_everything_else_is_asked_of_it_too(
    engine: RemoteEngine, inference: InferenceServer
) -> None:
    assert await engine.features(b"picture", BOX, Regime.NIGHT) == (0.25, 0.5, 0.75, 1.0)
    assert await engine.draw_boxes(b"picture", [BOX, BOX]) == b"pictureboxes:2"
    assert await engine.cut_out(b"picture", BOX, 96) == b"picture of 96"
    await engine.forget("gate")
    assert inference.engine.forgotten == ["gate"]
    assert (await engine.info()).bundle_name == "default"
    assert (await engine.statistics()).cpu_time == 2.5
    assert all(inference.cameras)


async def test_a_picture_that_cannot_be_used_says_nothing_about_the_server(
    engine: RemoteEngine,
) -> None:
    with pytest.raises(SnapshotError, match="truncated"):
        await engine.classify(b"corrupt", Request(camera="gate"))
    assert engine.state is EngineState.RUNNING


@pytest.mark.parametrize(
    ("error", "raised", "text"),
    [
        ((409, "Superseded", "A newer one came."), Superseded, "newer"),
        ((503, "EngineUnavailable", "Overload."), EngineUnavailable, r"Overload\. \(request \w+\)"),
        ((504, "Deadline", "Too late."), EngineUnavailable, "Too late"),
        ((429, "TooMany", "Slower."), EngineUnavailable, "Slower"),
        ((413, "TooLarge", "Smaller."), SnapshotError, "Smaller"),
        ((503, "", "No server."), EngineUnavailable, "No server"),
        ((400, "RequestError", "No."), CamClassifyError, "No"),
        ((428, "LessonsMissing", "Tell."), EngineUnavailable, "Tell"),
    ],
    ids=lambda value: str(value[:2]) if isinstance(value, tuple) else "",
)
async def test_an_error_is_one_of_that_look_only(
    engine: RemoteEngine,
    inference: InferenceServer,
    error: tuple[int, str, str],
    raised: type[CamClassifyError],
    text: str,
) -> None:
    inference.error = error
    with pytest.raises(raised, match=text):
        await engine.classify(snapshot(), Request(camera="gate"))
    assert engine.state is EngineState.RUNNING
    inference.error = None
    await engine.classify(snapshot(), Request(camera="gate"))


async def test_errors_that_persist_mean_that_it_is_away(
    engine: RemoteEngine, inference: InferenceServer
) -> None:
    inference.error = (503, "EngineUnavailable", "Overload.")

    async def ask() -> None:
        with pytest.raises(EngineUnavailable, match="Overload"):
            await engine.classify(snapshot(), Request(camera="gate"))

    await ask()
    assert engine.state is EngineState.RUNNING
    await asyncio.sleep(0.15)
    await ask()
    await until(lambda: engine.state is EngineState.RESTARTING)
    inference.error = None
    await until(lambda: engine.state is EngineState.RUNNING)


async def test_a_connection_that_breaks_before_the_answer_is_no_failure(
    engine: RemoteEngine, inference: InferenceServer
) -> None:
    inference.breaks = 1
    await engine.classify(snapshot(), Request(camera="gate"))
    assert inference.breaks == 0
    inference.error = (502, "", "Bad gateway.")
    with pytest.raises(ServerAway):
        await engine.classify(snapshot(), Request(camera="gate"))
    assert engine.state is EngineState.RUNNING


async def test_what_is_no_answer_is_an_error(
    engine: RemoteEngine, inference: InferenceServer
) -> None:
    inference.nonsense = b'{"outputs": 3}'
    with pytest.raises(CamClassifyError, match="cannot be understood"):
        await engine.classify(snapshot())
    inference.nonsense = b'{"model_name": "camclassify", "outputs": []}'
    with pytest.raises(CamClassifyError, match="is missing"):
        await engine.classify(snapshot())
    assert engine.state is EngineState.RUNNING


async def test_a_server_that_goes_is_told_of_once_and_found_again(
    hass: HomeAssistant,
    engine: RemoteEngine,
    inference: InferenceServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    states: list[EngineState] = []
    engine.add_listener(states.append)
    inference.ready = False
    engine._doubt.set()
    await until(lambda: engine.state is EngineState.RESTARTING)
    assert not is_told(hass)
    with pytest.raises(EngineUnavailable, match="It loads"):
        await engine.classify(snapshot())
    await until(lambda: engine.state is EngineState.FAILED)
    assert is_told(hass)
    await asyncio.sleep(0.1)
    inference.ready = True
    await until(lambda: engine.state is EngineState.RUNNING)
    assert not is_told(hass)
    assert states == [EngineState.RESTARTING, EngineState.FAILED, EngineState.RUNNING]
    assert [each.getMessage() for each in caplog.records if each.name == LOGGER] == [
        f"The server at {inference.url} is away: It loads.",
        f"The server at {inference.url} is back",
    ]
    assert (await engine.statistics()).restarts == 1


async def test_the_token_is_in_no_log(
    hass: HomeAssistant,
    engine: RemoteEngine,
    inference: InferenceServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    await engine.classify(snapshot())
    inference.token = "another"
    with pytest.raises(ServerAway, match="refuses the token") as raised:
        await engine.classify(snapshot())
    assert raised.value.reason == "server_token"
    await until(lambda: engine.state is EngineState.FAILED)
    assert inference.ids[-1] in caplog.text
    assert "secret" not in caplog.text
    assert "secret" not in repr(engine.options)


async def test_listeners_hear_of_another_bundle(
    engine: RemoteEngine, inference: InferenceServer
) -> None:
    heard: list[EngineState] = []
    engine.add_listener(heard.append)
    engine._doubt.set()
    await asyncio.sleep(0.05)
    assert heard == []
    inference.engine.only = ("person",)
    engine._doubt.set()
    await until(lambda: heard)
    assert [each.name for each in (await engine.info()).classes] == ["person"]


async def test_one_picture_of_a_camera_is_asked_about_at_a_time(
    engine: RemoteEngine, inference: InferenceServer
) -> None:
    inference.hangs = asyncio.Event()
    asked = [
        asyncio.create_task(engine.classify(snapshot(number), Request(camera="gate")))
        for number in range(3)
    ]
    await until(lambda: inference.in_flight)
    await asyncio.sleep(0.05)
    assert inference.most_in_flight == 1
    inference.hangs.set()
    await asked[0]
    with pytest.raises(Superseded):
        await asked[1]
    await asked[2]
    assert [picture for picture, _ in inference.requests] == [snapshot(0), snapshot(2)]


async def test_a_frame_of_a_stream_is_sent_as_a_picture(
    engine: RemoteEngine, inference: InferenceServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "custom_components.camclassify.engine.encoded_streams.encode_frame",
        lambda _frame: snapshot(9),
    )
    memory = make_memory()
    await engine.follow("stream", memory)
    FrameWriter(memory).put(grey(20), 7.0)
    wanted = StreamFrame(stream="stream", number=0, taken=1.0)
    result = await engine.classify(wanted, Request(camera="gate"))
    assert result.frame == StreamFrame(stream="stream", number=1, taken=7.0)
    assert [picture for picture, _ in inference.requests] == [snapshot(9)]
    assert await engine.encode(result.frame) == snapshot(9)
    await engine.unfollow("stream")
    with pytest.raises(SnapshotError):
        await engine.classify(wanted, Request(camera="gate"))
    os.close(memory)


async def test_answers_about_the_server_that_cannot_be_understood(
    engine: RemoteEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def say(*_args: Any) -> Any:
        return {"lanes": 3}

    monkeypatch.setattr(engine._connection, "get", say)
    with pytest.raises(CamClassifyError, match="cannot be understood"):
        await engine.statistics()


async def test_a_fault_of_ours_does_not_end_the_watch(
    engine: RemoteEngine,
    inference: InferenceServer,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def fail() -> None:
        monkeypatch.undo()
        raise ZeroDivisionError

    monkeypatch.setattr(engine._connection, "check", fail)
    engine._doubt.set()
    await until(lambda: "The server could not be checked" in caplog.text)
    inference.ready = False
    engine._doubt.set()
    await until(lambda: engine.state is EngineState.RESTARTING)


class TestLessons:
    """What was taught, at a server that may forget it."""

    async def test_they_are_told_again_where_they_are_missing(
        self, engine: RemoteEngine, inference: InferenceServer
    ) -> None:
        (taught,) = await engine.teach([EXAMPLE], [])
        assert taught.info.name == "our_van"
        await engine.classify(snapshot(), Request(camera="gate"))
        assert len(inference.puts) == 1
        inference.lessons.clear()
        await engine.classify(snapshot(), Request(camera="gate"))
        assert inference.puts[1:] == ["gate"]
        await engine.classify(snapshot(), Request(camera="gate"))
        assert len(inference.puts) == 2

    async def test_what_is_forgotten_is_asked_for_no_more(
        self, engine: RemoteEngine, inference: InferenceServer
    ) -> None:
        await engine.teach([EXAMPLE], [])
        assert await engine.teach([], []) == ()
        inference.lessons.clear()
        await engine.classify(snapshot(), Request(camera="gate"))
        assert len(inference.puts) == 1

    async def test_lessons_that_are_refused_later_stop_no_camera(
        self, engine: RemoteEngine, inference: InferenceServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await engine.teach([EXAMPLE], [])
        inference.lessons.clear()

        async def refuse(*_args: Any) -> None:
            raise ExampleError("No.")

        monkeypatch.setattr(engine._connection, "put", refuse)
        await engine.classify(snapshot(), Request(camera="gate"))
        await engine.classify(snapshot(), Request(camera="gate"))


class TestStart:
    """What keeps a server from being used."""

    async def refused(self, hass: HomeAssistant, url: str, **options: Any) -> ServerAway:
        engine = RemoteEngine(hass, ServerOptions(url=url, **options))
        with pytest.raises(ServerAway) as raised:
            await engine.start()
        assert engine.state is EngineState.STOPPED
        with pytest.raises(EngineUnavailable):
            await engine.info()
        return raised.value

    async def test_nobody_is_there(self, hass: HomeAssistant, socket_enabled: None) -> None:
        away = await self.refused(hass, "http://127.0.0.1:1")
        assert away.reason == "server_unreachable"

    async def test_it_does_not_answer(
        self, hass: HomeAssistant, inference: InferenceServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        inference.hangs = asyncio.Event()
        short = ClientTimeout(total=0.05)
        monkeypatch.setattr(server_connection, "_CHECK_TIMEOUT", short)
        away = await self.refused(hass, inference.url)
        inference.hangs.set()
        assert away.reason == "server_unreachable"

    async def test_another_token_is_wanted(
        self, hass: HomeAssistant, inference: InferenceServer
    ) -> None:
        inference.token = "secret"
        assert (await self.refused(hass, inference.url, token="other")).reason == "server_token"

    async def test_it_is_not_ready(self, hass: HomeAssistant, inference: InferenceServer) -> None:
        inference.ready = False
        away = await self.refused(hass, inference.url)
        assert (away.reason, str(away)) == ("server_not_ready", "It loads.")

    async def test_it_cannot_look(self, hass: HomeAssistant, inference: InferenceServer) -> None:
        inference.error = (400, "SnapshotError", "It is broken.")
        away = await self.refused(hass, inference.url)
        assert (away.reason, str(away)) == ("server_not_ready", "It is broken.")

    @pytest.mark.parametrize(
        "answer",
        [
            web.Response(text="<html>"),
            web.Response(text="[]"),
            web.Response(status=404),
            web.HTTPFound("http://elsewhere.example.org"),
            refusal(404, "UnknownModel", "There is no such model."),
        ],
        ids=["page", "list", "nothing", "elsewhere", "no model"],
    )
    async def test_something_else_is_there(
        self,
        hass: HomeAssistant,
        aiohttp_server: Callable[[web.Application], Awaitable[TestServer]],
        socket_enabled: None,
        answer: web.Response,
    ) -> None:
        async def say(_request: web.Request) -> web.Response:
            return web.Response(status=answer.status, body=answer.body, headers={**answer.headers})

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", say)
        server = await aiohttp_server(app)
        url = str(server.make_url("/")).rstrip("/")
        assert (await self.refused(hass, url)).reason == "server_unknown"

    async def test_its_certificate_is_not_trusted(
        self,
        hass: HomeAssistant,
        inference: InferenceServer,
        aiohttp_server: Callable[..., Awaitable[TestServer]],
        tmp_path: Path,
    ) -> None:
        tls = await hass.async_add_executor_job(own_tls, tmp_path)
        server = await aiohttp_server(inference.app(), ssl=tls)
        hass.loop.set_exception_handler(lambda *_: None)  # the server's, whose handshake fails
        url = str(server.make_url("/")).rstrip("/").replace("http:", "https:")
        assert (await self.refused(hass, url)).reason == "server_certificate"
        engine = RemoteEngine(hass, ServerOptions(url=url, verify=False))
        await engine.start()
        await engine.stop()
