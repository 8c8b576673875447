"""What web servers of cameras really do: each habit either works or fails as what it is.

Each test says what happened before.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from itertools import count, pairwise
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from camclassify_core import MAX_SNAPSHOT_BYTES
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events
from pytest_socket import socket_allow_hosts

from custom_components.camclassify.camera import address, motion_jpeg
from custom_components.camclassify.camera.address import UrlSource
from custom_components.camclassify.camera.picture import SnapshotUnavailable
from custom_components.camclassify.const import DOMAIN

from ..fake_engine import snapshot
from ..looks import look, look_until_lost, the_camera
from .odd_server import (
    PASSWORD,
    USERNAME,
    HangUp,
    OddServer,
    Request,
    is_right,
    outdated_tls,
    parameters,
    pictures,
    reply,
)

MEGABYTE = 1024 * 1024
DIGEST = {"authentication": "digest", "username": USERNAME, "password": PASSWORD}


@pytest.fixture
async def odd(socket_enabled: None) -> AsyncGenerator[OddServer]:
    """A server that is well behaved until a test gives it a habit."""

    def behave(_request: Request) -> Iterator[bytes]:
        yield from reply(snapshot(), "200 OK", "Connection: close")
        raise HangUp

    server = OddServer(behave)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def settings() -> dict[str, Any]:
    """What the camera's subentry says besides; a test may override this."""
    return {}


@pytest.fixture
def cameras(odd: OddServer, settings: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"url": odd.url, "classes": ["person"], "interval": 3600.0, "verify_ssl": True} | settings
    ]


@pytest.fixture
async def watched(loaded: MockConfigEntry, odd: OddServer) -> MockConfigEntry:
    """The config entry whose camera has been looked at."""
    await look(the_camera(loaded), 2)
    odd.requests.clear()
    return loaded


@pytest.fixture
async def source(hass: HomeAssistant, odd: OddServer) -> AsyncIterator[UrlSource]:
    """What fetches from the server."""
    made = UrlSource(hass, {"url": odd.url})
    yield made
    made.async_close()


async def refusal(source: UrlSource) -> SnapshotUnavailable:
    """Return why there is no picture."""
    with pytest.raises(SnapshotUnavailable) as caught:
        await source.async_fetch()
    return caught.value


def picture_of(entry: MockConfigEntry) -> bytes:
    """Return what was looked at last."""
    picture = the_camera(entry).picture
    assert isinstance(picture, bytes)
    return picture


def repair_of(hass: HomeAssistant) -> ir.IssueEntry:
    """Return the one repair."""
    (found,) = (each for (domain, _), each in ir.async_get(hass).issues.items() if domain == DOMAIN)
    return found


def stream(*, boundary: str = "frame", with_length: bool = True, told: str = "frame") -> Any:
    """Return a habit: a picture every 10 ms for ever."""

    async def send(_request: Request) -> AsyncIterator[bytes]:
        yield f"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary={told}\r\n\r\n".encode()
        for number in count(1):
            picture = snapshot(number) + bytes(3000)
            length = f"Content-Length: {len(picture)}\r\n" if with_length else ""
            yield f"--{boundary}\r\nContent-Type: image/jpeg\r\n{length}\r\n".encode()
            yield picture + b"\r\n"
            await asyncio.sleep(0.01)

    return send


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"with_length": False},
        {"boundary": "other"},
        {"boundary": "frame", "told": '"--frame"'},
        {"with_length": False, "boundary": "--myboundary", "told": "--myboundary"},
    ],
    ids=["lengths", "no lengths", "another boundary", "quoted", "dashes"],
)
async def test_a_stream_of_pictures_is_read_as_one(
    hass: HomeAssistant, watched: MockConfigEntry, odd: OddServer, options: dict[str, Any]
) -> None:
    """Before: it was read to 32 MiB or for 10 s, then "too large" or "timeout"."""
    odd.habit = stream(**options)
    numbers = []
    for _ in range(4):
        await look(the_camera(watched))
        numbers.append(int.from_bytes(picture_of(watched)[3:7]))
        assert picture_of(watched) == snapshot(numbers[-1]) + bytes(3000)
        await asyncio.sleep(0.1)
    assert len(odd.requests) == 1
    assert all(later - earlier > 3 for earlier, later in pairwise(numbers))


