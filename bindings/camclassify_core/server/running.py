"""A server on this machine, from its first breath to its last."""

import asyncio
import logging
import signal
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from camclassify_core.errors import CamClassifyError

from .application import Application
from .connections import Connections
from .home_file import Homes, read_homes
from .metrics import Value
from .models_here import ModelsHere

_LOGGER = logging.getLogger(__name__)
_BACKLOG = 1024
_PATIENCE = 5.0  # seconds for what was asked before the end


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a server listens, and whom it answers.

    `homes`: their file; without one, whoever reaches `host`, which then is this machine alone.
    `certificate` and `key`: files in PEM; without them it does not encrypt.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    homes: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    def read_homes(self) -> Homes:
        """Those that it answers. Raises `CamClassifyError` and `OSError`."""
        if self.homes is None:
            if not self._is_here:
                raise CamClassifyError(
                    f"Without homes the server answers whoever reaches it, so it listens on 127.0.0.1 alone,"
                    f" not on {self.host}: give --homes FILE (camclassify homes add NAME makes it)."
                )
            return Homes()
        if not (homes := read_homes(self.homes)):
            raise CamClassifyError(f"There is no home in {self.homes}: camclassify homes add NAME")
        return Homes(homes.values())

    def read_certificate(self) -> ssl.SSLContext | None:
        """What connections are encrypted with. Raises `CamClassifyError` and `OSError`."""
        if self.certificate is None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.load_certificate(context)
        return context

    def load_certificate(self, context: ssl.SSLContext) -> None:
        """Takes the certificate that is in the files now. Raises `CamClassifyError` and `OSError`."""
        assert self.certificate
        for each in (self.certificate, self.key):
            if each:
                each.open("rb").close()
        try:
            context.load_cert_chain(self.certificate, self.key, password=_no_password)
        except ssl.SSLError as error:
            files = f"{self.certificate} and {self.key}" if self.key else str(self.certificate)
            raise CamClassifyError(f"{files}: no certificate with its key ({error})") from error

    def listen(self) -> socket.socket:
        """The socket, and no other. Raises `CamClassifyError`."""
        try:
            (family, _, _, _, address), *_ = socket.getaddrinfo(
                self.host, self.port, type=socket.SOCK_STREAM
            )
            return socket.create_server(address[:2], family=family, backlog=_BACKLOG)
        except OSError as error:
            raise CamClassifyError(
                f"The server cannot listen on {self.host}, port {self.port}: {error.strerror}"
            ) from error

    @property
    def _is_here(self) -> bool:
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


async def serve(place: Place, models: ModelsHere, ready: Callable[[str], None]) -> None:
    """Answers until it is told to end (SIGTERM, SIGINT), and then what was asked before.

    `ready` is told the address once it answers. SIGHUP makes it read its files anew. Raises
    `CamClassifyError` and `OSError` if it cannot begin.
    """
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # it warns of all that is no HTTP
    homes, tls = place.read_homes(), place.read_certificate()
    listening = place.listen()
    application = Application(models, homes)
    connections = Connections(application, tls)
    application.values = lambda: [
        Value("camclassify_connections", "Open at the moment.", len(connections))
    ]
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, ended.set)
    loop.add_signal_handler(signal.SIGHUP, _read_anew, place, application, tls)
    try:
        await models.start()
        connections.listen(listening)
        ready(_address(listening, tls))
        await ended.wait()
    finally:
        await connections.close(_PATIENCE)
        listening.close()
        await models.stop()


def _read_anew(place: Place, application: Application, tls: ssl.SSLContext | None) -> None:
    try:
        homes = place.read_homes()
        if tls:
            place.load_certificate(tls)
    except (CamClassifyError, OSError) as error:
        _LOGGER.error("The server goes on as before: %s", error)
        return
    application.homes = homes
    _LOGGER.warning("The homes and the certificate were read anew")


def _address(listening: socket.socket, tls: ssl.SSLContext | None) -> str:
    host, port = listening.getsockname()[:2]
    return f"{'https' if tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"


def _no_password() -> str:
    raise CamClassifyError("The key is locked with a password: give one that is not.")
