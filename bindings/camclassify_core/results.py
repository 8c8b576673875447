"""What the engine answers: frozen, typed, without a native import."""

from dataclasses import dataclass
from enum import StrEnum


class Regime(StrEnum):
    """Lighting condition of a frame."""

    DAY = "day"
    DUSK = "dusk"
    NIGHT = "night"


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Fractions of a frame's width and height, 0..1, origin top left."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """A class, a score (0..1) and a box in one frame.

    `remembered`: what it is was not looked at in this frame, but in an earlier one.
    """

    name: str
    score: float
    box: Box
    features: tuple[float, ...] | None = None
    remembered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A part of the frame that a scene network looked at; the size of its input, in pixels."""

    region: Box
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Milliseconds of wall time that each part of the way took."""

    decode: float
    gate: float
    scene: float
    object: float
    total: float


LIKENESS_BYTES = 576  # of what a view is known by
MOST_VIEWS = 16  # of a camera


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a snapshot shows, compared with the views of the camera that its request knew.

    `known`: which of them it is, none if it is another. `moved`: whether it is another view than that of
    the snapshot before. `likeness`: what to know it by; none if hardly anything shows.
    """

    known: int | None
    moved: bool
    likeness: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """What tells whether a picture shows what is there now. Shares, 0..1.

    `differing`: of the picture that is not as in the one before; 1 if there was none. `black`: of it.
    `grey`: of its rows that are one mid-grey from side to side, from the bottom up, as decoders leave them.
    """

    differing: float
    black: float
    grey: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamFrame:
    """A frame of a stream, in place of a snapshot: the worker has its picture.

    `stream`: as it was named to `EngineClient.follow`. `number` grows by one with each frame. `taken`: when
    it arrived, in seconds of this machine's monotonic clock.
    """

    stream: str
    number: int
    taken: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The answer to one snapshot.

    `changed` is false when the gate was closed; detections and proposals are then those of
    the last frame classified, and there are no `windows`. `proposals`: what moves, or moved to where it is,
    and is of no known class. `view` and `appearance`: there if the request names a camera. `frame`: of a
    stream, the frame that this is about, which may be newer than the one asked about.
    """

    width: int
    height: int
    regime: Regime
    changed: bool
    detections: tuple[Detection, ...]
    timing: Timing
    windows: tuple[Window, ...] = ()
    proposals: tuple[Box, ...] = ()
    view: View | None = None
    appearance: Appearance | None = None
    frame: StreamFrame | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassInfo:
    """A class of a bundle: its parents (nearest first) and whether it is on by default."""

    name: str
    parents: tuple[str, ...]
    on_by_default: bool
    threshold: dict[Regime, float]
