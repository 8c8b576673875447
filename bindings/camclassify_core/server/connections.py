"""Connections to a server: how long each may take over what it does, and how many there may be."""

import asyncio
import resource
import ssl
from contextlib import suppress
from enum import StrEnum
from errno import EMFILE, ENFILE
from socket import IPPROTO_TCP, TCP_NODELAY, socket

from starlette.types import ASGIApp
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from .application import RECOGNISE

MOST_CONNECTIONS = 2000
_FILES_BESIDE = 200  # that this process opens beside them
_MOST_HEADER_BYTES = 65_536
_ACCEPTED_AT_ONCE = 50
_HANDSHAKE_SECONDS = 10.0
_KEEP_ALIVE_SECONDS = 75


class Phase(StrEnum):
    """What a connection is at; each may last for some seconds."""

    NEW = "new"
    IDLE = "idle"
    HEADERS = "headers"
    BODY = "body"
    ANSWER = "answer"


_SECONDS = {
    Phase.NEW: 10.0,
    Phase.IDLE: float(_KEEP_ALIVE_SECONDS),
    Phase.HEADERS: 10.0,
    Phase.BODY: 20.0,
    Phase.ANSWER: 60.0,
}


class Connections:
    """Takes connections in, one after the other, and closes those that take too long.

    When there are too many, the one that has been of no use for longest makes room: first one that nobody
    known has asked anything by, then one that is kept for the next request.
    """

    def __init__(
        self,
        application: ASGIApp,
        tls: ssl.SSLContext | None,
        *,
        most: int = MOST_CONNECTIONS,
        seconds: dict[Phase, float] | None = None,
    ) -> None:
        self._tls = tls
        self._seconds = _SECONDS | (seconds or {})
        self._most = min(most, _raise_file_limit() - _FILES_BESIDE)
        self._config = Config(
            application,
            http=HttpToolsProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        )
        self._config.load()
        self._state = ServerState()
        self._listening: list[socket] = []
        self._unused: dict[_Connection, None] = {}
        self._kept: dict[_Connection, None] = {}
        self._all: set[_Connection] = set()

    def __len__(self) -> int:
        return len(self._all)

    def listen(self, listening: socket) -> None:
        """Takes in whoever connects to it."""
        listening.setblocking(False)
        self._listening.append(listening)
        asyncio.get_running_loop().add_reader(listening, self._accept, listening)

    async def close(self, patience: float) -> None:
        """Takes in nobody any more, answers what was asked, unless that takes longer, and closes all."""
        for listening in self._listening:
            asyncio.get_running_loop().remove_reader(listening)
            listening.close()
        self._listening.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while self._all:
                    for each in tuple(self._all):
                        each.end()
                    await asyncio.sleep(0.05)
        for each in tuple(self._all):
            each.abort()

    def _accept(self, listening: socket) -> None:
        for _ in range(_ACCEPTED_AT_ONCE):
            try:
                accepted, _ = listening.accept()
            except BlockingIOError:
                return
            except OSError as error:  # it may be gone again
                if error.errno in (EMFILE, ENFILE):
                    self._make_room()
                return
            accepted.setblocking(False)
            accepted.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)  # an answer is written in two parts
            if len(self._all) >= self._most:
                self._make_room()
            if len(self._all) >= self._most:  # all of them are of use
                accepted.close()
                continue
            connection = _Connection(self)
            self._all.add(connection)
            self._unused[connection] = None
            connection.open(accepted)

    def _make_room(self) -> None:
        for those in (self._unused, self._kept):
            if oldest := next(iter(those), None):
                oldest.abort()
                return

    def enter(self, connection: _Connection, phase: Phase, *, is_known: bool) -> float:
        """Notes what a connection is at; how many seconds that may last."""
        self._kept.pop(connection, None)
        if phase is Phase.IDLE and is_known:
            self._unused.pop(connection, None)
            self._kept[connection] = None
        elif not is_known:
            self._unused.setdefault(connection)
        else:
            self._unused.pop(connection, None)
        return self._seconds[phase]

    def leave(self, connection: _Connection) -> None:
        """Notes that a connection is no more."""
        self._all.discard(connection)
        self._unused.pop(connection, None)
        self._kept.pop(connection, None)

    def protocol(self, connection: _Connection) -> _PatientProtocol:
        """What speaks HTTP over a connection."""
        return _PatientProtocol(connection, self._config, self._state)

    @property
    def tls(self) -> ssl.SSLContext | None:
        """What connections are encrypted with, if they are."""
        return self._tls


class _Connection:
    """One that was taken in, from its first byte on, of TLS too."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._task: asyncio.Task[None] | None = None
        self._protocol: _PatientProtocol | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.is_known = False

    def open(self, accepted: socket) -> None:
        self._task = asyncio.create_task(self._open(accepted), eager_start=True)

    async def _open(self, accepted: socket) -> None:
        tls = self._connections.tls
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                self._speak,
                accepted,
                ssl=tls,
                ssl_handshake_timeout=_HANDSHAKE_SECONDS if tls else None,
                ssl_shutdown_timeout=1.0 if tls else None,
            )
        except OSError, asyncio.CancelledError:
            accepted.close()
            self.closed()

    def _speak(self) -> _PatientProtocol:
        self._protocol = self._connections.protocol(self)
        return self._protocol

    def enter(self, phase: Phase) -> None:
        seconds = self._connections.enter(self, phase, is_known=self.is_known)
        if self._timer:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self.abort)

    def end(self) -> None:
        if self._protocol and self._protocol.transport:
            self._protocol.shutdown()
        else:
            self.abort()

    def abort(self) -> None:
        if self._protocol and self._protocol.transport:
            self._protocol.transport.abort()
        elif self._task:
            self._task.cancel()
        self._connections.leave(self)

    def closed(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._connections.leave(self)


class _PatientProtocol(HttpToolsProtocol):
    """HTTP that waits for nothing longer than `Connections` says."""

    def __init__(self, connection: _Connection, config: Config, state: ServerState) -> None:
        super().__init__(config, state, {})
        self._connection = connection
        self._phase = Phase.NEW
        self._header_bytes = 0
        self._is_whole = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        self._enter(Phase.NEW)

    def connection_lost(self, exc: Exception | None) -> None:
        self._connection.closed()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._phase is Phase.IDLE:
            self._enter(Phase.HEADERS)
        super().data_received(data)
        if self._phase in (Phase.NEW, Phase.HEADERS):
            self._header_bytes += len(data)
            if self._header_bytes > _MOST_HEADER_BYTES:
                self.transport.abort()

    def on_message_begin(self) -> None:
        if self.cycle and not self.cycle.response_complete:
            self.transport.abort()  # it does not wait for its answer
        super().on_message_begin()
        self.scope["state"][RECOGNISE] = self._recognise

    def on_headers_complete(self) -> None:
        self._is_whole = False
        self._header_bytes = 0
        self._enter(Phase.BODY)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._is_whole = True
        self._enter(Phase.ANSWER)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        if not self._is_whole:
            self.transport.close()
        super().on_response_complete()
        self._enter(Phase.IDLE)

    def _recognise(self) -> None:
        self._connection.is_known = True
        self._enter(self._phase)

    def _enter(self, phase: Phase) -> None:
        self._phase = phase
        if not self.transport.is_closing():
            self._connection.enter(phase)


def _raise_file_limit() -> int:
    """Lets this process open as many files as it may; how many those are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(hard, 65_536) if hard != resource.RLIM_INFINITY else 65_536
    if soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
