"""Two plain servers behind HAProxy, as docs/serving/haproxy.cfg has it, while processes are killed."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic

import pytest
from camclassify_core.cluster.local_cluster import free_port
from camclassify_core.cluster.simulated_cameras import Crowd

from .crowds import Watched, failures, fresh, p95_ms, silence, told
from .machines import is_open, wait_for

CONFIGURATION = Path(__file__).parents[2] / "docs/serving/haproxy.cfg"
CAMERAS = 200
FPS = 0.2
PERIOD = 1 / FPS
RECOVERY = 5.0


class Process:
    """Started again by `start`, as a service is."""

    def __init__(self, port: int, *words: str) -> None:
        self.port = port
        self._words = words
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._words, stdout=subprocess.DEVNULL)
        assert wait_for(lambda: is_open(self.port), 30)

    def kill(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def end(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait()


@contextmanager
def process(port: int, *words: str) -> Iterator[Process]:
    found = Process(port, *words)
    try:
        found.start()
        yield found
    finally:
        found.end()


type Setup = tuple[Process, Process, Process]


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setup]:
    """HAProxy and two servers."""
    ports = free_port(), free_port(), free_port()
    text = CONFIGURATION.read_text().replace("bind :8000", f"bind 127.0.0.1:{ports[0]}")
    for address, port in zip(("10.0.0.11", "10.0.0.12"), ports[1:], strict=True):
        text = re.sub(rf"\b{re.escape(address)}:8000", f"127.0.0.1:{port}", text)
    configuration = tmp_path_factory.mktemp("haproxy") / "haproxy.cfg"
    configuration.write_text(text)
    with ExitStack() as stack:
        servers = [
            stack.enter_context(
                process(
                    port, sys.executable, "-m", "camclassify_core", "serve", "--port", str(port)
                )
            )
            for port in ports[1:]
        ]
        proxy = stack.enter_context(process(ports[0], "haproxy", "-db", "-f", str(configuration)))
        time.sleep(2)  # until it knows that they are there
        yield proxy, servers[0], servers[1]


@pytest.fixture(scope="module")
def crowd(setup: Setup, photograph: Callable[[str], bytes]) -> Crowd:
    picture = photograph("dog.jpg")
    return Crowd(
        cameras=CAMERAS,
        fps=FPS,
        pictures=lambda _camera, _number: picture,
        servers=[f"http://127.0.0.1:{setup[0].port}"],
    )


def test_every_camera_sticks_to_its_server(crowd: Crowd) -> None:
    looks = Watched(crowd, 4 * PERIOD).join()

    begun = fresh(looks)
    sticky = [camera for camera, each in begun.items() if each[0] and not any(each[1:])]
    print(f"{len(sticky)} of {CAMERAS} sticky, p95 {p95_ms(looks):.0f} ms")
    assert not failures(looks)
    assert len(sticky) == CAMERAS


@pytest.mark.parametrize("killed", [1, 0], ids=["server", "haproxy"])
def test_a_killed_process_costs_frames_in_flight(crowd: Crowd, setup: Setup, killed: int) -> None:
    watched = Watched(crowd, 5 * PERIOD)
    time.sleep(PERIOD)
    since = monotonic()
    setup[killed].kill()
    time.sleep(1)  # until a service is started again
    setup[killed].start()
    looks = watched.join()

    failed = failures(looks)
    print(told(looks, since))
    assert silence(looks, since) < RECOVERY
    assert max(map(len, failed.values()), default=0) <= 1
    begun = [camera for camera, each in fresh(looks).items() if any(each)]
    assert 0 < len(begun) < CAMERAS if killed else not begun
