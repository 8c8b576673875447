"""A cluster on one machine: it answers as the engine does, and is reachable where it was told."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import grpc
import pytest
from camclassify_core import Engine
from camclassify_core.cluster.simulated_cameras import Crowd, Look
from camclassify_core.codec import result_to_json
from camclassify_core.open_inference.models import read_result
from camclassify_core.options import Request

from .machines import (
    INGRESS,
    REPLICA,
    Machine,
    below,
    command_of,
    listening,
    machine,
    peers,
    wait_for,
)

LOOPBACK = {"127.0.0.1", "::1", "::ffff:127.0.0.1"}
NAMES = ("dog.jpg", "eagle.jpg", "person.jpg")


def ask(machine: Machine, pictures: list[bytes], looks: int = 1) -> list[Look]:
    """One camera for each picture, which it shows each time."""
    found: list[Look] = []
    crowd = Crowd(
        cameras=len(pictures),
        fps=10,
        pictures=lambda camera, _number: pictures[camera],
        servers=[machine.url],
    )
    asyncio.run(crowd.look(looks / 10, found.append))
    return found


def folder_of(process: int) -> Path:
    """Where Ray's processes write."""
    environment = Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
    (found,) = (each for each in environment if each.startswith(b"RAY_TMPDIR="))
    return Path(found.partition(b"=")[2].decode())


def test_answers_are_those_of_the_engine(
    alone: Machine, photograph: Callable[[str], bytes]
) -> None:
    engine = Engine()
    pictures = [photograph(name) for name in NAMES]
    for look in ask(alone, pictures):
        assert look.answer, look.error
        request = Request(camera=f"camera-{look.camera}", sun_elevation=30.0)
        expected = result_to_json(engine.classify(pictures[look.camera], request))
        found = result_to_json(read_result(look.answer))
        assert expected.pop("timing_ms").keys() == found.pop("timing_ms").keys()
        assert found == expected


def test_metrics_say_of_which_front_and_of_which_engine_they_are(alone: Machine) -> None:
    fronts, engines = set(), set()
    for _ in range(40):
        with urlopen(f"{alone.url}/metrics", timeout=5) as answer:
            text = answer.read().decode()
        fronts.update(re.findall(r'camclassify_waiting{front="(\w+)"} \d', text))
        engines.update(re.findall(r'camclassify_engine_lanes{front="\w+",engine="(\w+)"}', text))
    assert len(fronts) == 2
    assert engines
    assert not engines & fronts


def test_nothing_listens_but_the_ingress_and_on_the_loopback_address(alone: Machine) -> None:
    processes = [alone.process.pid, *alone.processes()]

    found = listening(processes)

    assert ("127.0.0.1", alone.port) in found
    assert {address for address, _ in found} <= LOOPBACK
    assert {port for _, port in listening(alone.processes(INGRESS))} == {alone.port}


def test_it_talks_to_nobody_else(alone: Machine) -> None:
    ask(alone, [b"no picture"])
    assert peers([alone.process.pid, *alone.processes()]) <= LOOPBACK


def test_a_replica_answers_nobody_without_the_secret(alone: Machine) -> None:
    """Ray's actors run what they are sent."""
    refusals = {
        _refusal(port) for replica in alone.processes(REPLICA) for _, port in listening([replica])
    }
    assert refusals == {grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.UNIMPLEMENTED}


def _refusal(port: int) -> grpc.StatusCode:
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        call = channel.unary_unary("/ray.serve.ASGIService/HandleRequest")
        with pytest.raises(grpc.RpcError) as refused:
            call(b"", timeout=5)
    return refused.value.code()


def test_what_it_writes_is_for_its_owner(alone: Machine) -> None:
    (folder,) = {folder_of(each) for each in alone.processes(REPLICA)}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert Path(folder, "secret").stat().st_mode & 0o777 == 0o600


def test_elsewhere_than_here_it_wants_homes() -> None:
    with machine("--host", "0.0.0.0") as started:
        assert wait_for(lambda: started.process.poll() is not None, 20)
    assert started.process.returncode == 1
    assert any("--homes" in line for line in started.lines)


def test_a_bundle_that_is_none_ends_it_with_a_sentence(tmp_path: Path) -> None:
    with machine("--bundle", str(tmp_path)) as started:
        assert wait_for(lambda: started.process.poll() is not None, 60)
    assert started.process.returncode == 1
    assert any("bundle" in line for line in started.lines), started.lines


def test_nothing_is_left_when_it_ends() -> None:
    with machine("--engines", "1") as started:
        started.wait_until("Ready")
        processes = started.processes()
        assert started.end() == 0
    assert not [each for each in processes if command_of(each)]
    assert not below(started.process.pid)
