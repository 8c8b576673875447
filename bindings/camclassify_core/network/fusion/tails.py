"""What standard operators make of the last convolutions' answers, in the ops for tensors of any shape.

All of them or none: a network that is left with one standard operator needs ONNX Runtime anyway.
"""

from collections.abc import Callable

import numpy as np

from ..graph import CAMCLASSIFY, Attribute, Graph, Node, Shape, ValueType
from .activations import clip_limits
from .match import TAILS

_ELEMENTWISE = {
    "Add": "add",
    "Sub": "subtract",
    "Mul": "multiply",
    "Div": "divide",
    "Max": "maximum",
    "Min": "minimum",
    "Sigmoid": "sigmoid",
    "Exp": "exponential",
    "Log": "logarithm",
}
_FUNCTIONS = ("Sigmoid", "Exp", "Log")
_RESHAPES = ("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity")
_MOST_AXES = 6
_F32 = np.dtype(np.float32)


def find_tails(graph: Graph) -> None:
    """Rewrites what is left of standard operators, if that can be done with all."""
    rewritten: list[Node] = []
    for node in graph.nodes:
        made = [node] if node.domain == CAMCLASSIFY else _tail(graph, node)
        if made is None:
            return
        rewritten += made
    graph.nodes = rewritten


def _tail(graph: Graph, node: Node) -> list[Node] | None:
    values = [*node.inputs[:1], *node.outputs]
    if not all(_is_f32(graph, name) for name in values):
        return None
    rewrite = _REWRITES.get(node.op)
    return rewrite(graph, node) if rewrite else None


def _is_f32(graph: Graph, name: str) -> bool:
    if name in graph.constants:
        return graph.constants[name].dtype == _F32
    kind = graph.types.get(name)
    return kind is not None and kind.dtype == _F32 and len(kind.shape) <= _MOST_AXES


def _shape(graph: Graph, name: str) -> Shape:
    return graph.constants[name].shape if name in graph.constants else graph.types[name].shape


def _op(op: str, inputs: list[str], output: str, **attributes: Attribute) -> Node:
    assert op in TAILS
    return Node(op, inputs, [output], attributes, CAMCLASSIFY)


def _axis(graph: Graph, node: Node, axis: int) -> int:
    return axis % len(_shape(graph, node.inputs[0]))


def _reshaped(graph: Graph, node: Node) -> list[Node]:
    shape = list(_shape(graph, node.output))
    return [_op("Rearrange", node.inputs[:1], node.output, **({"shape": shape} if shape else {}))]


def _transposed(graph: Graph, node: Node) -> list[Node]:
    axes = range(len(_shape(graph, node.inputs[0])))
    return [_op("Rearrange", node.inputs[:1], node.output, order=node.integers("perm", axes[::-1]))]


def _elementwise(graph: Graph, node: Node) -> list[Node] | None:
    if not all(_is_f32(graph, name) for name in node.inputs):
        return None
    if len(node.inputs) != (1 if node.op in _FUNCTIONS else 2):
        return None
    return [_op("Elementwise", list(node.inputs), node.output, kind=_ELEMENTWISE[node.op])]


def _clipped(graph: Graph, node: Node) -> list[Node] | None:
    """Between limits, where no convolution has taken them."""
    low, high = (0.0, np.inf) if node.op == "Relu" else clip_limits(graph, node)
    if low is None or high is None:
        return None
    value = graph.fresh(f"{node.output}_raised")
    graph.types[value] = graph.types[node.output]
    return [
        _with_number(graph, "maximum", node.inputs[0], low, value),
        _with_number(graph, "minimum", value, high, node.output),
    ]


def _leaky(graph: Graph, node: Node) -> list[Node] | None:
    slope = node.real("alpha", 0.01)
    if not 0 <= slope <= 1:
        return None
    scaled = graph.fresh(f"{node.output}_scaled")
    graph.types[scaled] = graph.types[node.output]
    return [
        _with_number(graph, "multiply", node.inputs[0], slope, scaled),
        _op("Elementwise", [node.inputs[0], scaled], node.output, kind="maximum"),
    ]


def _hard_sigmoid(graph: Graph, node: Node) -> list[Node]:
    made, value = [], node.inputs[0]
    for kind, number in (
        ("multiply", node.real("alpha", 0.2)),
        ("add", node.real("beta", 0.5)),
        ("maximum", 0.0),
        ("minimum", 1.0),
    ):
        output = node.output if kind == "minimum" else graph.fresh(f"{node.output}_{kind}")
        graph.types[output] = graph.types[node.output]
        made.append(_with_number(graph, kind, value, number, output))
        value = output
    return made


def _with_number(graph: Graph, kind: str, value: str, number: float, output: str) -> Node:
    constant = graph.add_constant(f"{output}_{kind}", np.array(number, np.float32))
    return _op("Elementwise", [value, constant], output, kind=kind)


