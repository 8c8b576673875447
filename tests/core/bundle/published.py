"""Small files in the formats in which the default bundle's weights are published."""

import pickle
import sys
import types
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import pytest
from camclassify_core.bundle.state_dict import MAGIC
from camclassify_core.network import onnx_writer
from camclassify_core.network.graph import Array

from ..sketch import Sketch, settle_outputs

SIZE = 64  # of pictures: height and width
CHANNELS = 8  # of every layer but those whose width the bundle needs
UNLIKELY = np.float32(-10)  # a logit
REPEATS = (1, 2, 2, 3, 3, 4, 1)  # blocks of EfficientNet-Lite0's stages
KERNELS = (3, 3, 5, 3, 5, 5, 3)


def yolox() -> bytes:
    """A stock YOLOX export with 80 classes whose layers are narrow, and which finds nothing."""
    sketch = Sketch((SIZE, SIZE))
    value = sketch.graph.inputs[0]
    levels = []
    for stride in (2, 4, 8, 16, 32):
        if stride == 2:
            value = sketch.conv(value, CHANNELS, kernel=3, stride=2, pads=(1, 1, 1, 1))
        else:
            value = sketch.depthwise(value, kernel=3, stride=2, pads=(1, 1, 1, 1))
            value = sketch.conv(sketch.activation(value, "silu"), CHANNELS)
        value = sketch.activation(value, "silu")
        if stride >= 8:
            box = sketch.conv(value, 4)
            logit = sketch.conv(value, 1)
            _, weight, bias = sketch.graph.nodes[-1].inputs
            sketch.graph.constants[weight] *= np.float32(1e-3)
            sketch.graph.constants[bias] += UNLIKELY
            objectness = sketch.node("Sigmoid", logit)
            classes = sketch.node("Sigmoid", sketch.conv(value, 80))
            level = sketch.node("Concat", box, objectness, classes, channels=85, axis=1)
            shape = sketch.constant(np.array([1, 85, -1], np.int64))
            levels.append(sketch.node("Reshape", level, shape))
    together = sketch.node("Concat", *levels, axis=2)
    output = sketch.node("Transpose", together, perm=[0, 2, 1])
    graph = sketch.graph
    graph.outputs = [output]
    graph.types[output] = graph.types["image"]
    settle_outputs(graph)
    return onnx_writer.to_bytes(graph)


def efficientnet_lite0() -> dict[str, Array]:
    """The tensors of an EfficientNet-Lite0 whose layers are narrow, but for its features."""
    random = np.random.default_rng(0)
    state: dict[str, Array] = {}

    def convolution(name: str, norm: str, filters: int, channels: int, kernel: int) -> None:
        fan_in = channels * kernel**2
        weight = random.standard_normal((filters, channels, kernel, kernel)) * np.sqrt(2 / fan_in)
        state[f"{name}.weight"] = weight.astype(np.float32)
        for each, low, high in (
            ("weight", 0.5, 1.5),
            ("bias", -0.5, 0.5),
            ("running_mean", -0.5, 0.5),
            ("running_var", 0.5, 1.5),
        ):
            state[f"{norm}.{each}"] = random.uniform(low, high, filters).astype(np.float32)

    convolution("_conv_stem", "_bn0", CHANNELS, 3, 3)
    index = 0
    for repeats, kernel in zip(REPEATS, KERNELS, strict=True):
        for _ in range(repeats):
            block = f"_blocks.{index}"
            if index:  # the first does not expand
                convolution(f"{block}._expand_conv", f"{block}._bn0", 2 * CHANNELS, CHANNELS, 1)
            inner = 2 * CHANNELS if index else CHANNELS
            convolution(f"{block}._depthwise_conv", f"{block}._bn1", inner, 1, kernel)
            convolution(f"{block}._project_conv", f"{block}._bn2", CHANNELS, inner, 1)
            index += 1
    convolution("_conv_head", "_bn1", 1280, CHANNELS, 1)
    state["_fc.weight"] = (random.standard_normal((1000, 1280)) / 36).astype(np.float32)
    state["_fc.bias"] = np.zeros(1000, np.float32)
    return state


@dataclass(frozen=True)
class _Storage:
    key: str
    count: int


class _Tensor:
    """Pickled as PyTorch pickles a tensor: what it is rebuilt from, but for the storage's content."""

    def __init__(self, key: str, content: Array) -> None:
        self.key, self.content = key, content

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        content = self.content
        strides = tuple(stride // content.itemsize for stride in content.strides)
        rebuild = sys.modules["torch._utils"]._rebuild_tensor_v2
        return rebuild, (
            _Storage(self.key, content.size),
            0,
            content.shape,
            strides,
            False,
            OrderedDict(),
        )


class _Pickler(pickle.Pickler):
    def persistent_id(self, value: object) -> object:
        if not isinstance(value, _Storage):
            return None
        kind = sys.modules["torch"].FloatStorage
        return "storage", kind, value.key, "cpu", value.count, None


def state_dict(tensors: Mapping[str, Array]) -> bytes:
    """What torch.save wrote before its version 1.6."""
    torch, utilities = types.ModuleType("torch"), types.ModuleType("torch._utils")

    def _rebuild_tensor_v2() -> None:
        """Only its name is written."""

    _rebuild_tensor_v2.__module__ = "torch._utils"
    _rebuild_tensor_v2.__qualname__ = "_rebuild_tensor_v2"
    utilities.__dict__["_rebuild_tensor_v2"] = _rebuild_tensor_v2
    torch.__dict__["FloatStorage"] = type("FloatStorage", (), {"__module__": "torch"})
    keys = {name: str(number) for number, name in enumerate(tensors)}
    stream = BytesIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "torch", torch)
        patch.setitem(sys.modules, "torch._utils", utilities)
        for each in (MAGIC, 1001, {"little_endian": True}):
            pickle.dump(each, stream, protocol=2)
        _Pickler(stream, protocol=2).dump(
            OrderedDict((name, _Tensor(keys[name], each)) for name, each in tensors.items())
        )
        pickle.dump(list(keys.values()), stream, protocol=2)
    for tensor in tensors.values():
        stream.write(np.int64(tensor.size).tobytes())
        stream.write(tensor.tobytes("A"))
    return stream.getvalue()
