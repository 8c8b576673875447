"""ONNX Runtime: plain fp32, and int8 as quantise-dequantise pairs."""

from pathlib import Path

from camclassify_core.bench.contestant import Contestant, Feed
from camclassify_core.onnxruntime_package import onnxruntime


def open_network(file: Path, feed: Feed, threads: int, precision: str) -> Contestant:
    """Opens an ONNX file with all graph optimisations."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    binding = session.io_binding()
    for name, value in feed.items():
        binding.bind_cpu_input(name, value)
    for name in names:
        binding.bind_output(name, "cpu")
    return Contestant(
        "ONNX Runtime",
        precision,
        lambda: session.run_with_iobinding(binding),
        lambda: dict(zip(names, binding.copy_outputs_to_cpu(), strict=True)),
    )
