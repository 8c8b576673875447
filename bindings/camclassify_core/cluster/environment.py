"""What Ray is told before it starts: to be quiet, to be closed, and to be stable on this Python.

Ray reads all of it from the environment of its processes, on every machine.
"""

import os
import secrets
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from camclassify_core.errors import CamClassifyError

from .local_cluster import free_port

_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingress:
    """Where the cluster is spoken to from outside. `certificate`: the PEM file of it and its key, for TLS."""

    host: str
    port: int
    certificate: Path | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"{'https' if self.certificate else 'http'}://{self.host}:{self.port}"


def make_secret(path: Path) -> None:
    """Writes a new secret that processes of one cluster know one another by, for its owner only."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(_SECRET_BYTES))


def check_secret(path: Path) -> None:
    """Raises `CamClassifyError` unless it is a secret that only its owner can read."""
    try:
        content, mode = path.read_text(encoding="ascii").strip(), path.stat().st_mode
    except (OSError, UnicodeDecodeError) as error:
        raise CamClassifyError(f"The cluster's secret cannot be read: {error}") from error
    if len(content) < _SECRET_BYTES:
        raise CamClassifyError(
            f"{path} is too short for a secret: let `camclassify serve --ray` make one."
        )
    if mode & 0o077:
        raise CamClassifyError(f"Others can read the secret {path}: chmod 600 {path}")


def prepare(folder: Path, secret: Path, ingress: Ingress, *, alone: bool) -> dict[str, str]:
    """The environment of every process of Ray on this machine; `folder` is for what they write.

    `alone`: the cluster is on this machine, and nothing but the ingress is reachable from others.
    """
    # Without this file Ray's head asks a metadata address of clouds where it is.
    (folder / "ray_bootstrap_config.yaml").write_text("provider: {type: local}\n", encoding="utf-8")
    haproxy = folder / "haproxy"
    environment = {
        "HOME": str(folder),
        "RAY_TMPDIR": str(folder),
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN_PATH": str(secret),
        # HAProxy as ingress and gRPC between processes: Ray's defaults crash on this Python, and cost 20 ms
        # a request more.
        "RAY_SERVE_ENABLE_HA_PROXY": "1",
        "RAY_SERVE_USE_GRPC_BY_DEFAULT": "1",
        "RAY_SERVE_RUN_ROUTER_IN_SEPARATE_LOOP": "0",
        "RAY_SERVE_RUN_USER_CODE_IN_SEPARATE_THREAD": "0",
        "RAY_SERVE_LOG_TO_STDERR": "0",
        "RAY_SERVE_HAPROXY_NBTHREAD": "1",
        "RAY_SERVE_HAPROXY_HEALTH_CHECK_INTER": "1s",
        "RAY_SERVE_HAPROXY_METRICS_ENABLED": "0",
        "RAY_SERVE_HAPROXY_TIMEOUT_CLIENT_S": "60",
        "RAY_SERVE_HAPROXY_BINARY_PATH": str(_write_haproxy(folder, ingress)),
        "RAY_SERVE_HAPROXY_CONFIG_FILE_LOC": str(haproxy / "haproxy.cfg"),
        "RAY_SERVE_HAPROXY_SOCKET_PATH": str(haproxy / "admin"),
        "RAY_SERVE_HAPROXY_SERVER_STATE_BASE": str(haproxy),
        "RAY_SERVE_HAPROXY_SERVER_STATE_FILE": str(haproxy / "state"),
        "RAY_SERVE_HAPROXY_METRICS_SOCKET_PATH": str(haproxy / "metrics"),
        "RAY_SERVE_DIRECT_INGRESS_MIN_DRAINING_PERIOD_S": "2",
        "RAY_SERVE_PROXY_HEALTH_CHECK_PERIOD_S": "0.25",  # three that fail, and HAProxy is started again
        # A machine that is gone is noticed after 3 s, one that does not answer after 12.
        "RAY_health_check_initial_delay_ms": "1000",
        "RAY_health_check_period_ms": "500",
        "RAY_health_check_timeout_ms": "2000",
        "RAY_health_check_failure_threshold": "6",
        "MALLOC_ARENA_MAX": "1",  # of a dozen processes, each with dozens of threads that hardly allocate
    }
    if alone:
        # As on desktops, where Ray keeps to the loopback address.
        environment["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
        environment["RAY_SERVE_FALLBACK_PROXY_HTTP_PORT"] = str(free_port())
    return dict(os.environ) | environment


def _write_haproxy(folder: Path, ingress: Ingress) -> Path:
    """What Ray takes for HAProxy: a program that closes the configuration first (`ingress.py`)."""
    program = folder / "haproxy.sh"
    words = [sys.executable, "-P", "-m", "camclassify_core.cluster.ingress"]
    words += [f"{ingress.host}:{ingress.port}", str(ingress.certificate or "")]
    program.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n', encoding="utf-8")
    program.chmod(0o700)
    return program
