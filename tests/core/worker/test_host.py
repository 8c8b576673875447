"""The real worker process."""

import os
import signal
import subprocess
from pathlib import Path

import pytest
from camclassify_core import Engine, EngineClient, EngineOptions, EngineState, Request
from camclassify_core.worker.process import WORKER_COMMAND
from camclassify_core.worker.protocol import PREFIX, Message, encode_head

from .waiting import state_of


async def test_sees_what_the_engine_sees_and_survives_being_killed(
    engine: Engine, dog: bytes
) -> None:
    client = EngineClient(EngineOptions())
    await client.start()
    try:
        request = Request(camera="driveway", use_gate=False)
        expected = engine.classify(dog, request).detections
        assert (await client.classify(dog, request)).detections == expected
        os.kill((await client.info()).pid, signal.SIGKILL)
        await state_of(client, EngineState.RESTARTING)
        await state_of(client, EngineState.RUNNING, timeout=5)
        assert (await client.classify(dog, request)).detections == expected
        assert (await client.statistics()).restarts == 1
    finally:
        await client.stop()


async def test_changes_its_classes_without_a_new_process(dog: bytes) -> None:
    client = EngineClient(EngineOptions())
    await client.start()
    try:
        before = await client.info()
        await client.reconfigure(EngineOptions(classes=("dog",)))
        after = await client.info()
        assert after.pid == before.pid
        assert after.heads != before.heads
        found = (await client.classify(dog)).detections
        assert [one.name for one in found] == ["dog"]
    finally:
        await client.stop()


def run_worker(messages: bytes) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(WORKER_COMMAND, input=messages, capture_output=True, timeout=30)


def test_ends_when_its_input_closes() -> None:
    assert run_worker(b"").returncode == 0


def test_ends_quietly_within_a_message() -> None:
    whole = encode_head(Message({"op": "info"}, bytes(100)))
    assert run_worker(whole + bytes(50)).returncode == 0


@pytest.mark.parametrize(
    "garbage", [b"GET / HTTP/1.1\r\n\r\n", PREFIX.pack(2, 0) + b"[]", PREFIX.pack(1, 0) + b"{"]
)
def test_refuses_what_is_no_message(garbage: bytes) -> None:
    done = run_worker(garbage)
    assert done.returncode == 1
    assert b"ProtocolError" in done.stderr
    assert not done.stdout


@pytest.mark.parametrize(
    "header",
    [{}, {"op": "unknown"}, {"op": ["configure"]}, {"op": "classify", "args": 3}, {"op": "info"}],
)
def test_answers_a_request_that_makes_no_sense_with_an_error(header: dict[str, object]) -> None:
    done = run_worker(encode_head(Message(header)))
    assert done.returncode == 0
    assert b'"error"' in done.stdout


def test_lowers_its_priority() -> None:
    process = subprocess.Popen(WORKER_COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin
    assert process.stdout
    with process:
        process.stdin.write(encode_head(Message({"op": "statistics"})))
        process.stdin.flush()
        process.stdout.read(PREFIX.size)
        nice = int(Path(f"/proc/{process.pid}/stat").read_text().rsplit(")")[-1].split()[16])
        process.stdin.close()
    assert nice == min(19, os.nice(0) + 5)
