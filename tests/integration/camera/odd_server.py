"""A web server on a raw socket, for habits that no library would let a server have."""

import asyncio
import hashlib
import re
import ssl
from collections.abc import AsyncIterable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

USERNAME, PASSWORD = "me", "secret"


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asked for. `connection` counts them from 1."""

    target: str
    headers: dict[str, str]
    connection: int


type Habit = Callable[[Request], Iterable[bytes] | AsyncIterable[bytes]]


class HangUp(Exception):
    """A habit raises it to end the connection."""


@dataclass(slots=True)
class OddServer:
    """Answers as its `habit` says."""

    habit: Habit
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    open: int = 0
    sent: int = 0
    url: str = ""
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def start(self, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self._server = await asyncio.start_server(self._serve, host, 0, ssl=tls)
        port = self._server.sockets[0].getsockname()[1]
        name = f"[{host}]" if ":" in host else host
        self.url = f"{'https' if tls else 'http'}://{name}:{port}/snapshot.jpg"

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.connections += 1
        self.open += 1
        connection = self.connections
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode().splitlines()
                named = (line.partition(": ") for line in lines if line)
                headers = {name.lower(): value for name, _, value in named}
                request = Request(first.split(" ")[1], headers, connection)
                self.requests.append(request)
                answer = self.habit(request)
                if isinstance(answer, AsyncIterable):
                    async for piece in answer:
                        await self._send(writer, piece)
                else:
                    for piece in answer:
                        await self._send(writer, piece)
        except HangUp, ConnectionError, asyncio.IncompleteReadError:
            pass
        finally:
            self.open -= 1
            writer.close()

    async def _send(self, writer: asyncio.StreamWriter, piece: bytes) -> None:
        writer.write(piece)
        await writer.drain()
        self.sent += len(piece)


def reply(body: bytes, status: str = "200 OK", *headers: str) -> list[bytes]:
    """Return an ordinary answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return ["\r\n".join(lines).encode() + body]


def pictures(numbered: Callable[[int], bytes]) -> Habit:
    """Answer each request with another picture."""
    numbers = count(1)
    return lambda _request: reply(numbered(next(numbers)))


def parameters(authorization: str) -> dict[str, str]:
    """Return the fields of an `Authorization: Digest`."""
    return {
        name: quoted or plain
        for name, quoted, plain in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]*))', authorization)
    }


def is_right(given: dict[str, str], target: str, nonces: dict[str, str]) -> bool:
    """Tell whether a digest is that of the password. `nonces`: the algorithm that each was given for."""
    algorithm = nonces.get(given.get("nonce", ""))
    if algorithm is None or given.get("algorithm") != algorithm or given.get("uri") != target:
        return False
    name = {"MD5": "md5", "SHA-256": "sha256"}[algorithm]

    def digest(*parts: str) -> str:
        return hashlib.new(name, ":".join(parts).encode()).hexdigest()

    use = given["nonce"], given["nc"], given["cnonce"], given["qop"]
    secret = digest(USERNAME, "camera", PASSWORD)
    return given["response"] == digest(secret, *use, digest("GET", target))


def outdated_tls(folder: Path) -> ssl.SSLContext:
    """Return the context of a camera with a certificate of its own making and one old cipher."""
    context = own_tls(folder)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES256-SHA:@SECLEVEL=0")
    return context


def own_tls(folder: Path) -> ssl.SSLContext:
    """Return the context of a server with a certificate of its own making."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "camera")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    file = folder / "camera.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
