"""The extension module: the C++ core as it is. `engine.py` is what to use instead."""

from collections.abc import Buffer, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

type Pixels = npt.NDArray[np.uint8]
"""A frame: u8 RGB, height x width x 3."""

type TensorInfo = tuple[str, np.dtype[np.generic], tuple[int, ...]]
"""Name, element type and shape."""

def instruction_set() -> str: ...

class Confinement:
    privileges: bool
    programs: bool
    network: bool
    writing: bool
    memory_bytes: int
    landlock: int
    seccomp: bool

def confine() -> Confinement: ...

class Box:
    x0: float
    y0: float
    x1: float
    y1: float
    def __init__(self, x0: float, y0: float, x1: float, y1: float) -> None: ...

def snapshot_size(snapshot: Buffer) -> tuple[int, int]: ...
def decode(snapshot: Buffer, cover: tuple[int, int] = ...) -> Pixels: ...
def preprocess(
    frame: Pixels, region: Box, size: tuple[int, int], fit: str, order: str, pad: int
) -> Pixels: ...

class ChangeGate:
    def look(self, frame: Pixels) -> bool: ...

def draw_boxes(snapshot: Buffer, boxes: Sequence[Box]) -> bytes: ...
def cut_out(snapshot: Buffer, box: Box, side: int) -> bytes: ...

class BlockWork:
    count: int
    vectors: int
    weight_bytes: int
    @property
    def tiles(self) -> list[tuple[int, int]]: ...
    copied: int

class ProductWork:
    times: int
    read: str
    written: str
    planes: bool
    pairs: bool
    pixels: int
    operand_bytes: int
    steps: int
    rest: bool
    blocks: list[BlockWork]

class DepthwiseWork:
    kernel: int
    stride: int
    rows: int
    outputs: int
    tiles: int
    loaded_bytes: int
    window_bytes: int
    rest: int

class OpWork:
    """What an op does, as core/include/camclassify/work.hpp says."""

    parts: int
    weight_bytes: int
    read_bytes: int
    written_bytes: int
    products: list[ProductWork]
    depthwise: DepthwiseWork | None
    rows: int
    turns: int
    padded_bytes: int
    copied_bytes: int
    inside_bytes: int
    part_scratch_bytes: int
    residual: int
    pooled: int

def op_work(
    op: str,
    *,
    precision: str,
    inputs: Sequence[Sequence[int]],
    weights: Sequence[Sequence[int]],
    attributes: Mapping[str, int | str | list[int]],
    limited_from: int,
    threads: int,
    instruction_set: str,
) -> OpWork: ...

class Network:
    def __init__(
        self,
        onnx: Path | str | Buffer,
        runner: str = "auto",
        threads: int = 1,
        outputs: Sequence[str] = (),
        heads: Sequence[Sequence[str]] = (),
    ) -> None: ...
    @property
    def runner(self) -> str: ...
    @property
    def inputs(self) -> list[TensorInfo]: ...
    @property
    def outputs(self) -> list[TensorInfo]: ...
    def input(self, index: int) -> npt.NDArray[np.generic]: ...
    def output(self, index: int) -> npt.NDArray[np.generic]: ...
    def run(self) -> None: ...
    @property
    def ops(self) -> list[OpInfo]: ...
    def profile(self, rounds: int) -> list[OpTime]: ...

class OpInfo:
    name: str
    type: str
    inputs: list[tuple[int, ...]]
    outputs: list[tuple[int, ...]]
    work: OpWork

class OpTime:
    name: str
    type: str
    milliseconds: float

class OnnxRuntimeStatus:
    available: bool
    path: str
    version: str
    problem: str

def set_onnxruntime_library(library: Path) -> None: ...
def onnxruntime_status() -> OnnxRuntimeStatus: ...

class ClassInfo:
    name: str
    parents: list[str]
    on_by_default: bool
    @property
    def threshold(self) -> dict[str, float]: ...

class Bundle:
    name: str
    version: str
    classes: list[ClassInfo]

def load_bundle(directory: Path) -> Bundle: ...

class ActiveNetwork:
    name: str
    runner: str
    precision: str
    fused: bool

class Request:
    def __init__(
        self,
        *,
        camera: str,
        sun_elevation: float | None,
        regions: Sequence[Box],
        masks: Sequence[Sequence[tuple[float, float]]],
        use_gate: bool,
        features: bool,
        min_score: float | None,
        views: Sequence[bytes],
    ) -> None: ...

class Detection:
    name: str
    score: float
    box: Box
    features: list[float]

class Timing:
    decode: float
    gate: float
    scene: float
    object: float
    total: float

class View:
    known: int | None
    moved: bool
    likeness: bytes | None

class Result:
    width: int
    height: int
    regime: str
    changed: bool
    detections: list[Detection]
    view: View | None
    timing: Timing

class Engine:
    def __init__(
        self,
        bundle: Path,
        *,
        runner: str,
        precision: str,
        fused: bool,
        threads: int,
        classes: Sequence[str],
    ) -> None: ...
    def classify(self, snapshot: Buffer, request: Request) -> Result: ...
    def features(self, snapshot: Buffer, box: Box, regime: str) -> list[float]: ...
    def forget(self, camera: str) -> None: ...
    @property
    def bundle(self) -> Bundle: ...
    @property
    def feature_length(self) -> int: ...
    @property
    def networks(self) -> list[ActiveNetwork]: ...
    @property
    def active_heads(self) -> list[str]: ...
    @property
    def head_runs(self) -> list[int]: ...
