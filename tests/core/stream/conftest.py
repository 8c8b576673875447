"""Clips of the demo's driveway, encoded once, and servers that play them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rtsp_server import RtspServer, make_clip

SMALL = (640, 360)
SIZES = {"h264": SMALL, "h265": SMALL, "other-h264": (320, 180)}
CODECS = {"h264": "libx264", "h265": "libx265", "other-h264": "libx264"}


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Twenty seconds of each, with nobody there."""
    folder = tmp_path_factory.mktemp("clips")
    return {
        name: make_clip(folder / f"{name}.mp4", size=size, codec=CODECS[name], seconds=20)
        for name, size in SIZES.items()
    }


@pytest.fixture
def server(clips: dict[str, Path]) -> Iterator[RtspServer]:
    """A server that plays them."""
    with RtspServer(clips) as running:
        yield running
