"""Picture, normalisation, space-to-depth and the first convolution to Stem."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..graph import CAMCLASSIFY, Attribute, Graph, Node
from .convolutions import Window, window
from .match import constant_operand, per_channel

MAX_KERNEL = 7
MAX_STRIDE = 2


@dataclass(slots=True)
class _Normalisation:
    """What the convolution sees: picture * scale + shift, per channel, channels reordered."""

    picture: str
    scale: NDArray[np.float64] = field(default_factory=lambda: np.ones(3))
    shift: NDArray[np.float64] = field(default_factory=lambda: np.zeros(3))


def find_stems(graph: Graph) -> None:
    """Fuses convolutions that read a u8 NHWC input."""
    for conv in [node for node in graph.nodes if node.op == "Conv"]:
        stem = _stem(graph, conv)
        if stem:
            graph.substitute([conv], [stem])


def _stem(graph: Graph, conv: Node) -> Node | None:
    weight, source = graph.constant(conv.inputs[1]), graph.shape(conv.inputs[0])
    if weight is None or source is None or len(source) != 4 or conv.integer("group", 1) != 1:
        return None
    frame = window(conv, source, weight.shape[2:])
    if frame is None:
        return None
    value, kernel = conv.inputs[0], weight.astype(np.float64)
    depth = _space_to_depth(graph, value)
    if depth:
        value, offsets = depth
        kernel = _dense(kernel, offsets)
        frame = Window(kernel.shape[2:], 2 * frame.stride, [2 * pad for pad in frame.pads])
    found = _normalisation(graph, value)
    rows, columns = frame.kernel
    if found is None or kernel.shape[1] != 3 or rows != columns or rows > MAX_KERNEL:
        return None
    if frame.stride > MAX_STRIDE:
        return None
    pad_value = _pad_value(found, frame)
    if pad_value is None:
        return None
    bias = graph.constants[conv.inputs[2]] if conv.inputs[2:] else np.zeros(len(kernel))
    folded = kernel * found.scale[:, None, None]
    shifted = bias + np.einsum("ocyx,c->o", kernel, found.shift)
    names = [
        graph.add_constant(f"{conv.output}_weights", folded.astype(np.float32)),
        graph.add_constant(f"{conv.output}_bias", shifted.astype(np.float32)),
    ]
    attributes: dict[str, Attribute] = {
        "stride": frame.stride,
        "pads": frame.pads,
        "pad_value": pad_value,
    }
    return Node("Stem", [found.picture, *names], list(conv.outputs), attributes, CAMCLASSIFY)


def _pad_value(found: _Normalisation, frame: Window) -> int | None:
    """The pixel that normalises to zero, which is what the convolution pads with."""
    if not any(frame.pads):
        return 0
    pixels = -found.shift / found.scale
    pixel = round(float(pixels[0]))
    return pixel if np.abs(pixels - pixel).max() < 1e-4 and 0 <= pixel <= 255 else None


def _normalisation(graph: Graph, value: str) -> _Normalisation | None:
    """Follows `value` back over casts, per-channel arithmetic and the transpose to the picture."""
    scale, shift = np.ones(3), np.zeros(3)
    channel_axis = 1
    while value not in graph.inputs:
        node = graph.producer(value)
        if node is None:
            return None
        if node.op == "Transpose" and node.integers("perm") == [0, 3, 1, 2] and channel_axis == 1:
            channel_axis, value = 3, node.inputs[0]
        elif node.op == "Cast":
            value = node.inputs[0]
        else:
            step = _affine(graph, node, channel_axis)
            if step is None:
                return None
            value, factor, term = step
            shift = shift + scale * term
            scale = scale * factor
    kind = graph.types[value]
    if channel_axis != 3 or kind.dtype != np.uint8 or kind.shape[3] != 3:
        return None
    return _Normalisation(value, scale, shift)


type _Affine = tuple[str, NDArray[np.float64], NDArray[np.float64]]


def _affine(graph: Graph, node: Node, channel_axis: int) -> _Affine | None:
    """A step x * factor + term: its variable, factor and term."""
    operands = constant_operand(graph, node) if len(node.inputs) == 2 else None
    if operands is None or node.op not in ("Add", "Sub", "Mul", "Div"):
        return None
    variable, content = operands
    if node.op in ("Sub", "Div") and variable != node.inputs[0]:
        return None
    numbers = per_channel(content if channel_axis == 1 else _channels_first(content), 4)
    if numbers is None or numbers.size not in (1, 3):
        return None
    ones, zeros = np.ones(3), np.zeros(3)
    match node.op:
        case "Add":
            return variable, ones, zeros + numbers
        case "Sub":
            return variable, ones, zeros - numbers
        case "Mul":
            return variable, ones * numbers, zeros
        case _:
            return variable, ones / numbers, zeros


def _channels_first(content: NDArray[np.generic]) -> NDArray[np.generic]:
    return np.moveaxis(content.reshape((1,) * (4 - content.ndim) + content.shape), 3, 1)


def _space_to_depth(graph: Graph, value: str) -> tuple[str, list[tuple[int, int]]] | None:
    """The full picture and the (row, column) offset of each of the four interleaved parts."""
    concat = graph.producer(value)
    if concat is None or concat.op != "Concat" or len(concat.inputs) != 4:
        return None
    offsets: list[tuple[int, int]] = []
    origins: set[str] = set()
    for part in concat.inputs:
        starts = {2: -1, 3: -1}
        node = graph.producer(part)
        while node is not None and node.op == "Slice":
            if not _every_second(graph, node, starts):
                return None
            part = node.inputs[0]
            node = graph.producer(part)
        origins.add(part)
        offsets.append((starts[2], starts[3]))
    if len(origins) != 1 or sorted(offsets) != [(0, 0), (0, 1), (1, 0), (1, 1)]:
        return None
    return origins.pop(), offsets


def _every_second(graph: Graph, node: Node, starts: dict[int, int]) -> bool:
    """Notes where a slice starts on its axis, if it takes every second row or column."""
    shape = graph.shape(node.inputs[0])
    contents = [graph.constant(name) for name in node.inputs[1:]]
    if (
        shape is None
        or len(contents) != 4
        or any(each is None or each.size != 1 for each in contents)
    ):
        return False
    start, end, axis, step = (int(each.reshape(-1)[0]) for each in contents if each is not None)
    if axis not in starts or starts[axis] != -1 or step != 2 or end < shape[axis]:
        return False
    starts[axis] = start
    return True


def _dense(kernel: NDArray[np.float64], offsets: list[tuple[int, int]]) -> NDArray[np.float64]:
    """The convolution over four interleaved parts as one over the picture, twice as large."""
    outputs, _, size, _ = kernel.shape
    channels = kernel.shape[1] // 4
    dense = np.zeros((outputs, channels, 2 * size, 2 * size))
    for part, (row, column) in enumerate(offsets):
        dense[:, :, row::2, column::2] = kernel[:, part * channels : (part + 1) * channels]
    return dense
