"""ReLU, ReLU6, SiLU and hard-swish go into the op that they follow."""

from dataclasses import dataclass

from ..graph import Graph, Node
from .match import CONVOLUTIONS, is_fused, other_input, scalar


@dataclass(frozen=True, slots=True)
class Activation:
    """An activation found behind a value: its name, its nodes, its result."""

    name: str
    nodes: list[Node]
    result: str


def absorb_activations(graph: Graph) -> None:
    """Gives each fused convolution the activation behind it."""
    for node in [each for each in graph.nodes if is_fused(each, *CONVOLUTIONS)]:
        absorb_activation(graph, node)


def absorb_activation(graph: Graph, node: Node) -> None:
    """Takes the activation behind `node`, if there is one, into it."""
    found = activation_of(graph, node.output)
    if found and "activation" not in node.attributes:
        node.attributes["activation"] = found.name
        node.outputs = [found.result]
        graph.nodes = [each for each in graph.nodes if each not in found.nodes]


def activation_of(graph: Graph, value: str) -> Activation | None:
    """The activation that is all that becomes of `value`."""
    if value in graph.outputs:
        return None
    consumers = graph.consumers(value)
    if len(consumers) == 1:
        return _single(graph, consumers[0])
    return _gated(graph, value, consumers) if len(consumers) == 2 else None


def _single(graph: Graph, node: Node) -> Activation | None:
    names = {"Relu": "relu", "HardSwish": "hard_swish"}
    if node.op in names:
        return Activation(names[node.op], [node], node.output)
    if node.op == "Clip" and clip_limits(graph, node) == (0, 6):
        return Activation("relu6", [node], node.output)
    return None


def clip_limits(graph: Graph, clip: Node) -> tuple[float | None, float | None]:
    """The two numbers of a Clip; none for one that is not constant."""
    if len(clip.inputs) == 3:
        return scalar(graph, clip.inputs[1]), scalar(graph, clip.inputs[2])
    return clip.real("min", float("-inf")), clip.real("max", float("inf"))


def _gated(graph: Graph, value: str, consumers: list[Node]) -> Activation | None:
    """X * gate(x), where the gate is a sigmoid or a hard sigmoid."""
    for gate, product in (consumers, consumers[::-1]):
        if product.op != "Mul":
            continue
        chain = [gate]
        while chain[-1] is not product:
            following = graph.sole_consumer(chain[-1].output)
            if following is None or len(chain) > 3:
                break
            chain.append(following)
        if chain[-1] is not product or value not in product.inputs:
            continue
        name = _gate_name(graph, value, chain[:-1])
        if name == "hard_swish" and chain[-2].op == "Clip":
            return _divided(graph, chain)
        if name:
            return Activation(name, chain, product.output)
    return None


def _gate_name(graph: Graph, value: str, gate: list[Node]) -> str | None:
    kinds = [node.op for node in gate]
    if kinds == ["Sigmoid"]:
        return "silu"
    if kinds == ["HardSigmoid"]:
        slope, offset = gate[0].real("alpha", 0.2), gate[0].real("beta", 0.5)
        return "hard_swish" if abs(slope - 1 / 6) < 1e-6 and offset == 0.5 else None
    if kinds[:2] == ["Add", "Clip"]:
        three = scalar(graph, other_input(gate[0], value))
        if three != 3 or clip_limits(graph, gate[1]) != (0, 6):
            return None
        return "hard_swish" if len(kinds) == 2 or _is_sixth(graph, gate[2]) else None
    return None


def _is_sixth(graph: Graph, node: Node) -> bool:
    factor = scalar(graph, node.inputs[1])
    wanted = {"Div": 6.0, "Mul": 1 / 6}.get(node.op)
    return factor is not None and wanted is not None and abs(factor - wanted) < 1e-6


def _divided(graph: Graph, chain: list[Node]) -> Activation | None:
    """X * clip(x + 3), still to be divided by six."""
    last = graph.sole_consumer(chain[-1].output)
    if last is None or not _is_sixth(graph, last):
        return None
    return Activation("hard_swish", [*chain, last], last.output)
