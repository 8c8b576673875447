"""A camera on this machine that speaks RTSP: GStreamer's server, playing clips of the demo's driveway."""

import signal
import socket
import subprocess
from pathlib import Path
from typing import Self

import av
import numpy as np

ROOT = Path(__file__).parents[1]
DRIVEWAY = ROOT / "demo/footage/driveway"
_PROGRAM = Path(__file__).parent / "gstreamer_server.py"
_PYTHON = "/usr/bin/python3"  # Debian's: it has GStreamer's bindings
_CALM = range(40, 60)  # frames in which nobody is there
FRAMES_PER_SECOND, KEY_FRAME_EVERY = 25, 2.0
_WALKER, WALKER_BOX, _WALKS = 14, (0.652, 0.3, 0.682, 0.4), 0.025  # widths of the picture a second


def make_clip(
    file: Path,
    *,
    shown: list[int] | None = None,
    size: tuple[int, int] = (1920, 1080),
    codec: str = "libx264",
    seconds: float = 10.0,
    stands_for: float = 0.5,
    walks_from: float | None = None,
) -> Path:
    """Encode the driveway's pictures, each `stands_for` so long, with a camera's noise.

    `shown`: their numbers, those in which nobody is if it is not given; the last one stands to the end.
    `walks_from`: seconds after which somebody is there, and walks from then on, in every frame a bit further.
    The name of the file has to say its codec.
    """
    pictures = [_picture(number, size) for number in shown or _CALM]
    walker = _picture(_WALKER, size) if walks_from is not None else None
    noise = np.random.default_rng(7)
    with av.open(str(file), "w") as container:
        stream = container.add_stream(codec, rate=FRAMES_PER_SECOND)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        every = str(round(KEY_FRAME_EVERY * FRAMES_PER_SECOND))
        stream.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "g": every,
            "keyint_min": every,
            "sc_threshold": "0",
            "x265-params": f"keyint={every}:min-keyint={every}:scenecut=0:log-level=none",
        }
        for index in range(round(seconds * FRAMES_PER_SECOND)):
            number = min(int(index / FRAMES_PER_SECOND / stands_for), len(pictures) - 1)
            planes = pictures[number].copy()
            luma = planes[: size[1]]
            seconds_there = index / FRAMES_PER_SECOND - (walks_from or 0.0)
            if walker is not None and seconds_there >= 0:
                _paste(luma, walker[: size[1]], -seconds_there * _WALKS)
            luma[:: 2 + index % 3] ^= 1  # no two frames of a camera are alike
            luma[-1, :64] = noise.integers(16, 235, 64)
            frame = av.VideoFrame.from_ndarray(planes, "yuv420p")
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file


def _paste(luma: np.ndarray, walker: np.ndarray, shift: float) -> None:
    """Show the walker so many widths of the picture further to the right."""
    height, width = luma.shape
    x0, y0, x1, y1 = (
        round(share * of) for share, of in zip(WALKER_BOX, (width, height) * 2, strict=True)
    )
    moved = round(shift * width)
    luma[y0:y1, x0 + moved : x1 + moved] = walker[y0:y1, x0:x1]


def _picture(number: int, size: tuple[int, int]) -> np.ndarray:
    with av.open(str(DRIVEWAY / f"{number:02}.jpg")) as container:
        return next(container.decode(video=0)).reformat(*size, "yuv420p").to_ndarray()


class RtspServer:
    """Serves clips on a port of its own, that of one before it if wanted."""

    def __init__(
        self,
        clips: dict[str, Path],
        *,
        port: int = 0,
        user: str = "",
        drop: float = 0.0,
        shared: bool = False,
    ) -> None:
        options = [
            *(("--user", user) if user else ()),
            *(("--drop", str(drop)) if drop else ()),
            *(("--shared",) if shared else ()),
        ]
        served = [f"{name}={file}" for name, file in clips.items()]
        self._process = subprocess.Popen(
            [_PYTHON, str(_PROGRAM), str(port), *options, *served],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._process.stdout
        self.port = int(self._process.stdout.readline())

    def url(self, name: str) -> str:
        """Where a clip is played."""
        return f"rtsp://127.0.0.1:{self.port}/{name}"

    def hang(self) -> None:
        """Go on listening, and answer nothing."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Answer again."""
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """Be gone at once."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