async def test_a_stream_that_nobody_looks_at_is_closed_and_opened_again(
    watched: MockConfigEntry, odd: OddServer
) -> None:
    """Before: there was none."""
    odd.habit = stream()
    with patch.object(motion_jpeg, "IDLE", 0.05):
        await look(the_camera(watched))
        assert odd.open == 1
        await asyncio.sleep(0.3)
        assert odd.open == 0
    await look(the_camera(watched))
    assert len(odd.requests) == 2


async def test_a_stream_ends_with_the_look_at_its_camera(
    hass: HomeAssistant, watched: MockConfigEntry, odd: OddServer
) -> None:
    """Before: there was none."""
    odd.habit = stream()
    await look(the_camera(watched))
    await hass.config_entries.async_unload(watched.entry_id)
    await asyncio.sleep(0.05)
    assert odd.open == 0


async def test_a_stream_that_ends_is_opened_again_at_the_next_look(
    watched: MockConfigEntry, odd: OddServer
) -> None:
    """Before: there was none."""

    def one_part(_request: Request) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=x\r\n\r\n"
        yield b"--x\r\nContent-Type: image/jpeg\r\n\r\n" + snapshot(len(odd.requests))
        raise HangUp

    odd.habit = one_part
    for _ in range(3):
        await look(the_camera(watched))
        assert picture_of(watched) == snapshot(len(odd.requests))
        assert the_camera(watched).failures.pause(7.0) == 7.0


async def test_a_stream_whose_picture_has_no_end_takes_no_more_memory_than_a_picture(
    source: UrlSource, odd: OddServer
) -> None:
    """Before: 32 MiB, too; it must stay so."""

    def endless(_request: Request) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=x\r\n\r\n--x\r\n\r\n"
        while True:
            yield bytes(MEGABYTE)

    odd.habit = endless
    assert (await refusal(source)).reason == "too_large"
    assert odd.sent < MAX_SNAPSHOT_BYTES + 32 * MEGABYTE


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nTue, 12 Jun 2012 01:56:34 GMT\r\n\r\n",
        b"HTTP/1.1 200 OK\nContent-Type: image/jpeg\nno header\n\n",
        b"HTTP/1.1 200 OK\r\nCache Control: no\r\nContent-Length: %d\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n: nameless\r\nContent-Length: 99 bytes\r\n\r\n",
    ],
    ids=["a date alone", "bare line feeds", "a space in a name", "no name and no length"],
)
async def test_a_malformed_head_is_read_as_browsers_do(
    watched: MockConfigEntry, odd: OddServer, head: bytes
) -> None:
    """Before: "cannot connect"."""

    def malformed(_request: Request) -> Iterator[bytes]:
        body = snapshot(len(odd.requests)) + bytes(500)
        yield (head % len(body) if b"%d" in head else head) + body
        raise HangUp

    odd.habit = malformed
    for _ in range(2):
        await look(the_camera(watched))
        assert picture_of(watched) == snapshot(len(odd.requests)) + bytes(500)
    assert len(odd.requests) == 3, "after the first, it is not tried strictly again"


async def test_a_malformed_head_of_a_body_in_chunks(source: UrlSource, odd: OddServer) -> None:
    """Before: "cannot connect"."""

    def malformed(_request: Request) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nno header\r\nTransfer-Encoding: chunked\r\n\r\n"
        yield b"7\r\n" + snapshot(1) + b"\r\n5 ;x=y\r\nabcde\r\n0\r\n\r\n"

    odd.habit = malformed
    assert await source.async_fetch() == snapshot(1) + b"abcde"


