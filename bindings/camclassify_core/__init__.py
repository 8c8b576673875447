"""CamClassify's engine for Python.

Importing this package loads no native code; the first `Engine` does, and `EngineClient` leaves it to
a child process.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
    from .worker.client import EngineClient, EngineState
else:
    _MODULES = (  # those that load quickly first
        "errors",
        "results",
        "options",
        "frame",
        "examples",
        "info",
        "engine",
        "custom_ops",
        "worker.client",
    )

    def __getattr__(name: str) -> Any:
        """Loads a name of `__all__` when it is asked for: the command line starts in half the time."""
        if name in __all__:
            for module in _MODULES:
                names = vars(import_module(f".{module}", __name__))
                if name in names:
                    globals()[name] = names[name]
                    return names[name]
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


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