def _softmax(graph: Graph, node: Node) -> list[Node] | None:
    if graph.opset < 13:
        return None  # flattened its input then
    axis = _axis(graph, node, node.integer("axis", -1))
    return [_op("Softmax", list(node.inputs), node.output, axis=axis)]


def _concatenated(graph: Graph, node: Node) -> list[Node] | None:
    if not all(_is_f32(graph, name) for name in node.inputs):
        return None
    axis = _axis(graph, node, node.integer("axis", 0))
    return [_op("Concatenation", list(node.inputs), node.output, axis=axis)]


def _split(graph: Graph, node: Node) -> list[Node]:
    axis = _axis(graph, node, node.integer("axis", 0))
    made, start = [], 0
    for name in node.outputs:
        size = _shape(graph, name)[axis]
        made.append(_part(graph, node.inputs[0], name, {axis: range(start, start + size)}))
        start += size
    return made


def _part(graph: Graph, value: str, output: str, taken: dict[int, range]) -> Node:
    """The indices that `taken` has of some axes, in rising order; all of the others."""
    shape = _shape(graph, value)
    ranges = [taken.get(axis, range(extent)) for axis, extent in enumerate(shape)]
    return _op(
        "Rearrange",
        [value],
        output,
        starts=[each.start for each in ranges],
        sizes=[len(each) for each in ranges],
        steps=[each.step for each in ranges],
    )


def _sliced(graph: Graph, node: Node) -> list[Node] | None:
    shape = _shape(graph, node.inputs[0])
    contents = [graph.constant(name) for name in node.inputs[1:]]
    if len(contents) < 2 or any(each is None for each in contents):
        return None
    numbers = [each.reshape(-1).tolist() for each in contents if each is not None]
    starts, ends = numbers[:2]
    axes = numbers[2] if len(numbers) > 2 else list(range(len(starts)))
    steps = numbers[3] if len(numbers) > 3 else [1] * len(starts)
    taken: dict[int, range] = {}
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        extent = shape[axis % len(shape)]
        taken[axis % len(shape)] = range(*slice(start, end, step).indices(extent))
    if any(each.step < 1 or not len(each) for each in taken.values()):
        return None
    return [_part(graph, node.inputs[0], node.output, taken)]


def _gathered(graph: Graph, node: Node) -> list[Node] | None:
    indices = graph.constant(node.inputs[1])
    if indices is None or indices.ndim != 1:
        return None
    axis = _axis(graph, node, node.integer("axis", 0))
    extent = _shape(graph, node.inputs[0])[axis]
    names = [graph.fresh(f"{node.output}_part") for _ in indices]
    parts = [
        _part(graph, node.inputs[0], name, {axis: range(index % extent, index % extent + 1)})
        for name, index in zip(names, map(int, indices), strict=True)
    ]
    shape = _shape(graph, node.inputs[0])
    single = ValueType(_F32, (*shape[:axis], 1, *shape[axis + 1 :]))
    graph.types |= dict.fromkeys(names, single)
    return [*parts, _op("Concatenation", names, node.output, axis=axis)]


def _padded(graph: Graph, node: Node) -> list[Node] | None:
    """Zeros behind one axis, or in front of it."""
    amounts = graph.constant(node.inputs[1]) if node.inputs[1:] else None
    value = graph.constant(node.inputs[2]) if node.inputs[2:] and node.inputs[2] else np.zeros(1)
    if amounts is None or value is None or len(node.inputs) > 3 or amounts.min() < 0:
        return None
    if node.text("mode", "constant") != "constant":
        return None
    shape = _shape(graph, node.inputs[0])
    before, after = amounts[: len(shape)], amounts[len(shape) :]
    padded = [axis for axis in range(len(shape)) if before[axis] or after[axis]]
    if len(padded) != 1:
        return None
    axis = padded[0]
    parts = [node.inputs[0]]
    for count, where in ((before[axis], 0), (after[axis], 2)):
        if count:
            extent = (*shape[:axis], int(count), *shape[axis + 1 :])
            content = np.full(extent, value.reshape(-1)[0], np.float32)
            parts.insert(where, graph.add_constant(f"{node.output}_padding", content))
    return [_op("Concatenation", parts, node.output, axis=axis)]


type _Rewrite = Callable[[Graph, Node], list[Node] | None]

_REWRITES: dict[str, _Rewrite] = {
    **dict.fromkeys(_RESHAPES, _reshaped),
    **dict.fromkeys(_ELEMENTWISE, _elementwise),
    "HardSigmoid": _hard_sigmoid,
    "Relu": _clipped,
    "Clip": _clipped,
    "LeakyRelu": _leaky,
    "Transpose": _transposed,
    "Softmax": _softmax,
    "Concat": _concatenated,
    "Split": _split,
    "Slice": _sliced,
    "Gather": _gathered,
    "Pad": _padded,
}