async def test_what_is_no_http_at_all_is_named(source: UrlSource, odd: OddServer) -> None:
    """Before: "cannot connect: ClientResponseError"."""

    def shout(_request: Request) -> Iterator[bytes]:
        yield b"RTSP?\r\n\r\n"
        raise HangUp

    odd.habit = shout
    assert (await refusal(source)).reason == "answer_cut"


class TestWithDigest:
    """A camera that asks for a digest of the password."""

    @pytest.fixture
    def settings(self, odd: OddServer) -> dict[str, Any]:
        return DIGEST | {"url": odd.url + "?channels[0]=1&a=b%20c"}

    @pytest.mark.parametrize("refused_with", ["401", "403", "403 without a challenge"])
    async def test_nonces_that_count_once_do(
        self,
        hass: HomeAssistant,
        watched: MockConfigEntry,
        odd: OddServer,
        refused_with: str,
    ) -> None:
        """Before: a 403 on a nonce used again was "wrong password" and a repair."""
        nonces: dict[str, str] = {}
        used: set[str] = set()
        numbers = count(1)

        def once(request: Request) -> list[bytes]:
            given = parameters(request.headers.get("authorization", ""))
            if is_right(given, request.target, nonces) and given["nonce"] not in used:
                used.add(given["nonce"])
                return reply(snapshot(next(numbers)))
            nonce = f"nonce{len(nonces)}"
            nonces[nonce] = "MD5"
            challenge = f'WWW-Authenticate: Digest realm="camera", nonce="{nonce}", qop="auth", algorithm=MD5'
            if given and refused_with.startswith("403"):
                offers = [challenge] if refused_with == "403" else []
                return reply(b"no", "403 Forbidden", *offers)
            return reply(b"no", "401 Unauthorized", challenge)

        odd.habit = once
        for number in range(1, 5):
            await look(the_camera(watched))
            assert picture_of(watched) == snapshot(number)
            assert the_camera(watched).failures.pause(7.0) == 7.0
        before = len(odd.requests)
        await look(the_camera(watched))
        assert len(odd.requests) == before + 2, "it no longer tries nonces twice"
        assert {each.target for each in odd.requests} == {"/snapshot.jpg?channels[0]=1&a=b%20c"}

    @pytest.mark.parametrize("order", [("MD5", "SHA-256"), ("SHA-256", "MD5")])
    @pytest.mark.parametrize("in_one", [False, True])
    async def test_several_challenges_are_not_mixed_up(
        self, watched: MockConfigEntry, odd: OddServer, order: tuple[str, str], in_one: bool
    ) -> None:
        """Before: the first header was taken, whatever it was; that went well with digests alone."""
        nonces = {"nonceMD5": "MD5", "nonceSHA-256": "SHA-256"}
        offers = ['Basic realm="a, Digest b"'] + [
            f'Digest realm="camera", qop="auth,auth-int", algorithm={each}, nonce="nonce{each}"'
            for each in order
        ]
        headers = [", ".join(offers)] if in_one else offers

        def strict(request: Request) -> list[bytes]:
            given = parameters(request.headers.get("authorization", ""))
            if is_right(given, request.target, nonces):
                return reply(snapshot(7))
            return reply(b"", "401 No", *(f"WWW-Authenticate: {each}" for each in headers))

        odd.habit = strict
        for _ in range(3):
            await look(the_camera(watched))
            assert picture_of(watched) == snapshot(7)
        assert len(odd.requests) == 4, "its nonce is used again"

    async def test_a_wrong_password_is_asked_for_once_a_look(
        self, hass: HomeAssistant, watched: MockConfigEntry, odd: OddServer
    ) -> None:
        """Before: the same; it must stay so."""
        challenge = 'WWW-Authenticate: Digest realm="camera", nonce="n", qop="auth"'
        odd.habit = lambda _request: reply(b"", "401 No", challenge)
        await look(the_camera(watched))
        assert len(odd.requests) == 2
        await look_until_lost(the_camera(watched))
        assert repair_of(hass).translation_key == "invalid_auth"


