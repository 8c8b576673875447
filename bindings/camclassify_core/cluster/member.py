"""This machine's part in a cluster, from its start to its end: `camclassify serve --ray`.

This process starts Ray, has the application deployed, and stays to end all of it. Ray's own processes find
one another, and start again what ends (docs/serving.md).
"""

import json
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from types import FrameType
from typing import NoReturn, Self

from camclassify_core.bundle.manifest import Manifest
from camclassify_core.codec import options_to_json
from camclassify_core.errors import CamClassifyError, EngineUnavailable
from camclassify_core.options import EngineOptions
from camclassify_core.server.running import Place

from .environment import Ingress, check_secret, make_secret, prepare
from .local_cluster import LOOPBACK, free_port
from .processes import adopt, command_of, descendants, end_all, reap

_READY_SECONDS = 60.0
_ANSWER_SECONDS = 5.0
_STEP = 0.2
_OBJECT_STORE = 80_000_000  # bytes, which nothing of ours uses; the least that Ray takes
_VITAL = ("gcs_server", "raylet/raylet")
_IDLE = ("dashboard/dashboard.py", "ray.util.client.server")
"""What `ray start` starts as well, and nothing here talks to: 150 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """What is started on this machine.

    `place`: where it is spoken to from outside, on this machine. `fewest` and `most`: engines of the whole
    cluster. `address`: of this machine, by which the others reach it. `joined`: address and port of the head
    of a cluster that this machine becomes a part of, if it is no head itself. `head_port`: where it listens
    as a head; any if none. `secret`: the file that makes processes of one cluster known to one another; made
    anew if none.
    """

    place: Place
    engine: EngineOptions
    fewest: int = 1
    most: int = 1
    address: str = LOOPBACK
    joined: str | None = None
    head_port: int | None = None
    secret: Path | None = None


def run(cluster: Cluster, tell: Callable[[str, str], None]) -> None:
    """Serves until SIGTERM or SIGINT; deploys anew at SIGHUP, replica after replica, as for a new bundle.

    `tell` hears when it is ready, and at which address; others of its news have none. Raises
    `CamClassifyError` if it cannot be started, or if Ray ends.
    """
    adopt()
    with TemporaryDirectory(prefix="camclassify-") as folder, _Signals() as signals:
        try:
            _serve(cluster, Path(folder), signals, tell)
        finally:
            end_all()


class _End(BaseException):
    """A signal asked for it."""


class _Signals:
    """Ends what is done in it when a signal asks for that, and notes another one."""

    def __init__(self) -> None:
        self.again = False
        self._ends = False

    def __enter__(self) -> Self:
        handlers = {signal.SIGTERM: self._end, signal.SIGINT: self._end, signal.SIGHUP: self._note}
        self._before = {each: signal.signal(each, handler) for each, handler in handlers.items()}
        return self

    def __exit__(self, _kind: object, error: object, _trace: object) -> bool:
        for each, handler in self._before.items():
            signal.signal(each, handler)
        return isinstance(error, _End)

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        if not self._ends:
            self._ends = True
            raise _End

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.again = True


def _serve(
    cluster: Cluster, folder: Path, signals: _Signals, tell: Callable[[str, str], None]
) -> NoReturn:
    secret = (cluster.secret or folder / "secret").absolute()
    if not secret.exists() and not cluster.joined:
        make_secret(secret)
    check_secret(secret)
    cluster.place.read_homes()  # which has a say in where it may listen
    ingress = Ingress(
        host=cluster.place.host,
        port=cluster.place.port,
        certificate=_certificate(cluster.place, folder),
    )
    environment = prepare(folder, secret, ingress, alone=cluster.secret is None)
    head = cluster.joined or f"{cluster.address}:{cluster.head_port or free_port()}"
    if cluster.joined:
        _start_ray(cluster, head, folder, environment)
        tell("Part of the cluster", "")
    else:
        deployment = _Deployment(cluster, folder, environment)
        _start_ray(cluster, head, folder, environment)
        if cluster.secret:  # it waits for others, where not even the fewest engines fit here
            tell(f"Others may join {head}", "")
        deployment.finish(cluster, head)
        _wait_until_ready(ingress)
        tell(f"Ready on {ingress.url}", ingress.url)
    vital = {each for each in descendants() if any(word in command_of(each) for word in _VITAL)}
    while not vital & reap():
        if signals.again and not cluster.joined:
            signals.again = False
            tell(_deploy_anew(cluster, head, folder, environment), "")
        sleep(_STEP)
    raise EngineUnavailable("Ray has ended on this machine.")


def _deploy_anew(cluster: Cluster, head: str, folder: Path, environment: Mapping[str, str]) -> str:
    """Says how that went."""
    try:
        _Deployment(cluster, folder, environment).finish(cluster, head)
    except CamClassifyError as error:
        return str(error)
    return "Deployed anew"


def _certificate(place: Place, folder: Path) -> Path | None:
    """The certificate and its key in one file, as HAProxy wants them."""
    if place.read_certificate() is None or place.certificate is None:
        return None
    joined = folder / "certificate.pem"
    joined.touch(0o600)
    parts = [each.read_bytes() for each in (place.certificate, place.key) if each]
    joined.write_bytes(b"\n".join(parts))
    return joined


def _start_ray(cluster: Cluster, head: str, folder: Path, environment: Mapping[str, str]) -> None:
    words = [sys.executable, "-P", "-m", "ray.scripts.scripts", "start", "--disable-usage-stats"]
    words += [f"--node-ip-address={cluster.address}", f"--object-store-memory={_OBJECT_STORE}"]
    words += ["--include-log-monitor=false"]
    if cluster.joined:
        words += [f"--address={head}"]
    else:
        words += ["--head", f"--port={head.rpartition(':')[2]}"]
        words += ["--include-dashboard=false", "--no-monitor"]
    log = folder / "start.log"
    with log.open("w") as file:  # no pipe, which what it starts would hold open
        started = subprocess.run(
            words, env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=file, stderr=file
        )
    if started.returncode:
        raise CamClassifyError(f"Ray could not be started: {_last_line(log)}")
    for each in descendants():
        if any(word in command_of(each) for word in _IDLE):
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)


class _Deployment:
    """A process that deploys: it imports while the cluster starts, which takes as long.

    Raises `BundleError` for a bundle that is none.
    """

    def __init__(self, cluster: Cluster, folder: Path, environment: Mapping[str, str]) -> None:
        if cluster.engine.bundle:
            Manifest.read(cluster.engine.bundle)  # before an engine is replaced for it
        self._log = folder / "deploy.log"
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "camclassify_core.cluster.deploy"],
                env=environment,
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
                text=True,
            )

    def finish(self, cluster: Cluster, head: str) -> None:
        """Returns once it is deployed. Raises `CamClassifyError`."""
        order = {
            "address": head,
            "host": "0.0.0.0" if cluster.secret else LOOPBACK,
            "engine": options_to_json(_anywhere(cluster.engine)),
            "homes": str(homes.absolute()) if (homes := cluster.place.homes) else None,
            "fewest": cluster.fewest,
            "most": cluster.most,
        }
        self._process.communicate(json.dumps(order) + "\n")
        if self._process.returncode:
            raise CamClassifyError(f"It could not be deployed: {_last_line(self._log)}")


def _anywhere(options: EngineOptions) -> EngineOptions:
    """The same, for processes in another folder."""
    return replace(options, bundle=options.bundle.absolute()) if options.bundle else options


def _wait_until_ready(ingress: Ingress) -> None:
    """Raises `EngineUnavailable` if that takes too long."""
    deadline = monotonic() + _READY_SECONDS
    while not _is_ready(ingress):
        if monotonic() > deadline:
            raise EngineUnavailable("The cluster has started, but does not answer.")
        sleep(_STEP)


def _is_ready(ingress: Ingress) -> bool:
    host = LOOPBACK if ingress.host == "0.0.0.0" else ingress.host
    if ingress.certificate:
        unchecked = ssl._create_unverified_context()  # of ourselves
        asked: HTTPConnection = HTTPSConnection(
            host, ingress.port, timeout=_ANSWER_SECONDS, context=unchecked
        )
    else:
        asked = HTTPConnection(host, ingress.port, timeout=_ANSWER_SECONDS)
    try:
        with closing(asked):
            asked.request("GET", "/v2/health/ready")
            return asked.getresponse().status == 200
    except OSError, HTTPException:
        return False


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "it says nothing")
