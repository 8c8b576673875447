"""Small networks for tests, and how ONNX Runtime executes one."""

from collections.abc import Sequence

import numpy as np
import onnx
from camclassify_core.network import onnx_file, onnx_writer
from camclassify_core.network.graph import Array, Graph, Node, ValueType
from camclassify_core.network.picture_input import PICTURE, take_u8_nhwc
from camclassify_core.onnxruntime_package import onnxruntime
from numpy.typing import NDArray

F32 = np.dtype(np.float32)


def onnxruntime_outputs(graph: Graph, picture: Array) -> dict[str, Array]:
    """The outputs of a graph of standard operators."""
    session = onnxruntime.InferenceSession(onnx_writer.to_bytes(graph))
    values = session.run(graph.outputs, {graph.inputs[0]: picture})
    return dict(zip(graph.outputs, values, strict=True))


class Sketch:
    """Writes a network in standard operators, a line at a time; every value is NCHW."""

    def __init__(self, size: tuple[int, int], seed: int = 0) -> None:
        height, width = size
        self.random = np.random.default_rng(seed)
        self.graph = Graph(
            ["image"], [], [], {}, {"image": ValueType(F32, (1, 3, height, width))}, onnx_file.OPSET
        )
        self.channels = {"image": 3}

    def constant(self, content: Array) -> str:
        """A constant."""
        return self.graph.add_constant(self.graph.fresh("constant"), content)

    def node(self, op: str, *inputs: str, channels: int | None = None, **attributes: object) -> str:
        """Any operator; its channels are those of its first input unless told."""
        output = self.graph.fresh(op.lower())
        self.graph.nodes.append(Node(op, list(inputs), [output], dict(attributes)))  # type: ignore[arg-type]
        self.channels[output] = self.channels[inputs[0]] if channels is None else channels
        return output

    def conv(
        self,
        source: str,
        channels: int,
        *,
        kernel: int = 1,
        stride: int = 1,
        pads: Sequence[int] = (0, 0, 0, 0),
        group: int = 1,
    ) -> str:
        """A convolution with random weights that keep the values' size."""
        fan_in = self.channels[source] // group * kernel**2
        weight = self._normal(channels, self.channels[source] // group, kernel, kernel)
        scaled = weight * np.sqrt(2 / fan_in, dtype=np.float32)
        return self.node(
            "Conv",
            source,
            self.constant(scaled),
            self.constant(self._normal(channels)),
            channels=channels,
            kernel_shape=[kernel, kernel],
            strides=[stride, stride],
            pads=list(pads),
            group=group,
        )

    def depthwise(self, source: str, kernel: int, stride: int, pads: Sequence[int]) -> str:
        """A depthwise convolution."""
        count = self.channels[source]
        return self.conv(source, count, kernel=kernel, stride=stride, pads=pads, group=count)

    def activation(self, source: str, name: str) -> str:
        """An activation, written as exporters write it."""
        match name:
            case "none":
                return source
            case "relu":
                return self.node("Relu", source)
            case "relu6":
                limits = [self.constant(np.array(it, np.float32)) for it in (0, 6)]
                return self.node("Clip", source, *limits)
            case "silu":
                return self.node("Mul", source, self.node("Sigmoid", source))
            case _:
                gate = self.node("HardSigmoid", source, alpha=1 / 6, beta=0.5)
                return self.node("Mul", source, gate)

    def upsample(self, source: str) -> str:
        """Twice as high and wide."""
        scales = self.constant(np.array([1, 1, 2, 2], np.float32))
        return self.node(
            "Resize",
            source,
            "",
            scales,
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        )

    def finish(self, *outputs: str) -> Graph:
        """The network, with a u8 picture as its input."""
        graph = self.graph
        graph.outputs = list(outputs)
        for output in outputs:
            graph.types[output] = ValueType(F32, (0,))
        take_u8_nhwc(graph, "image", subtract=(127,), divide=(128,))
        settle_outputs(graph)
        return graph

    def picture(self) -> NDArray[np.uint8]:
        """Noise of the input's size."""
        shape = self.graph.types[PICTURE].shape
        return self.random.integers(0, 256, shape, np.uint8)

    def _normal(self, *shape: int) -> NDArray[np.float32]:
        return self.random.standard_normal(shape, np.float32)


def settle_outputs(graph: Graph) -> None:
    """Declares the outputs with the shapes that inference finds."""
    model = onnx_file.to_model(graph)
    for output in model.graph.output:
        output.type.tensor_type.ClearField("shape")
    graph.types |= onnx_file.from_model(onnx.shape_inference.infer_shapes(model)).types
