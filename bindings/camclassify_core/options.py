"""What a caller tells the engine: how to run, and what it knows about a snapshot."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from .results import Box

type Polygon = tuple[tuple[float, float], ...]
"""Corners as fractions (x, y) of a frame, 0..1."""


class Runner(StrEnum):
    """How a network is executed."""

    AUTO = "auto"
    ONNXRUNTIME = "onnxruntime"
    DIRECT = "direct"


class Precision(StrEnum):
    """Arithmetic of a network; `auto` takes what runs faster on this machine of what the bundle has."""

    AUTO = "auto"
    FP32 = "fp32"
    INT8 = "int8"


MOST_LANES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOptions:
    """How the engine runs.

    `bundle`: its directory, the default bundle if `None`. `lanes`: snapshots that are answered at a time,
    1 to 64. `threads`: of each lane, which share its networks, 1 to 64.
    `classes`: those wanted, all if empty; heads that serve none of them are not run.
    `fused`: false runs the original networks in plain ONNX operators.
    """

    bundle: Path | None = None
    runner: Runner = Runner.AUTO
    precision: Precision = Precision.AUTO
    fused: bool = True
    lanes: int = 1
    threads: int = 1
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownView:
    """A view of a camera, and the regions and masks that hold in this view only."""

    likeness: bytes
    regions: tuple[Box, ...] = ()
    masks: tuple[Polygon, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a caller knows about a snapshot.

    `camera`: key of the memory that the engine keeps per camera (change gate, verdicts); none if
    empty. `sun_elevation`: degrees; without it the regime comes from the picture alone.
    `regions`: looked at more closely, besides the whole frame. `masks`: never looked at. Both hold in
    every view.
    `use_gate`: false classifies even if nothing changed. `features`: also return each object's
    features. `min_score`: score above which detections are returned, 0..1; by default the
    bundle's thresholds in the regime. `effort`: above 0, up to 1, of what the networks do otherwise; with
    less, what rests is looked at again more rarely, below a half fewer windows of a frame are looked at.
    `views`: those of the camera that are known, the latest first, at
    most 16.
    """

    camera: str = ""
    sun_elevation: float | None = None
    regions: tuple[Box, ...] = ()
    masks: tuple[Polygon, ...] = ()
    use_gate: bool = True
    features: bool = False
    min_score: float | None = None
    effort: float = 1.0
    views: tuple[KnownView, ...] = ()
