"""YOLOX of any size as its authors export it, with random weights: their cost is that of trained ones.

    python -m benchmarks.yolox_family s yolox_s.onnx

Source: Z. Ge et al., "YOLOX: Exceeding YOLO Series in 2021", https://arxiv.org/abs/2107.08430, with the
depths and widths that their experiments nano, tiny, s, m and l have.
"""

import argparse
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from camclassify_core.network import onnx_file, onnx_writer
from camclassify_core.network.graph import Array, Graph, Node, ValueType

_F32 = np.dtype(np.float32)
_CLASSES = 80
_BRIGHTEST = 255
_PRIOR = -4.6  # of a score, before its sigmoid: one in a hundred


@dataclass(frozen=True, slots=True)
class Size:
    """What one of the family is multiplied with, and the side of its picture."""

    depth: float
    width: float
    side: int
    depthwise: bool = False


SIZES = {
    "nano": Size(0.33, 0.25, 416, depthwise=True),
    "tiny": Size(0.33, 0.375, 416),
    "s": Size(0.33, 0.5, 640),
    "m": Size(0.67, 0.75, 640),
    "l": Size(1.0, 1.0, 640),
}


@dataclass(slots=True)
class _Builder:
    """Appends layers to a graph; every method returns the value that it writes."""

    depthwise: bool
    graph: Graph
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    def node(self, op: str, inputs: list[str], **attributes: int | str | list[int]) -> str:
        written = f"{op}_{len(self.graph.nodes)}"
        self.graph.nodes.append(Node(op, inputs, [written], dict(attributes)))
        return written

    def constant(self, content: Array) -> str:
        return self.graph.add_constant(f"constant_{len(self.graph.constants)}", content)

    def plain(
        self,
        x: str,
        inputs: int,
        outputs: int,
        kernel: int,
        stride: int,
        groups: int,
        bias: float,
        scale: float = 1.0,
    ) -> str:
        fan_in = inputs // groups * kernel**2
        shape = (outputs, inputs // groups, kernel, kernel)
        factor = np.float32(scale * np.sqrt(2 / fan_in))
        weights = self.random.standard_normal(shape, np.float32) * factor
        names = [self.constant(weights), self.constant(np.full(outputs, bias, np.float32))]
        return self.node(
            "Conv",
            [x, *names],
            kernel_shape=[kernel, kernel],
            strides=[stride, stride],
            pads=[kernel // 2] * 4,
            group=groups,
        )

    def silu(self, x: str) -> str:
        return self.node("Mul", [x, self.node("Sigmoid", [x])])

    def base(self, x: str, inputs: int, outputs: int, kernel: int, stride: int = 1) -> str:
        return self.silu(self.plain(x, inputs, outputs, kernel, stride, 1, 0.0))

    def wide(self, x: str, inputs: int, outputs: int, stride: int = 1) -> str:
        """A 3x3 convolution, or what stands for it in the smallest of the family."""
        if not self.depthwise:
            return self.base(x, inputs, outputs, 3, stride)
        x = self.silu(self.plain(x, inputs, inputs, 3, stride, inputs, 0.0))
        return self.base(x, inputs, outputs, 1)

    def focus(self, x: str, outputs: int) -> str:
        parts = []
        for row, column in ((0, 0), (1, 0), (0, 1), (1, 1)):
            part = x
            for axis, start in ((2, row), (3, column)):
                numbers = (start, np.iinfo(np.int64).max, axis, 2)
                names = [self.constant(np.array([number], np.int64)) for number in numbers]
                part = self.node("Slice", [part, *names])
            parts.append(part)
        joined = self.node("Concat", parts, axis=1)
        return self.silu(self.plain(joined, 12, outputs, 3, 1, 1, 0.0, 1 / _BRIGHTEST))

    def csp(self, x: str, inputs: int, outputs: int, depth: int, *, adds: bool) -> str:
        hidden = outputs // 2
        main, beside = self.base(x, inputs, hidden, 1), self.base(x, inputs, hidden, 1)
        for _ in range(depth):
            inner = self.wide(self.base(main, hidden, hidden, 1), hidden, hidden)
            main = self.node("Add", [inner, main]) if adds else inner
        return self.base(self.node("Concat", [main, beside], axis=1), 2 * hidden, outputs, 1)

    def pyramid(self, x: str, channels: int) -> str:
        x = self.base(x, channels, channels // 2, 1)
        pools = [
            self.node(
                "MaxPool", [x], kernel_shape=[k, k], strides=[1, 1], pads=[k // 2] * 4, ceil_mode=0
            )
            for k in (5, 9, 13)
        ]
        return self.base(self.node("Concat", [x, *pools], axis=1), 2 * channels, channels, 1)

    def upsample(self, x: str) -> str:
        scales = self.constant(np.array([1, 1, 2, 2], np.float32))
        return self.node(
            "Resize",
            [x, "", scales],
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        )


def yolox(size: Size) -> Graph:
    """The stock export: f32 1x3xHxW BGR 0..255 to 1 x anchors x (box, objectness, 80 scores)."""
    picture = ValueType(_F32, (1, 3, size.side, size.side))
    build = _Builder(size.depthwise, Graph(["images"], ["output"], [], {}, {"images": picture}))
    build.graph.opset = onnx_file.OPSET
    depth, width = max(round(size.depth * 3), 1), int(64 * size.width)
    x = build.focus("images", width)
    features = []
    for scale, blocks in ((2, depth), (4, 3 * depth), (8, 3 * depth), (16, depth)):
        x = build.wide(x, scale * width // 2, scale * width, 2)
        if scale == 16:
            x = build.pyramid(x, scale * width)
        x = build.csp(x, scale * width, scale * width, blocks, adds=scale < 16)
        features.append(x)
    levels = _neck(build, features[1:], width, round(3 * size.depth))
    anchors = sum((size.side // stride) ** 2 for stride in (8, 16, 32))
    flat = [_head(build, x, channels * width, 4 * width) for channels, x in levels]
    joined = build.node("Concat", flat, axis=2)
    build.graph.nodes.append(Node("Transpose", [joined], ["output"], {"perm": [0, 2, 1]}))
    build.graph.types["output"] = ValueType(_F32, (1, anchors, 5 + _CLASSES))
    onnx_file.infer_types(build.graph)
    return build.graph


def _neck(build: _Builder, features: list[str], width: int, depth: int) -> list[tuple[int, str]]:
    """A path down and up again; the channels, in widths, and value of each level, finest first."""

    def csp(values: list[str], inputs: int, outputs: int) -> str:
        joined = build.node("Concat", values, axis=1)
        return build.csp(joined, inputs * width, outputs * width, depth, adds=False)

    fine, middle, coarse = features
    lateral = build.base(coarse, 16 * width, 8 * width, 1)
    middle = csp([build.upsample(lateral), middle], 16, 8)
    reduced = build.base(middle, 8 * width, 4 * width, 1)
    fine = csp([build.upsample(reduced), fine], 8, 4)
    middle = csp([build.wide(fine, 4 * width, 4 * width, 2), reduced], 8, 8)
    coarse = csp([build.wide(middle, 8 * width, 8 * width, 2), lateral], 16, 16)
    return [(4, fine), (8, middle), (16, coarse)]


def _head(build: _Builder, x: str, inputs: int, width: int) -> str:
    stem = build.base(x, inputs, width, 1)
    classes = build.wide(build.wide(stem, width, width), width, width)
    places = build.wide(build.wide(stem, width, width), width, width)
    scores = build.node("Sigmoid", [build.plain(classes, width, _CLASSES, 1, 1, 1, _PRIOR)])
    box = build.plain(places, width, 4, 1, 1, 1, 0.0)
    objectness = build.node("Sigmoid", [build.plain(places, width, 1, 1, 1, 1, _PRIOR)])
    joined = build.node("Concat", [box, objectness, scores], axis=1)
    return build.node("Reshape", [joined, build.constant(np.array([0, 0, -1], np.int64))])


def parameters(graph: Graph) -> int:
    """Weights and biases."""
    return sum(content.size for content in graph.constants.values() if content.dtype == _F32)


def main(argv: list[str] | None = None) -> int:
    """Writes one of the family."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.yolox_family", description=__doc__)
    parser.add_argument("size", choices=SIZES)
    parser.add_argument("file", type=Path, metavar="FILE.onnx")
    arguments = parser.parse_args(argv)
    graph = yolox(SIZES[arguments.size])
    onnx_writer.write(graph, arguments.file)
    print(f"{arguments.file}: YOLOX-{arguments.size}, {parameters(graph):,} parameters")
    return 0


if __name__ == "__main__":
    sys.exit(main())
