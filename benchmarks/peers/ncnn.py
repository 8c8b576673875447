"""ncnn, fp32 with everything that it does by default for speed but half precision."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import ncnn
import numpy as np
from camclassify_core.bench.contestant import Contestant, Feed, Outputs
from camclassify_core.network import onnx_file

from .lowering import Convolution, Shape, Value, Weights, lower

_MAGIC = "7767517"
_ACTIVATIONS = {"none": 0, "relu": 1, "sigmoid": 4}


def open_network(file: Path, feed: Feed, threads: int, precision: str) -> Contestant:
    """Converts an ONNX network whose ops all have a fused form, and opens it."""
    network = onnx_file.read(file)
    layers = NcnnLayers()
    picture = lower(network, layers, feed)
    net = ncnn.Net()
    net.opt.use_vulkan_compute = False
    net.opt.num_threads = threads
    for option in ("fp16_packed", "fp16_storage", "fp16_arithmetic", "bf16_storage"):
        setattr(net.opt, f"use_{option}", False)
    with TemporaryDirectory() as folder:
        parameters, weights = Path(folder, "net.param"), Path(folder, "net.bin")
        parameters.write_text(layers.text())
        weights.write_bytes(b"".join(layers.weights))
        if net.load_param(str(parameters)) or net.load_model(str(weights)):
            raise ValueError("ncnn refuses the converted network")
    pixels = np.ascontiguousarray(picture[0].transpose(2, 0, 1))
    source = ncnn.Mat(pixels).clone()  # the first one only points at the array
    last: Outputs = {}

    def run() -> None:
        extractor = net.create_extractor()
        extractor.input("picture", source)
        for name in network.outputs:
            _, blob = extractor.extract(name)
            last[name] = np.array(blob)[None]

    return Contestant("ncnn", precision, run, lambda: last)


class NcnnLayers:
    """Layers as lines of ncnn's parameter file, and its weights."""

    def __init__(self) -> None:
        self.weights: list[bytes] = []
        self._lines: list[tuple[str, list[str], list[str], str]] = []

    def text(self) -> str:
        """The parameter file. A blob that is read several times must be split."""
        readers = Counter(name for _, sources, _, _ in self._lines for name in sources)
        taken: Counter[str] = Counter()
        lines, blobs = [], 0
        for kind, sources, results, parameters in self._lines:
            names = []
            for name in sources:
                names.append(f"{name}_{taken[name]}" if readers[name] > 1 else name)
                taken[name] += 1
            lines.append(_line(kind, names, results, parameters))
            blobs += len(results)
            for name in results:
                if readers[name] > 1:
                    copies = [f"{name}_{number}" for number in range(readers[name])]
                    lines.append(_line("Split", [name], copies, ""))
                    blobs += len(copies)
        return "\n".join([_MAGIC, f"{len(lines)} {blobs}", *lines, ""])

    def input(self, shape: Shape) -> Value:
        """The picture."""
        return self._layer("Input", [], shape, "", name="picture")

    def convolve(self, value: Value, convolution: Convolution, activation: str) -> Value:
        """A convolution; ncnn has no SiLU inside one."""
        weights = convolution.weights
        outputs, _, kernel, _ = weights.shape
        top, left, bottom, right = convolution.pads
        kind = "ConvolutionDepthWise" if convolution.depthwise else "Convolution"
        parameters = (
            f"0={outputs} 1={kernel} 3={convolution.stride} 4={left} 14={top} 15={right} "
            f"16={bottom} 5=1 6={weights.size}"
        )
        if convolution.depthwise:
            parameters += f" 7={outputs}"
        if activation == "relu6":
            parameters += " 9=3 -23310=2,0.0,6.0"
        elif activation != "silu":
            parameters += f" 9={_ACTIVATIONS[activation]}"
        self._store(weights, convolution.bias)
        shape = convolution.output_shape(value.shape)
        result = self._layer(kind, [value], shape, parameters)
        return self._layer("Swish", [result], shape, "") if activation == "silu" else result

    def add(self, value: Value, other: Value) -> Value:
        """The sum."""
        return self._layer("BinaryOp", [value, other], value.shape, "0=0")

    def concatenate(self, values: Sequence[Value]) -> Value:
        """Along the channels."""
        height, width, _ = values[0].shape
        channels = sum(value.shape[2] for value in values)
        return self._layer("Concat", values, (height, width, channels), "0=0")

    def upsample(self, value: Value) -> Value:
        """Nearest."""
        height, width, channels = value.shape
        shape = (2 * height, 2 * width, channels)
        return self._layer("Interp", [value], shape, "0=1 1=2.0 2=2.0")

    def max_pool(self, value: Value, window: int) -> Value:
        """Maxima."""
        parameters = f"0=0 1={window} 2=1 3={window // 2} 5=1"
        return self._layer("Pooling", [value], value.shape, parameters)

    def mean(self, value: Value) -> Value:
        """A global pool, reshaped to a picture of one pixel."""
        channels = value.shape[2]
        pooled = self._layer("Pooling", [value], (1, 1, channels), "0=1 4=1")
        return self._layer("Reshape", [pooled], (1, 1, channels), f"0=1 1=1 2={channels}")

    def flatten(self, values: Sequence[Value], name: str) -> None:
        """Channels x pixels each, side by side, then turned around."""
        flat = []
        for value in values:
            height, width, channels = value.shape
            shape = (channels, height * width, 1)
            flat.append(self._layer("Reshape", [value], shape, f"0={height * width} 1={channels}"))
        channels = values[0].shape[2]
        if flat[0].shape[1] == 1:
            self._layer("Reshape", flat, (1, 1, channels), f"0={channels}", name=name)
            return
        pixels = sum(value.shape[1] for value in flat)
        joined = self._layer("Concat", flat, (channels, pixels, 1), "0=1")
        self._layer("Permute", [joined], (pixels, channels, 1), "0=1", name=name)

    def _layer(
        self, kind: str, sources: Sequence[Value], shape: Shape, parameters: str, *, name: str = ""
    ) -> Value:
        name = name or f"blob{len(self._lines)}"
        self._lines.append((kind, [value.handle for value in sources], [name], parameters))
        return Value(name, shape)

    def _store(self, weights: Weights, bias: Weights) -> None:
        as_floats = bytes(4)
        self.weights += [as_floats, weights.astype("<f4").tobytes(), bias.astype("<f4").tobytes()]


def _line(kind: str, sources: list[str], results: list[str], parameters: str) -> str:
    names = " ".join([*sources, *results])
    return f"{kind} {results[0]}.{kind} {len(sources)} {len(results)} {names} {parameters}".rstrip()