async def test_basic_credentials_that_are_asked_for_as_a_digest_are_given_as_one(
    hass: HomeAssistant, odd: OddServer
) -> None:
    """Before: "wrong password"."""
    nonces = {"n": "MD5"}

    def digest(request: Request) -> list[bytes]:
        given = parameters(request.headers.get("authorization", ""))
        if is_right(given, request.target, nonces):
            return reply(snapshot())
        challenge = 'WWW-Authenticate: Digest realm="camera", nonce="n", qop="auth", algorithm=MD5'
        return reply(b"", "401 No", challenge)

    odd.habit = digest
    source = UrlSource(hass, {"url": odd.url, **DIGEST, "authentication": "basic"})
    assert await source.async_fetch() == snapshot()
    source.async_close()


async def test_what_breaks_off_now_and_then_is_asked_for_once_more(
    hass: HomeAssistant, watched: MockConfigEntry, odd: OddServer
) -> None:
    """Before: each was a failure, and two in a row made the camera unavailable."""
    tries = count()

    def broken(_request: Request) -> Iterator[bytes]:
        match next(tries) % 4:
            case 0:
                yield b"HTTP/1.1 200 OK\r\nContent-Length: 973\r\n\r\n" + snapshot() + bytes(92)
                raise HangUp
            case 2:
                raise HangUp
            case _:
                yield from reply(snapshot(len(odd.requests)))

    odd.habit = broken
    changes = async_capture_events(hass, "state_changed")
    for _ in range(6):
        await look(the_camera(watched))
        assert picture_of(watched) == snapshot(len(odd.requests))
        assert the_camera(watched).failures.pause(7.0) == 7.0
    assert [each for each in changes if each.data["new_state"].state == "unavailable"] == []


async def test_a_connection_that_was_kept_and_is_closed_between_looks(
    watched: MockConfigEntry, odd: OddServer
) -> None:
    """Before: asked again by itself; it must stay so."""

    def close_after(_request: Request) -> Iterator[bytes]:
        yield from reply(snapshot(len(odd.requests)))
        raise HangUp

    odd.habit = close_after
    for _ in range(3):
        await look(the_camera(watched))
        await asyncio.sleep(0.01)
        assert picture_of(watched) == snapshot(len(odd.requests))


async def test_a_body_that_always_breaks_off_is_named(source: UrlSource, odd: OddServer) -> None:
    """Before: "cannot connect: ClientPayloadError"."""

    def cut(_request: Request) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 973\r\n\r\n" + snapshot() + bytes(92)
        raise HangUp

    odd.habit = cut
    assert (await refusal(source)).reason == "answer_cut"
    assert len(odd.requests) == 2


async def test_a_whole_picture_whose_length_is_told_wrong_is_taken(
    source: UrlSource, odd: OddServer
) -> None:
    """Before: "cannot connect: ClientPayloadError"."""
    whole = snapshot() + bytes(92) + b"\xff\xd9"

    def cut(_request: Request) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 973\r\n\r\n" + whole
        raise HangUp

    odd.habit = cut
    assert await source.async_fetch() == whole
    assert len(odd.requests) == 1


@pytest.mark.parametrize("verify_ssl", [False, True])
async def test_outdated_encryption_will_do_where_the_certificate_is_not_checked(
    hass: HomeAssistant, socket_enabled: None, tmp_path: Path, verify_ssl: bool
) -> None:
    """Before: "cannot connect", whether the certificate was checked or not."""
    server = OddServer(pictures(snapshot))
    await server.start(tls=await hass.async_add_executor_job(outdated_tls, tmp_path))
    source = UrlSource(hass, {"url": server.url, "verify_ssl": verify_ssl})
    if verify_ssl:
        hass.loop.set_exception_handler(lambda *_: None)  # the server's, whose handshake fails
        assert (await refusal(source)).reason == "tls_failed"
    else:
        assert await source.async_fetch() == snapshot(1)
        server.habit = lambda _request: [
            b"HTTP/1.0 200 OK\r\nno header\r\nContent-Length: 7\r\n\r\n",
            snapshot(2),
        ]
        assert await source.async_fetch() == snapshot(2), "without Home Assistant's client, too"
    source.async_close()
    await server.stop()


