"""What a running engine says about itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .options import Precision, Runner
from .results import ClassInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkInfo:
    """A network that is loaded, and how it runs: `runner` and `precision` are never `auto`.

    `speeds`: milliseconds of a run in each precision there is, if those decided which one it is.
    """

    name: str
    runner: Runner
    precision: Precision
    fused: bool
    speeds: Mapping[Precision, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorInfo:
    """What goes into a network, or comes out: `kind` as NumPy names it; -1 for the size of a batch."""

    name: str
    kind: str
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Confinement:
    """What the worker can do no more, as it decodes pictures from outside.

    It cannot gain `privileges`, start `programs`, open sockets (`network`), write files (`writing`), each
    where true, or map more than `memory_bytes` of private memory (0: no limit). `landlock` is the version of
    the kernel's Landlock and `seccomp` whether a filter of system calls hold this up.
    """

    privileges: bool
    programs: bool
    network: bool
    writing: bool
    memory_bytes: int
    landlock: int
    seccomp: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineInfo:
    """An engine: its bundle, how it runs, and the process that hosts it.

    `heads` are those that may run ("scene/people"). `feature_length` is that of the object network's
    features, 0 without an object network. `onnxruntime` is the version in use, empty if
    there is none. `confinement` is that of a worker; none for an engine in your own process.
    """

    version: str
    bundle_name: str
    bundle_version: str
    classes: tuple[ClassInfo, ...]
    heads: tuple[str, ...]
    networks: tuple[NetworkInfo, ...]
    instruction_set: str
    lanes: int
    threads: int
    feature_length: int
    onnxruntime: str
    pid: int
    confinement: Confinement | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneStatistics:
    """A lane of the worker: how many pictures it was asked about, and its seconds of CPU time."""

    pictures: int
    cpu_time: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStatistics:
    """What the worker has used since it started: resident bytes and seconds of CPU time.

    `restarts` counts how often the client had to start it again. The CPU time is that of the whole
    process, all `lanes` included.
    """

    restarts: int
    rss: int
    cpu_time: float
    lanes: tuple[LaneStatistics, ...]
