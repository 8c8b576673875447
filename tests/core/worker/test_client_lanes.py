"""Several snapshots at once: side by side, in order per camera, each at its own risk."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from camclassify_core import (
    EngineClient,
    EngineOptions,
    EngineState,
    EngineUnavailable,
    Request,
    SnapshotError,
    Superseded,
)

from .waiting import state_of

COMMAND = (sys.executable, str(Path(__file__).parent / "fake_worker.py"))


@asynccontextmanager
async def running(lanes: int) -> AsyncIterator[EngineClient]:
    client = EngineClient(EngineOptions(lanes=lanes), command=COMMAND)
    await client.start()
    try:
        async with asyncio.timeout(30):
            yield client
    finally:
        await client.stop()


def ask(client: EngineClient, snapshot: bytes, camera: str) -> asyncio.Task[int]:
    """The width in the answer is the length of the snapshot."""

    async def width() -> int:
        return (await client.classify(snapshot, Request(camera=camera))).width

    return asyncio.create_task(width())


async def test_a_quick_answer_overtakes_a_slow_one() -> None:
    async with running(2) as client:
        slow = ask(client, b"sleep 2.0", "porch")
        await asyncio.sleep(0.05)
        assert await ask(client, b"1", "drive") == 1
        assert not slow.done()
        assert await slow == 9


async def test_one_camera_never_has_two_snapshots_in_work() -> None:
    async with running(2) as client:
        first = ask(client, b"sleep 2.0", "porch")
        await asyncio.sleep(0.05)
        stale, second = ask(client, b"12", "porch"), ask(client, b"123", "porch")
        with pytest.raises(Superseded):
            await stale
        assert await ask(client, b"1", "drive") == 1
        assert not first.done()
        assert not second.done()
        assert (await first, await second) == (9, 3)


async def test_what_concerns_all_lanes_is_answered_while_they_are_at_work() -> None:
    async with running(1) as client:
        busy = ask(client, b"sleep 2.0", "porch")
        await asyncio.sleep(0.05)
        assert (await client.info()).lanes == 1
        await client.reconfigure(EngineOptions(lanes=2))
        assert await ask(client, b"1", "drive") == 1
        assert not busy.done()
        assert await busy == 9


async def test_what_each_lane_has_done_is_told() -> None:
    async with running(2) as client:
        await asyncio.gather(*(ask(client, b"sleep 1.0", name) for name in ("porch", "drive")))
        lanes = (await client.statistics()).lanes
        assert len(lanes) == 2
        assert sum(each.pictures for each in lanes) == 2


async def test_a_snapshot_that_hangs_costs_its_lane_and_then_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("camclassify_core.worker.client._ANSWER_TIMEOUT", 3.0)
    async with running(2) as client:
        hanging = ask(client, b"sleep 60", "porch")
        await asyncio.sleep(0.05)
        for _ in range(5):
            assert await ask(client, b"1", "drive") == 1
        assert not hanging.done()
        await asyncio.sleep(2.0)
        beside = ask(client, b"sleep 1.9", "drive")
        with pytest.raises(EngineUnavailable, match="did not answer"):
            await hanging
        assert await beside == 9, "it was begun when the worker was given up"
        assert (await client.statistics()).restarts == 1
        assert await ask(client, b"1", "porch") == 1


async def test_a_snapshot_that_ends_the_worker_fails_and_the_others_are_asked_again() -> None:
    async with running(3) as client:
        dying = ask(client, b"crash 0.8", "porch")
        others = [ask(client, b"sleep 1.5", "drive"), ask(client, b"sleep 1.6", "garden")]
        await asyncio.sleep(0.05)
        waiting = ask(client, b"12", "gate")
        behind = ask(client, b"123", "drive")
        with pytest.raises(EngineUnavailable):
            await dying
        assert await asyncio.gather(*others, waiting, behind) == [9, 9, 2, 3]
        assert (await client.statistics()).restarts == 2, "once for all three, once for it alone"


async def test_a_camera_that_keeps_ending_the_worker_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("camclassify_core.worker.backoff._FIRST_DELAY", 0.01)
    monkeypatch.setattr("camclassify_core.worker.quarantine._FIRST_WAIT", 0.5)
    async with running(2) as client:
        outcomes = set()
        for _ in range(15):
            beside = ask(client, b"sleep 0.1", "drive")
            try:
                await ask(client, b"crash 0.05", "porch")
            except (EngineUnavailable, SnapshotError) as error:
                outcomes.add(type(error))
            assert await beside == 9
            await state_of(client, EngineState.RUNNING)
        assert outcomes == {EngineUnavailable, SnapshotError}


async def test_a_worker_that_keeps_ending_is_waited_for_by_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("camclassify_core.worker.backoff._FIRST_DELAY", 0.01)
    monkeypatch.setattr("camclassify_core.worker.backoff._FAILED_AFTER", 2)
    async with running(2) as client:
        asked = [ask(client, b"crash 0.1", name) for name in ("a", "b", "c", "d")]
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
        assert {type(each) for each in outcomes} == {EngineUnavailable}
        await state_of(client, EngineState.FAILED)


async def test_of_thousands_none_is_lost_and_none_is_out_of_order() -> None:
    cameras, each = 5, 400
    answered: dict[str, list[int]] = {f"camera {number}": [] for number in range(cameras)}

    async def play(client: EngineClient, camera: str) -> None:
        for number in range(1, each + 1):
            answered[camera].append(await ask(client, bytes(number), camera))

    async with running(3) as client:
        await asyncio.gather(*(play(client, camera) for camera in answered))
        lanes = (await client.statistics()).lanes
    assert all(widths == list(range(1, each + 1)) for widths in answered.values())
    assert sum(lane.pictures for lane in lanes) == cameras * each