async def test_ipv6(hass: HomeAssistant, socket_enabled: None) -> None:
    """Before: the same; it must stay so."""
    socket_allow_hosts(["127.0.0.1", "::1"])
    server = OddServer(pictures(snapshot))
    try:
        await server.start("::1")
    except OSError:
        pytest.skip("This machine has no IPv6.")
    source = UrlSource(hass, {"url": server.url})
    assert await source.async_fetch() == snapshot(1)
    server.habit = lambda _request: [
        b"HTTP/1.0 200 OK\r\nno header\r\nContent-Length: 7\r\n\r\n",
        snapshot(2),
    ]
    assert await source.async_fetch() == snapshot(2)
    assert server.requests[-1].headers["host"].startswith("[::1]:")
    source.async_close()
    await server.stop()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2"])
async def test_a_redirect_takes_credentials_along_to_the_same_host_only(
    hass: HomeAssistant, odd: OddServer, host: str
) -> None:
    """Before: another port of the camera did not get them, but another host the digest."""
    socket_allow_hosts(["127.0.0.1", "127.0.0.2"])
    other = OddServer(pictures(snapshot))
    await other.start(host)
    moved = f"Location: {other.url}?channels[0]"
    odd.habit = lambda _request: reply(b"moved", "302 Found", moved)
    source = UrlSource(hass, {"url": odd.url, **DIGEST, "authentication": "basic"})
    assert await source.async_fetch() == snapshot(1)
    (asked,) = other.requests
    assert ("authorization" in asked.headers) == (host == "127.0.0.1")
    assert asked.target == "/snapshot.jpg?channels[0]"
    odd.habit = lambda _request: reply(b"moved", "302 Found", "Location: /again")
    assert (await refusal(source)).reason == "http_status"
    source.async_close()
    await other.stop()


@pytest.mark.parametrize(
    ("body", "reason", "text"),
    [
        (b"<!DOCTYPE html><html>Sign in</html>", "web_page", None),
        (
            b'[{"cmd": "Snap", "error": {"detail": "please login first"}}]',
            "text_answer",
            "please login",
        ),
        (
            b'{"at": "http://me:secret@camera/snap?token=t0ken"}',
            "text_answer",
            "http://camera/snap",
        ),
        (b"", "empty_answer", None),
        (b"\r\n", "empty_answer", None),
        (b"\x00\x01\x02", "not_a_picture", None),
    ],
    ids=["page", "JSON", "JSON with secrets", "nothing", "a line break", "bytes"],
)
async def test_what_is_no_picture_is_named_and_forgiven_now_and_then(
    hass: HomeAssistant,
    watched: MockConfigEntry,
    odd: OddServer,
    body: bytes,
    reason: str,
    text: str | None,
) -> None:
    """Before: "no JPEG, PNG or WebP picture", and two in a row made the camera unavailable."""
    camera = the_camera(watched)
    changes = async_capture_events(hass, "state_changed")
    odd.habit = lambda _request: reply(
        body if len(odd.requests) % 2 else snapshot(len(odd.requests))
    )
    for _ in range(10):
        await look(camera)
    assert [each for each in changes if each.data["new_state"].state == "unavailable"] == []
    odd.habit = lambda _request: reply(body)
    await look_until_lost(camera)
    repair = repair_of(hass)
    assert repair.translation_key == reason
    assert repair.translation_placeholders is not None
    told = repair.translation_placeholders.get("text", "")
    assert (text or "") in told
    assert "secret" not in told
    assert "t0ken" not in told


