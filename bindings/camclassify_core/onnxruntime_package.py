"""The package `onnxruntime`, told before it is loaded to keep no telemetry files in the user's cache.

Whatever runs plain ONNX Runtime from Python imports it from here. The engine does not: it loads the C
library inside the package (`native.py`).
"""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime

__all__ = ["onnxruntime"]
