"""The same network for peers: without the conversion of the picture, and quantised.

Peers get the friendliest form: `f32` input in their own layout, normalised already, so that they are
not charged for what our first kernel does on the way.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np
from camclassify_core.bench.contestant import Feed
from camclassify_core.network import onnx_file, onnx_writer
from camclassify_core.network.graph import Graph, ValueType
from camclassify_core.onnxruntime_package import onnxruntime

# Not before the import above, which sees to telemetry.
_quantization = import_module(f"{onnxruntime.__name__}.quantization")
_shape_inference = import_module(f"{onnxruntime.__name__}.quantization.shape_inference")

_CONVERSIONS = {"Cast", "Sub", "Div", "Mul", "Transpose"}


@dataclass(frozen=True, slots=True)
class PeerFiles:
    """Files for peers, and what to feed them."""

    fp32: Path
    int8: Path
    feed: Feed


def write_peer_files(file: Path, feeds: Sequence[Feed], folder: Path) -> PeerFiles:
    """Writes the forms of an ONNX network that peers read.

    `feeds`: pictures for the network's own input; all serve to calibrate int8, the first one is
    converted to be what peers are fed.
    """
    network = onnx_file.read(file)
    conversion = _cut_conversion(network)
    converted = [_convert(conversion, feed) for feed in feeds]
    fp32, prepared, int8 = (folder / f"{file.stem}.{kind}.onnx" for kind in ("fp32", "tmp", "int8"))
    onnx_writer.write(network, fp32)
    _shape_inference.quant_pre_process(str(fp32), str(prepared), skip_symbolic_shape=True)
    _quantization.quantize_static(
        str(prepared),
        str(int8),
        _Pictures(converted),
        quant_format=_quantization.QuantFormat.QDQ,
        per_channel=True,
        activation_type=_quantization.QuantType.QUInt8,
        weight_type=_quantization.QuantType.QInt8,
    )
    return PeerFiles(fp32, int8, converted[0])


class _Pictures:
    """Hands the calibration one picture after the other: a CalibrationDataReader by what it does."""

    def __init__(self, feeds: Sequence[Feed]) -> None:
        self._feeds: Iterator[Feed] = iter(feeds)

    def get_next(self) -> Feed | None:
        """The next picture."""
        return next(self._feeds, None)


def _cut_conversion(network: Graph) -> bytes | None:
    """Takes what converts a `u8` picture out of a network, and returns it as a network of its own."""
    picture = value = network.inputs[0]
    converting = []
    while (node := network.sole_consumer(value)) and node.op in _CONVERSIONS:
        converting.append(node)
        value = node.output
    if value == picture:
        return None
    kind = ValueType(np.dtype(np.float32), network.types[value].shape)
    conversion = Graph(
        inputs=[picture],
        outputs=[value],
        nodes=converting,
        constants=dict(network.constants),
        types={picture: network.types[picture], value: kind},
        opset=network.opset,
    )
    conversion.prune()
    network.nodes = [node for node in network.nodes if node not in converting]
    network.inputs = [value]
    network.types[value] = kind
    network.prune()
    return onnx_writer.to_bytes(conversion)


def _convert(conversion: bytes | None, feed: Feed) -> Feed:
    if conversion is None:
        return feed
    session = onnxruntime.InferenceSession(conversion, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, dict(feed)), strict=True))
