"""OpenCV's vtest.avi (Debian's opencv-doc) as a camera would deliver it. Needs ffmpeg."""

import io
import subprocess
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.simulations import Frame

_WIDTH, _HEIGHT = 768, 576
_JPEG_QUALITY = 90


def read_frames(footage: Path) -> list[Frame]:
    """All frames, RGB."""
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-i",
        str(footage),
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb24",
        "-",
    ]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    return list(np.frombuffer(raw, np.uint8).reshape(-1, _HEIGHT, _WIDTH, 3))


def to_jpeg(frame: Frame) -> bytes:
    """A frame as a snapshot."""
    buffer = io.BytesIO()
    Image.fromarray(frame).save(buffer, "JPEG", quality=_JPEG_QUALITY)
    return buffer.getvalue()
