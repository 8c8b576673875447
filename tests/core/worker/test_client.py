"""The client against a fake worker: supervision, superseding, errors."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from camclassify_core import (
    MAX_SNAPSHOT_BYTES,
    Box,
    BundleError,
    CamClassifyError,
    EngineClient,
    EngineOptions,
    EngineState,
    EngineUnavailable,
    Regime,
    Request,
    SnapshotError,
    Superseded,
)

from .waiting import state_of

COMMAND = (sys.executable, str(Path(__file__).parent / "fake_worker.py"))
BOX = Box(x0=0.5, y0=0.0, x1=1.0, y1=1.0)


@asynccontextmanager
async def running(options: EngineOptions | None = None) -> AsyncIterator[EngineClient]:
    client = EngineClient(options or EngineOptions(), command=COMMAND)
    await client.start()
    try:
        yield client
    finally:
        await client.stop()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_classifies_in_another_process() -> None:
    async with running() as client:
        result = await client.classify(b"12345", Request(camera="driveway"))
        assert (result.width, result.regime) == (5, Regime.DAY)
        assert [found.name for found in result.detections] == ["person"]
        assert (await client.info()).pid != os.getpid()


async def test_features_come_with_their_detection() -> None:
    async with running() as client:
        result = await client.classify(b"1", Request(features=True))
        assert result.detections[0].features == (0.0, 1.0, 2.0, 3.0)
        assert (await client.classify(b"1")).detections[0].features is None
        assert await client.features(b"12", BOX, Regime.NIGHT) == (0.5, 2.0)


async def test_draws_boxes() -> None:
    async with running() as client:
        assert await client.draw_boxes(b"ab", [BOX, BOX]) == b"abab"


async def test_cuts_out() -> None:
    async with running() as client:
        assert await client.cut_out(b"abc", BOX, 2) == b"ab"


async def test_a_large_snapshot_and_what_native_code_prints_get_through() -> None:
    async with running() as client:
        assert (await client.classify(bytes(20_000_000))).width == 20_000_000
        assert (await client.classify(b"print")).width == 5


async def test_a_snapshot_beyond_the_limit_is_refused_before_it_is_sent() -> None:
    async with running() as client:
        with pytest.raises(SnapshotError, match="at most"):
            await client.classify(bytes(MAX_SNAPSHOT_BYTES + 1))


async def test_errors_keep_their_kind_and_leave_the_worker_running() -> None:
    async with running() as client:
        with pytest.raises(SnapshotError, match="no JPEG"):
            await client.classify(b"bad")
        with pytest.raises(CamClassifyError, match="ZeroDivisionError"):
            await client.classify(b"bug")
        assert (await client.classify(b"good")).width == 4
        assert (await client.statistics()).restarts == 0


async def test_a_newer_snapshot_supersedes_the_one_that_waits() -> None:
    async with running() as client, asyncio.TaskGroup() as group:
        busy = group.create_task(client.classify(b"sleep 0.3", Request(camera="porch")))
        await asyncio.sleep(0.05)
        stale = asyncio.ensure_future(client.classify(b"1", Request(camera="driveway")))
        other = group.create_task(client.classify(b"12", Request(camera="porch")))
        await asyncio.sleep(0)
        fresh = group.create_task(client.classify(b"123", Request(camera="driveway")))
        with pytest.raises(Superseded):
            await stale
        assert (await busy).width == 9
        assert ((await fresh).width, (await other).width) == (3, 2)


async def test_a_caller_that_gave_up_costs_the_others_nothing() -> None:
    async with running() as client:
        busy = asyncio.ensure_future(client.classify(b"sleep 0.2"))
        waiting = asyncio.ensure_future(client.classify(b"sleep 60"))
        await asyncio.sleep(0.05)
        waiting.cancel()
        assert (await busy).width == 9
        async with asyncio.timeout(5):
            assert (await client.classify(b"1")).width == 1


async def test_resumes_after_the_worker_was_killed() -> None:
    async with running() as client:
        states: list[EngineState] = []
        remove = client.add_listener(states.append)
        os.kill((await client.info()).pid, signal.SIGKILL)
        await state_of(client, EngineState.RESTARTING)
        with pytest.raises(EngineUnavailable):
            await client.classify(b"1")
        await state_of(client, EngineState.RUNNING, timeout=5)
        assert (await client.classify(b"1")).width == 1
        assert states == [EngineState.RESTARTING, EngineState.RUNNING]
        assert (await client.statistics()).restarts == 1
        remove()


async def test_a_snapshot_that_crashes_the_worker_fails_and_is_not_tried_again() -> None:
    async with running() as client:
        crashing = asyncio.ensure_future(client.classify(b"crash"))
        waiting = asyncio.ensure_future(client.classify(b"1"))
        with pytest.raises(EngineUnavailable):
            await crashing
        assert (await waiting).width == 1, "it had not been begun"
        assert (await client.statistics()).restarts == 1


async def test_five_kills_in_a_row_end_in_slow_retries(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("camclassify_core.worker.backoff._FIRST_DELAY", 0.01)

    async with running() as client:
        for _ in range(5):
            await state_of(client, EngineState.RUNNING)
            os.kill((await client.info()).pid, signal.SIGKILL)
            async with asyncio.timeout(5):
                while client.state is EngineState.RUNNING:
                    await asyncio.sleep(0.005)
        await asyncio.sleep(0.3)
        assert client.state is EngineState.FAILED
    logged = [
        record.levelno
        for record in caplog.records
        if record.name == "camclassify_core.worker.client"
    ]
    assert logged == [logging.WARNING] * 4 + [logging.ERROR]


async def test_a_worker_that_does_not_answer_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("camclassify_core.worker.client._ANSWER_TIMEOUT", 0.2)
    async with running() as client:
        with pytest.raises(EngineUnavailable):
            await client.classify(b"sleep 60")
        await state_of(client, EngineState.RUNNING)
        assert (await client.classify(b"1")).width == 1


async def test_reconfigures_the_same_process() -> None:
    async with running() as client:
        before = await client.info()
        await client.reconfigure(EngineOptions(threads=2))
        after = await client.info()
        assert (after.pid, after.threads) == (before.pid, 2)
        with pytest.raises(BundleError):
            await client.reconfigure(EngineOptions(classes=("unknown",)))
        assert (await client.info()).threads == client.options.threads == 2


async def test_a_bundle_error_at_the_start_leaves_nothing_running() -> None:
    client = EngineClient(EngineOptions(classes=("unknown",)), command=COMMAND)
    with pytest.raises(BundleError, match="no class unknown"):
        await client.start()
    assert client.state is EngineState.STOPPED


async def test_a_worker_that_cannot_start_says_why() -> None:
    for command, why in [
        (("/nonexistent/python",), "cannot be started"),
        ((sys.executable, "-c", "import missing_module"), "missing_module"),
        ((sys.executable, "-c", "print('x' * 100)"), "announced"),
    ]:
        with pytest.raises(EngineUnavailable, match=why):
            await EngineClient(EngineOptions(), command=command).start()


async def test_stop_ends_the_process_and_answers_those_who_wait() -> None:
    client = EngineClient(EngineOptions(), command=COMMAND)
    await client.start()
    pid = (await client.info()).pid
    waiting = [asyncio.ensure_future(client.classify(b"sleep 0.2")) for _ in range(2)]
    await asyncio.sleep(0.05)
    await client.stop()
    assert not alive(pid)
    for one in waiting:
        with pytest.raises(EngineUnavailable):
            await one
    with pytest.raises(EngineUnavailable):
        await client.classify(b"1")


async def test_the_worker_ends_when_its_client_dies() -> None:
    dying = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _START_AND_DIE, *COMMAND, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await dying.communicate()
    async with asyncio.timeout(5):
        while alive(int(said)):
            await asyncio.sleep(0.02)


_START_AND_DIE = """
import asyncio, os, signal, sys
from camclassify_core import EngineClient, EngineOptions

async def main():
    client = EngineClient(EngineOptions(), command=sys.argv[1:])
    await client.start()
    print((await client.info()).pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""
