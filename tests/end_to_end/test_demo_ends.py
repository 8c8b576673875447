"""The demo notices when its Home Assistant is gone."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest

from demo.api import Client
from demo.instance import StartError, free_port, running

# Stands where Python looks for the module first: it answers as one that has started, for two seconds.
PRETENDER = """
import http.server, sys, threading, time

class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b'{"state": "RUNNING"}')

server = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Answer)
threading.Thread(target=server.serve_forever, daemon=True).start()
time.sleep(2)
sys.exit(3)
"""


type Activity = Callable[[Client], Awaitable[None]]


async def wait(_client: Client) -> None:
    await asyncio.Event().wait()


async def ask(client: Client) -> None:
    while True:
        await client.state()
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("activity", [wait, ask])
async def test_what_is_done_is_cut_short_when_home_assistant_ends(
    tmp_path: Path, activity: Activity
) -> None:
    port = free_port()
    (tmp_path / "homeassistant.py").write_text(PRETENDER.replace("PORT", str(port)))
    (tmp_path / "token").write_text("token")
    with pytest.raises(StartError, match="ended by itself"):
        async with asyncio.timeout(20), running(tmp_path, port) as client:
            await activity(client)


async def test_an_end_is_told_when_the_connection_was_lost_a_moment_before(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "homeassistant.py").write_text(PRETENDER.replace("PORT", str(port)))
    (tmp_path / "token").write_text("token")

    async def lose_the_connection() -> None:
        async with asyncio.timeout(20), running(tmp_path, port):
            await asyncio.sleep(1.2)
            raise aiohttp.ServerDisconnectedError

    with pytest.raises(StartError, match="ended by itself"):
        await lose_the_connection()


async def test_a_connection_that_is_lost_is_no_end(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "homeassistant.py").write_text(PRETENDER.replace("PORT", str(port)))
    (tmp_path / "token").write_text("token")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        async with running(tmp_path, port):
            raise aiohttp.ServerDisconnectedError
