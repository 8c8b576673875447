"""EfficientNet-Lite0 from its state dict.

Sources: M. Tan and Q. Le, "EfficientNet", https://arxiv.org/abs/1905.11946; the Lite variants
leave out squeeze-and-excitation and use ReLU6. Padding is TensorFlow's SAME, batch-norm's
epsilon 1e-3, the input (x - 127) / 128.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from camclassify_core.network import onnx_file
from camclassify_core.network.graph import Array, Graph, Node, ValueType
from camclassify_core.network.picture_input import take_u8_nhwc

FEATURES = "features"
LOGITS = "logits"
RESOLUTION = 224
BATCH_NORM_EPSILON = 1e-3


@dataclass(frozen=True, slots=True)
class _Stage:
    repeats: int
    kernel: int
    stride: int


_STAGES = (
    _Stage(1, 3, 1),
    _Stage(2, 3, 2),
    _Stage(2, 5, 2),
    _Stage(3, 3, 2),
    _Stage(3, 5, 1),
    _Stage(4, 5, 2),
    _Stage(1, 3, 1),
)


def lite0(state: Mapping[str, Array]) -> Graph:
    """An object network: `picture` u8 1x224x224x3 RGB to `features` (1x1280) and `logits` (1x1000)."""
    return _Writer(state).write()


class _Writer:
    def __init__(self, state: Mapping[str, Array]) -> None:
        self._state = {name: content.astype(np.float64) for name, content in state.items()}
        f32 = np.dtype(np.float32)
        self._graph = Graph(
            inputs=["image"],
            outputs=[FEATURES, LOGITS],
            nodes=[],
            constants={"zero": np.array(0, np.float32), "six": np.array(6, np.float32)},
            types={
                "image": ValueType(f32, (1, 3, RESOLUTION, RESOLUTION)),
                FEATURES: ValueType(f32, (1, 1280)),
                LOGITS: ValueType(f32, (1, 1000)),
            },
            opset=onnx_file.OPSET,
        )
        self._size = RESOLUTION
        self._channels: dict[str, int] = {}

    def write(self) -> Graph:
        graph = self._graph
        value = self._conv("image", "_conv_stem", "_bn0", stride=2)
        index = 0
        for stage in _STAGES:
            for repeat in range(stage.repeats):
                value = self._block(value, f"_blocks.{index}", stage.stride if repeat == 0 else 1)
                index += 1
        value = self._conv(value, "_conv_head", "_bn1")
        weight, bias = (
            self._state[f"_fc.{each}"].astype(np.float32) for each in ("weight", "bias")
        )
        constants = [graph.add_constant("fc.weight", weight), graph.add_constant("fc.bias", bias)]
        graph.nodes += [
            Node("GlobalAveragePool", [value], ["pooled"]),
            Node("Flatten", ["pooled"], [FEATURES], {"axis": 1}),
            Node("Gemm", [FEATURES, *constants], [LOGITS], {"transB": 1}),
        ]
        take_u8_nhwc(graph, "image", subtract=(127,), divide=(128,))
        onnx_file.infer_types(graph)
        return graph

    def _block(self, source: str, block: str, stride: int) -> str:
        value = source
        if f"{block}._expand_conv.weight" in self._state:
            value = self._conv(value, f"{block}._expand_conv", f"{block}._bn0")
        value = self._conv(value, f"{block}._depthwise_conv", f"{block}._bn1", stride=stride)
        value = self._conv(value, f"{block}._project_conv", f"{block}._bn2", relu6=False)
        if stride == 1 and self._channels[source] == self._channels[value]:
            self._graph.nodes.append(Node("Add", [value, source], [f"{block}.sum"]))
            self._channels[f"{block}.sum"] = self._channels[value]
            return f"{block}.sum"
        return value

    def _conv(
        self, source: str, conv: str, norm: str, *, stride: int = 1, relu6: bool = True
    ) -> str:
        """Convolution with its batch-norm folded in; SAME padding."""
        weight, bias = self._folded(conv, norm)
        kernel = weight.shape[2]
        self._size, before, after = _same_padding(self._size, kernel, stride)
        graph = self._graph
        attributes = {
            "kernel_shape": [kernel, kernel],
            "strides": [stride, stride],
            "pads": [before, before, after, after],
            "group": weight.shape[0] if weight.shape[1] == 1 else 1,
        }
        constants = [
            graph.add_constant(f"{conv}.weight", weight),
            graph.add_constant(f"{conv}.bias", bias),
        ]
        graph.nodes.append(Node("Conv", [source, *constants], [conv], {**attributes}))
        value = conv
        if relu6:
            value = f"{conv}.relu6"
            limits = ["zero", "six"]
            graph.nodes.append(Node("Clip", [conv, *limits], [value]))
        self._channels[value] = weight.shape[0]
        return value

    def _folded(self, conv: str, norm: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        gamma, beta, mean, variance = (
            self._state[f"{norm}.{each}"]
            for each in ("weight", "bias", "running_mean", "running_var")
        )
        scale = gamma / np.sqrt(variance + BATCH_NORM_EPSILON)
        weight = self._state[f"{conv}.weight"] * scale[:, None, None, None]
        return weight.astype(np.float32), (beta - mean * scale).astype(np.float32)


def _same_padding(size: int, kernel: int, stride: int) -> tuple[int, int, int]:
    """TensorFlow's SAME: output size and the pads before and after."""
    output = -(-size // stride)
    total = max((output - 1) * stride + kernel - size, 0)
    return output, total // 2, total - total // 2
