"""Designs: the architectures that the planner reasons about, as a person writes them down."""

from dataclasses import dataclass
from enum import StrEnum

from camclassify_core.options import Precision


class Family(StrEnum):
    """What a trunk is built from."""

    INVERTED = "inverted"  # inverted residuals, as in MobileNetV2 and EfficientNet-Lite
    SEPARABLE = "separable"  # depthwise then pointwise, as in MobileNetV1
    BOTTLENECK = "bottleneck"  # pointwise, depthwise, pointwise without expansion, as in YOLOX-Nano
    SANDGLASS = "sandglass"  # depthwise, squeezing pointwise, widening pointwise, as in MobileNeXt


class Grouping(StrEnum):
    """How the heads are spread over networks."""

    ONE = "one"  # every head on one trunk
    PER_GROUP = "per_group"  # a network of its own for every head
    PER_REGIME = (
        "per_regime"  # a network for every lighting condition, one of them active at a time
    )
    BOTH = "both"  # a network for every head and lighting condition


class Execution(StrEnum):
    """How networks, or the heads on one trunk, are run."""

    SERIAL = "serial"
    PARALLEL = "parallel"  # networks side by side, one thread each
    FUSED = "fused"  # heads of one depth that tap a trunk at one point become one wide head


class Resident(StrEnum):
    """Which networks are in memory, where they differ between lighting conditions."""

    ALL = "all"  # those of every condition
    ACTIVE = "active"  # those of the present one; the next ones are loaded when it comes


class DesignRunner(StrEnum):
    """What executes the ops of a design: a runner, and whether they are fused."""

    FUSED = "fused"  # fused ops in ONNX Runtime
    DIRECT = "direct"  # fused ops without ONNX Runtime
    ONNXRUNTIME = "onnxruntime"  # plain operators in ONNX Runtime


PRECISIONS = (Precision.FP32, Precision.INT8)
"""Those of a design, which leaves none to be chosen: it is never `auto`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    """The shared base layers.

    `width` scales the channels (0.25..2), `depth` the blocks per stage (0.25..3); `resolution` is the
    side of the square picture in pixels. `bundles`: the names of existing bundles whose networks are
    taken instead, by day, dusk and night; the other members mean nothing then.
    """

    family: Family = Family.INVERTED
    width: float = 1.0
    depth: float = 1.0
    resolution: int = 224
    bundles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A small specialised network on a trunk's features.

    `layers` separable convolutions of `width` channels on the trunk's stage `tap` (1..5, 5 is the
    last), then a pooled classifier. `activity` is the share of frames that need it. `bundle`: the
    existing bundle that a network of its own is taken from, if not the trunk's. `when`: the classes
    of which something must have been found before it is run.
    """

    name: str
    classes: int
    layers: int = 1
    width: int = 64
    tap: int = 5
    activity: float = 1.0
    bundle: str | None = None
    when: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """One architecture with the circumstances in which it is to run.

    `gate_pass_rate` is the share of frames that the change gate lets through, `fps` frames per second
    of each camera, `memory_mb` the memory that may be used (absent: any).
    """

    name: str
    trunk: Trunk
    heads: tuple[Head, ...]
    grouping: Grouping = Grouping.ONE
    regimes: int = 1
    execution: Execution = Execution.SERIAL
    gate_pass_rate: float = 1.0
    cameras: int = 1
    fps: float = 15.0
    memory_mb: float | None = None
    threads: int = 1
    precision: Precision = Precision.FP32
    runner: DesignRunner = DesignRunner.FUSED
    resident: Resident = Resident.ACTIVE
