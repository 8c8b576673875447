"""What a snapshot costs before any network sees it."""

import statistics
import struct
import zlib
from dataclasses import dataclass

import numpy as np

from camclassify_core.bundles import default_bundle
from camclassify_core.engine import Engine
from camclassify_core.native import core
from camclassify_core.options import EngineOptions, Request

_SIZE = (1920, 1080)
_ROUNDS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotCosts:
    """Milliseconds: until a network can see it, if the gate stops it, and the gate's share of that."""

    decode_ms: float
    gate_ms: float
    gate_look_ms: float


def snapshot_costs() -> SnapshotCosts:
    """Measures with the built-in bundle and a picture as detailed as a street."""
    engine = Engine(EngineOptions(bundle=default_bundle()))
    snapshot = core.draw_boxes(_png(*_SIZE), [])
    request = Request(camera="calibration")
    engine.classify(snapshot, request)
    still = [engine.classify(snapshot, request).timing for _ in range(_ROUNDS)]
    return SnapshotCosts(
        decode_ms=statistics.median(timing.decode + timing.gate for timing in still),
        gate_ms=statistics.median(timing.total for timing in still),
        gate_look_ms=statistics.median(timing.gate for timing in still),
    )


def _png(width: int, height: int) -> bytes:
    """A picture whose detail falls with frequency, as in photographs (Field 1987)."""
    random = np.random.default_rng(0)
    plane = np.zeros((height, width))
    for step in (4, 8, 16, 32, 64):
        coarse = random.normal(0, step / 3, (height // step + 2, width // step + 2))
        plane += np.kron(coarse, np.ones((step, step)))[:height, :width]
    grey = np.clip(128 + plane, 0, 255).astype(np.uint8)
    rows = np.zeros((height, 1 + 3 * width), np.uint8)
    rows[:, 1:] = np.repeat(grey, 3, axis=1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(rows.tobytes(), 1)
    chunks = ((b"IHDR", header), (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)
