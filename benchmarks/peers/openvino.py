"""OpenVINO's CPU plugin."""

from pathlib import Path

import openvino
from camclassify_core.bench.contestant import Contestant, Feed, Outputs


def open_network(file: Path, feed: Feed, threads: int, precision: str) -> Contestant:
    """Opens an ONNX file; fp32 stays fp32 also where the processor has half precision."""
    core = openvino.Core()
    compiled = core.compile_model(
        core.read_model(file),
        "CPU",
        {
            "INFERENCE_PRECISION_HINT": "f32",
            "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": "1",
            "INFERENCE_NUM_THREADS": str(threads),
        },
    )
    request = compiled.create_infer_request()
    for name, value in feed.items():
        request.set_tensor(name, openvino.Tensor(value, shared_memory=True))

    def outputs() -> Outputs:
        return {port.any_name: request.get_tensor(port).data.copy() for port in compiled.outputs}

    return Contestant("OpenVINO", precision, request.infer, outputs)
