"""What nobody thought of costs the request that met it, and nothing else."""

import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import pytest
from camclassify_core import (
    CamClassifyError,
    EngineClient,
    EngineOptions,
    EngineState,
    EngineUnavailable,
    Request,
)
from camclassify_core.errors import RequestError

from .waiting import state_of

COMMAND = (sys.executable, str(Path(__file__).parent / "fake_worker.py"))


@pytest.fixture
async def client() -> AsyncIterator[EngineClient]:
    client = EngineClient(EngineOptions(), command=COMMAND)
    await client.start()
    yield client
    async with asyncio.timeout(10):
        await client.stop()
    assert client.state is EngineState.STOPPED


async def answers(client: EngineClient) -> bool:
    async with asyncio.timeout(5):
        return (await client.classify(b"123")).width == 3


@pytest.mark.parametrize(
    "request_",
    [
        Request(sun_elevation=float("nan")),
        Request(min_score=float("inf")),
        Request(min_score=np.float32(0.5)),  # type: ignore[arg-type]
        Request(masks=(((0.0, float("nan")), (1.0, 0.0), (1.0, 1.0)),)),
        Request(camera="x" * 2_000_000),
    ],
)
async def test_a_request_that_cannot_be_sent_fails_alone(
    client: EngineClient, request_: Request
) -> None:
    others = asyncio.ensure_future(client.classify(b"sleep 0.1"))
    async with asyncio.timeout(5):
        with pytest.raises(RequestError, match="cannot be asked"):
            await client.classify(b"1", request_)
    assert (await others).width == 9
    assert await answers(client)
    assert (await client.statistics()).restarts == 0


async def test_an_answer_that_is_not_finite_fails_alone(client: EngineClient) -> None:
    with pytest.raises(CamClassifyError):
        await client.classify(b"nan")
    assert await answers(client)
    assert (await client.statistics()).restarts == 0


async def test_an_answer_that_cannot_be_understood_fails_alone(
    client: EngineClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers_that_are_none: list[dict[str, object]] = [
        {},
        {"ok": None},
        {"ok": {"detections": 3}},
        {"error": "annotations"},
        {"error": ["EngineUnavailable"]},
    ]
    for broken in answers_that_are_none:
        with monkeypatch.context() as patched:
            patched.setattr("camclassify_core.worker.process.decode_header", _broken(broken))
            with pytest.raises(CamClassifyError):
                await client.info()
    assert await answers(client)


def _broken(rest: dict[str, object]) -> Callable[[bytes], dict[str, object]]:
    return lambda data: {"id": json.loads(data)["id"]} | rest


async def test_a_listener_that_raises_harms_nobody(
    client: EngineClient, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_state: EngineState) -> None:
        raise RuntimeError("this listener is broken")

    heard: list[EngineState] = []
    client.add_listener(broken)
    client.add_listener(heard.append)
    os.kill((await client.info()).pid, signal.SIGKILL)
    await state_of(client, EngineState.RESTARTING)
    await state_of(client, EngineState.RUNNING, timeout=5)
    assert heard == [EngineState.RESTARTING, EngineState.RUNNING]
    assert await answers(client)
    faults = [record for record in caplog.records if record.exc_info]
    assert ["this listener is broken" in record.getMessage() for record in faults] == [True]


async def test_a_fault_of_the_supervisor_restarts_the_worker(
    client: EngineClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("camclassify_core.worker.process.decode_header", lambda _data: 1 / 0)
    with pytest.raises(EngineUnavailable):
        await client.classify(b"1")
    monkeypatch.undo()
    await state_of(client, EngineState.RUNNING, timeout=5)
    assert await answers(client)
    assert [record.levelno for record in caplog.records if record.exc_info] == [logging.ERROR]


async def test_what_the_worker_logs_is_logged_here_as_one_record(
    client: EngineClient, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        with pytest.raises(CamClassifyError, match="ZeroDivisionError"):
            await client.classify(b"bug")
    await client.stop()
    (record,) = [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert "Traceback" in record.getMessage()
    assert "ZeroDivisionError" in record.getMessage()


async def test_options_given_during_a_restart_are_those_of_the_new_worker(
    client: EngineClient,
) -> None:
    os.kill((await client.info()).pid, signal.SIGKILL)
    await state_of(client, EngineState.RESTARTING)
    for threads in range(2, 12):
        await client.reconfigure(EngineOptions(threads=threads, classes=("slow",)))
        await asyncio.sleep(0.1)
    await state_of(client, EngineState.RUNNING, timeout=5)
    assert client.options.threads == threads
    assert (await client.info()).threads == threads


async def test_options_that_cannot_be_loaded_at_a_restart_leave_those_before(
    client: EngineClient,
) -> None:
    os.kill((await client.info()).pid, signal.SIGKILL)
    await state_of(client, EngineState.RESTARTING)
    await client.reconfigure(EngineOptions(classes=("unknown",)))
    await state_of(client, EngineState.RUNNING, timeout=5)
    assert client.options == EngineOptions()
    assert await answers(client)


async def test_who_stops_it_can_be_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    client = EngineClient(EngineOptions(), command=(sys.executable, "-c", _DEAF, *COMMAND))
    await client.start()
    pid = (await client.info()).pid
    stopping = asyncio.ensure_future(client.stop())
    await asyncio.sleep(0.1)
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping
    assert client.state is EngineState.STOPPED
    async with asyncio.timeout(10):
        while Path(f"/proc/{pid}").exists():
            await asyncio.sleep(0.05)


# Hosts the fake worker, and stays for a long time when its input has closed.
_DEAF = """
import runpy, sys, time
try:
    runpy.run_path(sys.argv[2], run_name="__main__")
finally:
    time.sleep(60)
"""


async def test_a_child_that_holds_the_pipes_holds_up_nobody(client: EngineClient) -> None:
    with pytest.raises(EngineUnavailable):
        await client.classify(b"fork")
    await state_of(client, EngineState.RUNNING, timeout=10)
    assert await answers(client)
