"""CamClassify's engine for Python.

Importing this package loads no native code; the first `Engine` does, and `EngineClient` leaves it to
a child process.
"""

from typing import TYPE_CHECKING, Any

from .custom_ops import custom_ops_library
from .engine import MAX_SNAPSHOT_BYTES, Engine
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
from .frame import Frame, Matrix
from .info import Confinement, EngineInfo, EngineStatistics, LaneStatistics, NetworkInfo
from .options import EngineOptions, KnownView, Polygon, Precision, Request, Runner
from .results import (
    Appearance,
    Box,
    ClassInfo,
    Detection,
    Regime,
    Result,
    StreamFrame,
    Timing,
    View,
    Window,
)

if TYPE_CHECKING:
    from .worker.client import EngineClient, EngineState
else:

    def __getattr__(name: str) -> Any:
        """Loads what needs asyncio when it is asked for: the command line starts faster without."""
        if name not in ("EngineClient", "EngineState"):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from .worker import client

        return getattr(client, name)


__all__ = [
    "MAX_SNAPSHOT_BYTES",
    "Appearance",
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
    "Frame",
    "KnownView",
    "LaneStatistics",
    "Matrix",
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
    "StreamFrame",
    "Superseded",
    "TaughtClass",
    "Timing",
    "UnsupportedProcessor",
    "View",
    "Window",
    "custom_ops_library",
]
