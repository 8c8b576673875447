"""Whoever connects and does not behave is let go, and nobody else notices."""

import asyncio
import socket
from contextlib import suppress

import pytest
from camclassify_core import Box
from camclassify_core.open_inference import models
from camclassify_core.server.connections import Phase
from camclassify_core.server.home_file import Home, Homes, hash_of

from .served import INFER, Client, encoded, question, served

TOKEN = "token-of-the-school"
HOME = Home(name="school", token_sha256=hash_of(TOKEN))
QUICK = dict.fromkeys(Phase, 0.3)


async def test_who_connects_and_says_nothing_is_let_go() -> None:
    async with served(seconds=QUICK) as server:
        client = await Client.connect(server.port)
        assert not await client.is_closed(0.1)
        assert await client.is_closed(1.0)
        assert len(server.connections) == 0


@pytest.mark.parametrize("first", [True, False])
async def test_headers_that_come_in_drops_are_not_waited_for(first: bool) -> None:
    async with served(seconds=QUICK) as server:
        client = await Client.connect(server.port)
        if not first:
            await client.ask("GET", "/v2/health/live")
        for letter in "GET /v2 HTTP/1.1":
            client.writer.write(letter.encode())
            await asyncio.sleep(0.05)
        assert await client.is_closed(0.1)


async def test_headers_without_an_end_are_not_read() -> None:
    async with served() as server:
        client = await Client.connect(server.port)
        client.writer.write(b"GET /v2 HTTP/1.1\r\n" + b"X-More: of this\r\n" * 20_000)
        with suppress(OSError):
            await client.writer.drain()
        assert await client.is_closed(1.0)


async def test_a_body_that_comes_in_drops_is_not_waited_for() -> None:
    async with served(Homes([HOME]), seconds=QUICK) as server:
        client = await Client.connect(server.port)
        client.send("POST", INFER, b"", {"Content-Length": "1000"}, token=TOKEN)
        for _ in range(10):
            client.writer.write(b"x")
            await asyncio.sleep(0.05)
        assert await client.is_closed(0.1)
        assert (await server.ask("GET", "/metrics")).body.count(b"camclassify_held_bytes 0") == 1


async def test_a_body_that_nobody_asked_for_keeps_no_connection() -> None:
    async with served() as server:
        client = await Client.connect(server.port)
        client.send("GET", "/v2/health/live", b"x", {"Content-Length": "1000"})
        assert (await client.hear()).status == 200
        assert await client.is_closed(0.5)


async def test_an_answer_that_nobody_reads_is_not_kept() -> None:
    async with served(seconds=QUICK) as server:
        ours = socket.socket()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        ours.setblocking(False)
        await asyncio.get_running_loop().sock_connect(ours, ("127.0.0.1", server.port))
        client = Client(*await asyncio.open_connection(sock=ours, limit=1024))
        asked = models.draw_boxes_request(bytes(4_000_000), [Box(x0=0, y0=0, x1=1, y1=1)] * 2)
        client.send("POST", "/v2/models/draw_boxes/infer", *encoded(asked))
        await client.writer.drain()
        async with asyncio.timeout(3):
            while len(server.connections):
                await asyncio.sleep(0.05)
        client.close()


async def test_who_does_not_wait_for_an_answer_gets_none() -> None:
    async with served() as server:
        client = await Client.connect(server.port)
        for _ in range(3):
            client.send("POST", INFER, *question(b"sleep 0.2"))
        assert await client.is_closed(1.0)


async def test_a_connection_serves_one_request_after_the_other() -> None:
    async with served(Homes([HOME]), seconds=QUICK | {Phase.IDLE: 5.0}) as server:
        client = await Client.connect(server.port)
        for wait in (0.0, 0.5, 0.5):
            await asyncio.sleep(wait)
            reply = await client.ask("POST", INFER, *question(b"1"), token=TOKEN)
            assert reply.status == 200
        assert len(server.connections) == 1


async def test_thousands_of_idle_connections_keep_nobody_out() -> None:
    async with served(Homes([HOME]), most=50) as server:
        known = await Client.connect(server.port)
        await known.ask("GET", "/v2", token=TOKEN)
        idle = []
        for number in range(1000):
            idle.append(await Client.connect(server.port))
            if number % 100 == 0:
                assert (await known.ask("GET", "/v2", token=TOKEN)).status == 200
                assert (await server.ask("GET", "/v2", token=TOKEN)).status == 200
        assert len(server.connections) <= 50
        assert (await known.ask("POST", INFER, *question(b"1"), token=TOKEN)).status == 200
        for each in idle:
            each.close()


async def test_without_a_token_no_connection_is_kept_for_a_home() -> None:
    async with served(Homes([HOME]), most=20) as server:
        known = await Client.connect(server.port)
        await known.ask("GET", "/v2", token=TOKEN)
        for _ in range(60):
            client = await Client.connect(server.port)
            assert (await client.ask("GET", "/v2/health/live")).status == 200
        assert (await known.ask("GET", "/v2", token=TOKEN)).status == 200


async def test_what_was_asked_is_answered_when_it_ends() -> None:
    async with served() as server:
        idle, asking = await Client.connect(server.port), await Client.connect(server.port)
        await idle.ask("GET", "/v2/health/live")
        asking.send("POST", INFER, *question(b"sleep 0.4"))
        await asyncio.sleep(0.1)
        ended = asyncio.create_task(server.connections.close(5.0))
        assert await idle.is_closed(0.2)
        reply = await asking.hear()
        assert (reply.status, reply.headers["connection"]) == (200, "close")
        await ended
        with pytest.raises(ConnectionRefusedError):
            await Client.connect(server.port)


async def test_what_takes_too_long_is_cut_off_when_it_ends() -> None:
    async with served() as server:
        asking = await Client.connect(server.port)
        asking.send("POST", INFER, *question(b"sleep 1.5"))
        await asyncio.sleep(0.1)
        await asyncio.wait_for(server.connections.close(0.2), 1.0)
        assert await asking.is_closed(0.5)


@pytest.mark.parametrize(
    "bytes_sent",
    [
        b"\x16\x03\x01\x02\x00\x01",
        b"GET\r\n\r\n",
        b"\0" * 1000,
        b"GET / HTTP/9.9\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_let_go(bytes_sent: bytes) -> None:
    async with served() as server:
        client = await Client.connect(server.port)
        client.writer.write(bytes_sent)
        assert await client.is_closed(1.0)
        assert (await server.ask("GET", "/v2/health/live")).status == 200
