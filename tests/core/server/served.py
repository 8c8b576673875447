"""A server in this process, on a port of its own, and a client that may behave badly."""

import asyncio
import json
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from camclassify_core import EngineOptions, Request
from camclassify_core.open_inference import models
from camclassify_core.open_inference.inference import InferRequest, encode_request
from camclassify_core.server.application import Application
from camclassify_core.server.connections import Connections, Phase
from camclassify_core.server.home_file import Homes
from camclassify_core.server.models_here import ModelsHere
from camclassify_core.server.usage import Usage

FAKE_WORKER = (sys.executable, str(Path(__file__).parents[1] / "worker" / "fake_worker.py"))
INFER = "/v2/models/camclassify/infer"


@dataclass(frozen=True)
class Reply:
    """What the server answered."""

    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)

    @property
    def json(self) -> dict[str, Any]:
        length = self.headers.get("inference-header-content-length")
        said: dict[str, Any] = json.loads(self.body[: int(length)] if length else self.body)
        return said


class Client:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def connect(cls, port: int, tls: ssl.SSLContext | None = None) -> Self:
        return cls(*await asyncio.open_connection("127.0.0.1", port, ssl=tls))

    def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        token: str = "",
    ) -> None:
        said = {"Host": "server", "Content-Length": str(len(body))}
        if token:
            said["Authorization"] = f"Bearer {token}"
        said |= headers or {}
        lines = [f"{method} {path} HTTP/1.1", *(f"{key}: {value}" for key, value in said.items())]
        self.writer.write("\r\n".join((*lines, "", "")).encode("latin-1") + body)

    async def hear(self) -> Reply:
        line = await self.reader.readline()
        if not line:
            raise ConnectionResetError("The server closed the connection.")
        status = int(line.split()[1])
        headers = {}
        while (header := await self.reader.readline()).strip():
            name, _, value = header.decode().partition(":")
            headers[name.lower()] = value.strip()
        body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        return Reply(status, headers, body)

    async def ask(self, *args: Any, **kwargs: Any) -> Reply:
        self.send(*args, **kwargs)
        return await self.hear()

    async def is_closed(self, within: float) -> bool:
        """Whether the server closes the connection in that time, whatever it says before."""
        try:
            async with asyncio.timeout(within):
                while await self.reader.read(65_536):
                    pass
        except TimeoutError:
            return False
        except OSError:
            return True
        return True

    def close(self) -> None:
        self.writer.close()


@dataclass(frozen=True)
class Served:
    """A server that runs."""

    port: int
    application: Application
    connections: Connections
    models: ModelsHere

    async def ask(self, *args: Any, **kwargs: Any) -> Reply:
        """Over a connection of its own."""
        client = await Client.connect(self.port)
        try:
            return await client.ask(*args, **kwargs)
        finally:
            client.close()

    async def classify(self, snapshot: bytes, *, token: str = "", **request: Any) -> Reply:
        return await self.ask("POST", INFER, *question(snapshot, **request), token=token)


def question(
    snapshot: bytes, *, lessons: str = "", request_id: str = "", **request: Any
) -> tuple[bytes, dict[str, str]]:
    """Body and headers that ask what is in a snapshot."""
    return encoded(
        models.classify_request(
            snapshot, Request(**request), lessons=lessons, request_id=request_id
        )
    )


def encoded(asked: InferRequest) -> tuple[bytes, dict[str, str]]:
    message = encode_request(asked)
    return message.body, message.headers


@asynccontextmanager
async def served(
    homes: Homes | None = None,
    *,
    usage: Usage | None = None,
    seconds: dict[Phase, float] | None = None,
    most: int = 200,
    tls: ssl.SSLContext | None = None,
    lanes: int = 2,
) -> AsyncIterator[Served]:
    """A server whose engine is the fake worker's."""
    here = ModelsHere(EngineOptions(lanes=lanes), command=FAKE_WORKER)
    await here.start()
    application = Application(here, homes or Homes(), usage)
    connections = Connections(application, tls, most=most, seconds=seconds)
    listening = socket.create_server(("127.0.0.1", 0), backlog=512)
    connections.listen(listening)
    try:
        yield Served(listening.getsockname()[1], application, connections, here)
    finally:
        await connections.close(2.0)
        await here.stop()