async def test_a_camera_that_hung_is_asked_again_beside_its_old_answer(
    source: UrlSource, odd: OddServer
) -> None:
    """Before: each question was waited for ten seconds, however soon the camera was back."""
    is_back = False

    async def hang(_request: Request) -> AsyncIterator[bytes]:
        if not is_back:
            await asyncio.sleep(60)
        yield reply(snapshot(5))[0]

    odd.habit = hang
    with patch.object(address, "SNAPSHOT_TIMEOUT", 0.5), patch.object(address, "OVERDUE", 0.1):
        assert (await refusal(source)).reason == "camera_timeout"
        for _ in range(20):
            assert (await refusal(source)).reason == "camera_timeout"
            waiting = [each for each in asyncio.all_tasks() if "an address" in each.get_name()]
            assert len(waiting) <= 6
        is_back = True
        async with asyncio.timeout(0.1):
            assert await source.async_fetch() == snapshot(5)


async def test_a_slow_answer_of_a_camera_that_hung_is_taken(
    source: UrlSource, odd: OddServer
) -> None:
    """Before: the same; asking again must not spoil it."""

    async def slow(_request: Request) -> AsyncIterator[bytes]:
        await asyncio.sleep(0.25 if len(odd.requests) > 1 else 60)
        yield reply(snapshot(len(odd.requests)))[0]

    odd.habit = slow
    with patch.object(address, "SNAPSHOT_TIMEOUT", 0.5), patch.object(address, "OVERDUE", 0.1):
        assert (await refusal(source)).reason == "camera_timeout"
        reasons = [(await refusal(source)).reason for _ in range(2)]
        assert reasons == ["camera_timeout"] * 2
        assert await source.async_fetch()


async def test_an_address_with_the_credentials_in_it_tells_nobody(
    hass: HomeAssistant, odd: OddServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Before: the form refused it."""
    source = UrlSource(hass, {"url": odd.url.replace("://", "://me:s3cret@")})
    odd.habit = lambda _request: reply(b"", "503 Busy")
    assert "s3cret" not in repr((await refusal(source)).placeholders)
    assert odd.requests[-1].headers["authorization"].startswith("Basic ")
    assert "s3cret" not in caplog.text
    source.async_close()


async def test_a_camera_that_repeats_what_it_was_told_tells_nobody(
    hass: HomeAssistant, odd: OddServer
) -> None:
    """Before: what it said was not shown."""
    data = {"url": f"{odd.url}?token=t0ken&channel=1", **DIGEST, "password": "s3cret"}
    source = UrlSource(hass, data)
    odd.habit = lambda _request: reply(b'{"password": "s3cret", "token": "t0ken", "channel": 1}')
    told = await refusal(source)
    assert told.placeholders == {"text": '{"password": "...", "token": "...", "channel": 1}'}
    assert "s3cret" not in str(told)
    assert "t0ken" not in str(told)
    source.async_close()


async def test_whatever_a_server_sends_is_a_picture_or_a_reason(
    source: UrlSource, odd: OddServer
) -> None:
    """Before: the same; it must stay so."""
    chance = random.Random(1)
    bits = [
        b"HTTP/1.1 200 OK",
        b"\r\n",
        b"\r\n\r\n",
        b"Content-Length: 7",
        b"--x",
        b": ",
        b"\xff\xd8\xff",
    ]
    bits += [b"Content-Type: multipart/x-mixed-replace; boundary=x", b"Transfer-Encoding: chunked"]

    def foul(_request: Request) -> Iterator[bytes]:
        if chance.random() < 0.8:
            yield b"HTTP/1.1 200 OK\r\n"
        for _ in range(chance.randrange(20)):
            yield chance.choice([*bits, chance.randbytes(5)])
        raise HangUp

    odd.habit = foul
    outcomes: set[bytes | str] = set()
    for _ in range(200):
        try:
            outcomes.add((await source.async_fetch())[:3])
        except SnapshotUnavailable as error:
            outcomes.add(error.reason)
    assert "answer_cut" in outcomes
    assert b"\xff\xd8\xff" in outcomes
