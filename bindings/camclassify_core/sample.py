"""A snapshot for where no photograph is at hand: self-tests and benchmarks."""

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

_GRAIN = 6.0
_WAVES = 5


def sample_snapshot(width: int, height: int) -> bytes:
    """A PNG of soft coloured waves with the grain of a camera; always the same."""
    noise = np.random.default_rng(0)
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    pixels = np.full((height, width, 3), 128.0)
    for _ in range(_WAVES):
        across, down, phase = noise.uniform(-20.0, 20.0, 3)
        wave = np.sin(across * x + down * y + phase)
        pixels += wave[..., None] * noise.uniform(-30.0, 30.0, 3)
    pixels += noise.normal(0.0, _GRAIN, pixels.shape)
    return encode_png(np.clip(pixels, 0.0, 255.0).astype(np.uint8))


def encode_png(pixels: NDArray[np.uint8]) -> bytes:
    """A PNG of RGB pixels, height x width x 3."""
    height, width, _ = pixels.shape
    unfiltered = np.zeros((height, 1 + 3 * width), np.uint8)
    unfiltered[:, 1:] = pixels.reshape(height, -1)
    eight_bit_rgb = (8, 2, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, *eight_bit_rgb)),
            _chunk(b"IDAT", zlib.compress(unfiltered.tobytes(), 1)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
