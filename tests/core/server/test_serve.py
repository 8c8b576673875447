"""`camclassify serve` as an operator has it: signals, homes, certificates, what it listens on."""

import asyncio
import http.client
import json
import os
import shutil
import signal
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from camclassify_core.cli import main
from camclassify_core.open_inference import models
from camclassify_core.open_inference.inference import decode_answer

from .running_server import Running, listening_addresses, running
from .served import INFER, question


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running("--lanes", "1") as server:
        yield server


def add_home(file: Path, name: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["homes", "add", name, "--homes", str(file), "--json"]) == 0
    token: str = json.loads(capsys.readouterr().out)["token"]
    return token


def ask(server: Running, path: str, *, token: str = "", tls: ssl.SSLContext | None = None) -> int:
    connection = (
        http.client.HTTPSConnection("127.0.0.1", server.port, context=tls)
        if tls
        else http.client.HTTPConnection("127.0.0.1", server.port)
    )
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        return connection.getresponse().status
    finally:
        connection.close()


def test_it_listens_where_it_was_told_and_nowhere_else(server: Running) -> None:
    processes = server.processes()
    assert len(processes) == 2
    assert listening_addresses(processes) == {("0100007F", server.port)}


def test_it_ends_when_it_is_told_to_and_answers_what_was_asked(dog: bytes) -> None:
    with running() as server:
        processes = server.processes()
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        connection.request("GET", "/v2")  # who was not let in yet when it ends has asked nothing
        connection.getresponse().read()
        body, headers = question(dog, request_id="17")
        connection.request("POST", INFER, body, headers)
        server.process.send_signal(signal.SIGTERM)
        response = connection.getresponse()
        said = response.read()
        length = response.getheader("Inference-Header-Content-Length")
        found = models.read_result(decode_answer(said, int(length or 0))).detections
        assert {each.name for each in found} >= {"dog", "bicycle"}
        _, told = server.process.communicate(timeout=10)
        assert (server.process.returncode, told) == (0, "")
        assert not [each for each in processes if Path(f"/proc/{each}").exists()]


def test_ctrl_c_ends_it_without_a_word() -> None:
    with running() as server:
        assert server.end(signal.SIGINT) == (0, "")


def test_homes_are_read_again_when_they_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "homes.json"
    school = add_home(file, "school", capsys)
    with running("--homes", str(file), "--host", "0.0.0.0") as server:
        assert listening_addresses(server.processes()) == {("00000000", server.port)}
        assert (ask(server, "/v2", token=school), ask(server, "/v2", token="x")) == (200, 401)
        park = add_home(file, "park", capsys)
        again = add_home(file, "school", capsys)
        server.process.send_signal(signal.SIGHUP)
        assert_soon(lambda: ask(server, "/v2", token=park) == 200)
        assert (ask(server, "/v2", token=school), ask(server, "/v2", token=again)) == (401, 200)
        file.write_text("{}")
        server.process.send_signal(signal.SIGHUP)
        assert ask(server, "/v2", token=park) == 200
        status, told = server.end()
        assert status == 0
        assert "no file of homes" in told
        assert not [each for each in (school, park, again) if each in told]


@pytest.mark.skipif(not shutil.which("openssl"), reason="makes the certificate")
def test_connections_are_encrypted_with_the_certificate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    certificate, key, homes = (tmp_path / name for name in ("cert.pem", "key.pem", "homes.json"))
    make_certificate(certificate, key)
    token = add_home(homes, "school", capsys)
    options = ("--homes", str(homes), "--certificate", str(certificate), "--key", str(key))
    with running(*options) as server:
        assert server.address.startswith("https://")
        trusting = ssl.create_default_context(cafile=str(certificate))
        assert ask(server, "/v2", token=token, tls=trusting) == 200
        assert ask(server, "/v2", token="x", tls=trusting) == 401
        with pytest.raises(ssl.SSLCertVerificationError):
            ask(server, "/v2", token=token, tls=ssl.create_default_context())
        with pytest.raises((http.client.BadStatusLine, ConnectionResetError)):
            ask(server, "/v2", token=token)
        make_certificate(certificate, key)
        server.process.send_signal(signal.SIGHUP)
        renewed = ssl.create_default_context(cafile=str(certificate))
        assert_soon(lambda: ask(server, "/v2", token=token, tls=renewed) == 200)
        status, _ = server.end()
        assert status == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--host", "0.0.0.0"], "on 127.0.0.1 alone, not on 0.0.0.0: give --homes FILE"),
        (["--host", "::"], "not on ::"),
        (["--host", "camera.example"], "not on camera.example"),
        (["--homes", "missing.json"], "missing.json: No such file"),
        (["--certificate", "missing.pem"], "missing.pem: No such file"),
        (["--bundle", "missing"], "cannot be read"),
        (["--key", "x.pem"], "--key means nothing without --certificate"),
        (["--port", "65536"], "not a whole number"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--port", "0", *arguments]) in (1, 2)
    assert sentence in capsys.readouterr().err


def test_a_port_that_is_taken_is_named(server: Running, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--port", str(server.port)]) == 1
    assert f"cannot listen on 127.0.0.1, port {server.port}" in capsys.readouterr().err


def test_a_worker_that_is_killed_is_back_soon() -> None:
    with running() as server:
        _, worker = server.processes()
        os.kill(worker, signal.SIGKILL)
        assert_soon(lambda: restarts(server) == 1)
        assert_soon(lambda: ask(server, "/v2/health/ready") == 200)
        _, another = server.processes()
        assert another != worker


def restarts(server: Running) -> int | None:
    """How often the engine had to start again, as the metrics say it; nothing while it is away."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    connection.request("GET", "/metrics")
    lines = connection.getresponse().read().decode().splitlines()
    connection.close()
    values = dict(line.rsplit(" ", 1) for line in lines)
    count = values.get("camclassify_engine_restarts_total")
    return int(count) if count else None


def assert_soon(holds: Callable[[], bool]) -> None:
    async def wait() -> None:
        async with asyncio.timeout(10):
            while True:
                try:
                    if await asyncio.to_thread(holds):
                        return
                except ssl.SSLError:
                    pass
                await asyncio.sleep(0.05)

    asyncio.run(wait())


def make_certificate(certificate: Path, key: Path) -> None:
    subprocess.run(
        (
            *("openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=server"),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate),
        ),
        check=True,
        capture_output=True,
    )
