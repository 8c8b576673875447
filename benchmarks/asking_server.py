"""A server as a process of its own, and clients that ask it as fast, or as badly, as they like."""

import asyncio
import json
import os
import re
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from camclassify_core import Request
from camclassify_core.open_inference.inference import encode_request
from camclassify_core.open_inference.models import classify_request

_TICK = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Server:
    """`camclassify serve`: its port, and its processes."""

    port: int
    pids: Sequence[int]

    def processor_time(self) -> float:
        """Seconds, of all its processes."""
        fields = [
            Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split() for each in self.pids
        ]
        return sum(int(each[11]) + int(each[12]) for each in fields) * _TICK

    def memory(self) -> int:
        """Bytes of all its processes, what they share counted once (PSS)."""
        return sum(pss(each) for each in self.pids)


@asynccontextmanager
async def serving(*arguments: str) -> AsyncIterator[Server]:
    """A server on a port of its own."""
    command = (sys.executable, "-m", "camclassify_core", "serve", "--port", "0", "--json")
    process = await asyncio.create_subprocess_exec(*command, *arguments, stdout=PIPE)
    try:
        assert process.stdout
        address = urlsplit(json.loads(await process.stdout.readline())["address"])
        assert address.port
        yield Server(address.port, [process.pid, *_children(process.pid)])
    finally:
        await _end(process)


async def _end(process: Process) -> None:
    process.terminate()
    await process.wait()


class Connection:
    """One connection to a server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.is_open = True

    @classmethod
    async def open(cls, port: int) -> Self:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, question: bytes) -> int:
        """Sends a request and reads its answer; the status. Raises `OSError` and `EOFError`."""
        self.writer.write(question)
        await self.writer.drain()
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"\r\ncontent-length: (\d+)", head)
        await self.reader.readexactly(int(length[1]) if length else 0)
        self.is_open = b"connection: close" not in head
        return int(head.split(None, 2)[1])

    def close(self) -> None:
        self.writer.close()


def question(snapshot: bytes, request: Request, *, token: str = "") -> bytes:
    """A request that asks what is in a snapshot, as it goes over the wire."""
    encoded = encode_request(classify_request(snapshot, request))
    headers = encoded.headers | {"Content-Length": str(len(encoded.body))}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    lines = ["POST /v2/models/camclassify/infer HTTP/1.1", "Host: server"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join((*lines, "", "")).encode() + encoded.body


def pss(pid: int) -> int:
    """Bytes of a process, its share of what it shares."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)
    assert found
    return int(found[1]) * 1024


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
