"""The ops of fused networks, for an ONNX Runtime that knows nothing of them."""

from pathlib import Path


def custom_ops_library() -> Path:
    """The library that exports `RegisterCustomOps`, which any ONNX Runtime from 1.17 on can load.

    Give it to `SessionOptions.register_custom_ops_library`, or to whatever else loads such libraries
    (docs/ops.md).
    """
    return Path(__file__).parent / "libcamclassify_ops.so"
