"""This machine's engine in place of a server that is away."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from typing import Any

import pytest
from camclassify_core import EngineOptions, EngineState, EngineUnavailable, Request
from camclassify_core.stream.shared_frames import make_memory
from homeassistant.core import HomeAssistant

from custom_components.camclassify.engine.interface import ServerOptions
from custom_components.camclassify.engine.stand_in import StandInEngine

from ..conftest import faked_client
from ..fake_engine import FakeEngineClient, snapshot
from ..inference_server import InferenceServer
from ..looks import until
from .test_remote_engine import EXAMPLE

pytestmark = pytest.mark.usefixtures("quick")

OWN = EngineOptions(lanes=2, classes=("person",))


@pytest.fixture
def worker() -> Generator[FakeEngineClient]:
    """The engine of this machine."""
    with faked_client("engine.stand_in") as fake:
        yield fake


@pytest.fixture
async def engine(
    hass: HomeAssistant, inference: InferenceServer, worker: FakeEngineClient
) -> AsyncGenerator[StandInEngine]:
    """The server's engine; this machine's stands in."""
    engine = StandInEngine(hass, ServerOptions(url=inference.url, stand_in=OWN), OWN)
    yield engine
    await engine.stop()


async def test_this_machine_looks_while_the_server_is_away(
    engine: StandInEngine, inference: InferenceServer, worker: FakeEngineClient
) -> None:
    await engine.start()
    heard: list[EngineState] = []
    engine.add_listener(heard.append)
    memory = make_memory()
    await engine.follow("gate", memory)
    await engine.teach([EXAMPLE], [])
    await engine.classify(snapshot(1), Request(camera="gate"))
    assert (worker.starts, engine.stands_in) == (0, False)

    inference.ready = False
    engine._remote._doubt.set()
    await until(lambda: engine.state is EngineState.RESTARTING)
    with pytest.raises(EngineUnavailable):
        await engine.classify(snapshot(2), Request(camera="gate"))
    await until(lambda: engine.stands_in)
    assert engine.state is EngineState.RUNNING
    assert worker.options == OWN
    assert worker.followed.keys() == {"gate"}
    assert worker.lessons == ((EXAMPLE,), ())
    await engine.classify(snapshot(3), Request(camera="gate"))
    assert [picture for picture, _ in worker.requests] == [snapshot(3)]
    await engine.teach([], [])

    inference.ready = True
    await until(lambda: not engine.stands_in)
    await until(lambda: worker.stops)
    assert engine.state is EngineState.RUNNING
    await engine.classify(snapshot(4), Request(camera="gate"))
    pictures = [picture for picture, _ in inference.requests]
    assert pictures == [snapshot(1), snapshot(4)]
    assert heard == [EngineState.RESTARTING, EngineState.RUNNING, EngineState.RUNNING]
    await engine.unfollow("gate")


async def test_a_server_that_is_back_soon_is_not_replaced(
    engine: StandInEngine,
    inference: InferenceServer,
    worker: FakeEngineClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("custom_components.camclassify.engine.stand_in.PATIENCE", 0.2)
    await engine.start()
    inference.ready = False
    engine._remote._doubt.set()
    await until(lambda: engine.state is EngineState.RESTARTING)
    inference.ready = True
    await until(lambda: engine.state is EngineState.RUNNING)
    await asyncio.sleep(0.3)
    assert worker.starts == 0


async def test_it_begins_without_the_server(
    engine: StandInEngine, inference: InferenceServer, worker: FakeEngineClient
) -> None:
    inference.ready = False
    await engine.start()
    assert engine.stands_in
    assert (await engine.info()).pid == 4711
    assert (await engine.statistics()).rss == 100_000_000
    assert await engine.draw_boxes(b"picture", []) == b"pictureboxes:0"
    assert await engine.cut_out(b"picture", EXAMPLE.box, 7) == b"picture of 7"
    assert await engine.features(b"picture", EXAMPLE.box, EXAMPLE.regime)
    await engine.forget("gate")
    memory = make_memory()
    await engine.follow("gate", memory)
    assert worker.followed == {"gate": memory}
    await engine.unfollow("gate")
    assert worker.followed == {}
    inference.ready = True
    await until(lambda: not engine.stands_in)
    assert (await engine.statistics()).rss == 1000


async def test_where_neither_starts_nothing_is_left(
    engine: StandInEngine, inference: InferenceServer, worker: FakeEngineClient
) -> None:
    inference.ready = False
    worker.start_error = EngineUnavailable("It ended.")
    with pytest.raises(EngineUnavailable, match="It ended"):
        await engine.start()
    assert not engine.stands_in


async def test_an_engine_that_does_not_start_is_tried_again(
    engine: StandInEngine,
    inference: InferenceServer,
    worker: FakeEngineClient,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await engine.start()
    worker.start_error = EngineUnavailable("It ended.")
    inference.ready = False
    engine._remote._doubt.set()
    await until(lambda: "This machine cannot look in place of the server: It ended." in caplog.text)
    worker.start_error = None
    await until(lambda: engine.stands_in)


@pytest.mark.parametrize("what", ["teach_error", "follow"])
async def test_what_the_stand_in_cannot_take_over(
    engine: StandInEngine,
    inference: InferenceServer,
    worker: FakeEngineClient,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
) -> None:
    await engine.start()
    await engine.follow("gate", make_memory())
    if what == "teach_error":
        worker.teach_error = EngineUnavailable("Not now.")
    else:

        async def fail(*_args: Any) -> None:
            monkeypatch.undo()
            raise EngineUnavailable("Not now.")

        monkeypatch.setattr(worker, "follow", fail)
    inference.ready = False
    engine._remote._doubt.set()
    await until(lambda: "Not now." in caplog.text)
    worker.teach_error = None
    await until(lambda: engine.stands_in)
