"""A Home Assistant of its own: prepared so that it needs no onboarding, started, logged in, stopped."""

import asyncio
import json
import os
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType

import aiohttp

from .api import Client

ROOT = Path(__file__).parent.parent
START_TIMEOUT = 180  # seconds; the first start compiles Home Assistant's Python files


class StartError(Exception):
    """Home Assistant did not come up, or has ended by itself."""


def free_port(preferred: int = 0) -> int:
    """Return the preferred port if nothing listens there, else any that is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", preferred))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def prepare(folder: Path, port: int) -> None:
    """Write the configuration of a new Home Assistant that listens on this machine only."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "custom_components").mkdir(parents=True)
    for file in (ROOT / "demo").glob("*.yaml"):
        shutil.copy(file, folder)
    (folder / "footage").symlink_to(ROOT / "demo/footage")
    for component in (
        ROOT / "custom_components/camclassify",
        ROOT / "demo/custom_components/footage",
    ):
        (folder / "custom_components" / component.name).symlink_to(component)

    store_http(folder, port)
    # The step that is left, the user, is taken through the API by Client.log_in.
    store(folder, "onboarding", 4, {"done": ["core_config", "analytics", "integration"]})


def store_http(folder: Path, port: int) -> None:
    """Have Home Assistant listen on a port of this machine.

    It would take an `http:` block in YAML for a trial that it reverts after five minutes.
    """
    http = {
        "server_host": ["127.0.0.1"],
        "server_port": port,
        "cors_allowed_origins": [],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": False,
        "ssl_profile": "intermediate_v6",
        "use_x_frame_options": True,
        "created_at": "2026-01-01T00:00:00+00:00",
        "error": None,
        "error_message": None,
    }
    store(folder, "http", 3, {"stable": http, "pending": None, "yaml_migration_done": True})


def store(folder: Path, key: str, version: int, data: object) -> None:
    """Write one of Home Assistant's own storage files."""
    file = folder / ".storage" / key
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"key": key, "version": version, "minor_version": 1, "data": data}))


@asynccontextmanager
async def running(
    folder: Path,
    port: int,
    *,
    python: Path = Path(sys.executable),
    environment: Mapping[str, str] = MappingProxyType({}),
) -> AsyncIterator[Client]:
    """Run the Home Assistant in `folder` and be logged in to it.

    `python`: that of the environment in which it is installed. `environment`: variables beside this
    process's own. What is done meanwhile is cut short with StartError if it ends by itself.
    """
    with (folder / "output.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(str(python), "-m", "homeassistant", "--config", str(folder)),
            cwd=folder,
            # Home Assistant installs what an integration requires with uv, which it looks up on the path.
            env={**os.environ, "PATH": f"{python.parent}:{os.environ['PATH']}", **environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
                client = Client(session, folder / "token")
                await wait_until_up(process, client, folder)
                async with cut_short_at_the_end_of(process, folder):
                    yield client
        finally:
            await stop(process)


@asynccontextmanager
async def cut_short_at_the_end_of(
    process: asyncio.subprocess.Process, folder: Path
) -> AsyncIterator[None]:
    """Raise StartError in the middle of what is done when the process has ended."""
    owner = asyncio.current_task()
    assert owner
    inside = True
    cut = False

    def cut_short(ended: asyncio.Task[int]) -> None:
        nonlocal cut
        if inside and not ended.cancelled():
            cut = owner.cancel()

    ended = asyncio.create_task(process.wait())
    ended.add_done_callback(cut_short)
    try:
        yield
    except asyncio.CancelledError, aiohttp.ClientError:
        inside = False
        # A connection is lost a moment before the process ends.
        await asyncio.wait({ended}, timeout=1)
        if process.returncode is None:
            raise
        if cut:
            owner.uncancel()
        raise StartError(
            f"Home Assistant ended by itself (exit status {process.returncode}); "
            f"its output is in {folder}/output.log"
        ) from None
    finally:
        inside = False
        ended.cancel()


async def wait_until_up(process: asyncio.subprocess.Process, client: Client, folder: Path) -> None:
    """Wait until Home Assistant answers and has started, and log in."""
    try:
        async with asyncio.timeout(START_TIMEOUT):
            while not await client.is_reachable():
                if process.returncode is not None:
                    raise StartError(f"Home Assistant ended; its output is in {folder}/output.log")
                await asyncio.sleep(0.2)
            await client.log_in()
            while await client.state() != "RUNNING":
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise StartError(
            f"Home Assistant did not start within {START_TIMEOUT} s; "
            f"its output is in {folder}/output.log"
        ) from None


async def stop(process: asyncio.subprocess.Process) -> None:
    """Stop Home Assistant, in the end by force."""
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), 20)
    except TimeoutError:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
