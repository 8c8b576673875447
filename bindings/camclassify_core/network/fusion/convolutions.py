"""Conv to Pointwise, Depthwise or Convolution; what is dilated or strides unevenly stays."""

from dataclasses import dataclass

import numpy as np

from ..graph import CAMCLASSIFY, Attribute, Graph, Node, Shape

# Of a Convolution.
MAX_KERNEL = 16
MAX_STRIDE = 16


@dataclass(frozen=True, slots=True)
class Window:
    """A window: its rows and columns, stride and pads (top, left, bottom, right)."""

    kernel: tuple[int, int]
    stride: int
    pads: list[int]


def window(node: Node, source: Shape, kernel: Shape) -> Window | None:
    """The window of a Conv over a value of this shape; none for what the ops cannot do."""
    strides = node.integers("strides", (1, 1))
    plain = all(each == 1 for each in node.integers("dilations", (1, 1)))
    if len(kernel) != 2 or strides[0] != strides[1] or not plain:
        return None
    rows, columns = kernel
    pads = node.integers("pads", (0, 0, 0, 0))
    auto = node.text("auto_pad", "NOTSET")
    if auto.startswith("SAME"):
        totals = [
            max((-(-size // strides[0]) - 1) * strides[0] + extent - size, 0)
            for size, extent in zip(source[2:], kernel, strict=True)
        ]
        less = [total // 2 for total in totals]
        more = [total - half for total, half in zip(totals, less, strict=True)]
        pads = less + more if auto == "SAME_UPPER" else more + less
    if max(pads[0::2]) >= rows or max(pads[1::2]) >= columns:
        return None
    return Window((rows, columns), strides[0], pads)


def find_convolutions(graph: Graph) -> None:
    """1x1 convolutions become Pointwise, 3x3 and 5x5 depthwise ones Depthwise, others Convolution."""
    for conv in [node for node in graph.nodes if node.op == "Conv"]:
        fused = _fused(graph, conv)
        if fused:
            graph.substitute([conv], [fused])


def _fused(graph: Graph, conv: Node) -> Node | None:
    source, weight = graph.shape(conv.inputs[0]), graph.constant(conv.inputs[1])
    if weight is None or weight.dtype != np.float32 or source is None or len(source) != 4:
        return None
    frame = window(conv, source, weight.shape[2:])
    channels, group = weight.shape[0], conv.integer("group", 1)
    if frame is None:
        return None
    attributes: dict[str, Attribute] = {"stride": frame.stride, "pads": frame.pads}
    alone = group == channels == source[1]
    if group == 1 and frame.kernel == (1, 1) and frame.stride == 1:
        kind, content, attributes = "Pointwise", weight[:, :, 0, 0], {}
    elif alone and frame.kernel in ((3, 3), (5, 5)) and frame.stride in (1, 2):
        kind, content = "Depthwise", weight[:, 0]
    elif max(frame.kernel) <= MAX_KERNEL and frame.stride <= MAX_STRIDE:
        kind, content = "Convolution", weight
        if group > 1:
            attributes["groups"] = group
    else:
        return None
    bias = graph.constants[conv.inputs[2]] if conv.inputs[2:] else np.zeros(channels, np.float32)
    names = [
        graph.add_constant(f"{conv.output}_weights", content),
        graph.add_constant(f"{conv.output}_bias", bias),
    ]
    return Node(kind, [conv.inputs[0], *names], list(conv.outputs), attributes, CAMCLASSIFY)
