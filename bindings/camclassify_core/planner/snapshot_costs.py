"""What a snapshot costs before any network sees it."""

import statistics
from dataclasses import dataclass

import numpy as np

from camclassify_core.bundle.places import default_bundle
from camclassify_core.engine import Engine
from camclassify_core.native import core
from camclassify_core.options import EngineOptions, Request
from camclassify_core.sample import encode_png

_SIZE = (1920, 1080)
_SEARCHED = 24  # looks after which a whole picture was searched
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
    snapshot = core.draw_boxes(encode_png(street_pixels()), [])
    request = Request(camera="calibration")
    for _ in range(_SEARCHED):
        engine.classify(snapshot, request)
    still = [engine.classify(snapshot, request).timing for _ in range(_ROUNDS)]
    return SnapshotCosts(
        decode_ms=statistics.median(timing.decode + timing.gate for timing in still),
        gate_ms=statistics.median(timing.total for timing in still),
        gate_look_ms=statistics.median(timing.gate for timing in still),
    )


def street_pixels() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """1080 x 1920 x 3, its detail falling with frequency, as in photographs (Field 1987)."""
    width, height = _SIZE
    random = np.random.default_rng(0)
    plane = np.zeros((height, width))
    for step in (4, 8, 16, 32, 64):
        coarse = random.normal(0, step / 3, (height // step + 2, width // step + 2))
        plane += np.kron(coarse, np.ones((step, step)))[:height, :width]
    grey = np.clip(128 + plane, 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)
