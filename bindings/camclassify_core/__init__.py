"""CamClassify's engine for Python.

Importing this package loads no native code; the first `Engine` does, and `EngineClient` leaves it to
a child process.
"""

from .client import MAX_SNAPSHOT_BYTES, EngineClient, EngineState
from .engine import Engine
from .errors import (
    BundleError,
    CamClassifyError,
    EngineUnavailable,
    ExampleError,
    OnnxRuntimeMissing,
    RequestError,
    SnapshotError,
    Superseded,
    UnsupportedProcessor,
)
from .examples import Example, Expectation, TaughtClass
from .info import Confinement, EngineInfo, EngineStatistics, NetworkInfo
from .options import EngineOptions, Polygon, Precision, Request, Runner
from .results import Box, ClassInfo, Detection, Regime, Result, Timing

__all__ = [
    "MAX_SNAPSHOT_BYTES",
    "Box",
    "BundleError",
    "CamClassifyError",
    "ClassInfo",
    "Confinement",
    "Detection",
    "Engine",
    "EngineClient",
    "EngineInfo",
    "EngineOptions",
    "EngineState",
    "EngineStatistics",
    "EngineUnavailable",
    "Example",
    "ExampleError",
    "Expectation",
    "NetworkInfo",
    "OnnxRuntimeMissing",
    "Polygon",
    "Precision",
    "Regime",
    "Request",
    "RequestError",
    "Result",
    "Runner",
    "SnapshotError",
    "Superseded",
    "TaughtClass",
    "Timing",
    "UnsupportedProcessor",
]
