"""Folds what surrounds a convolution into it: batch normalisation behind it, padding in front."""

import numpy as np

from ..graph import Graph, Node
from .match import scalar


def fold_batch_norms(graph: Graph) -> None:
    """Conv + BatchNormalization becomes Conv, in double precision."""
    for norm in [node for node in graph.nodes if node.op == "BatchNormalization"]:
        conv = graph.producer(norm.inputs[0])
        if conv is None or conv.op != "Conv" or graph.sole_consumer(conv.output) is not norm:
            continue
        parameters = [graph.constant(name) for name in norm.inputs[1:5]]
        weight = graph.constant(conv.inputs[1])
        if weight is None or any(each is None for each in parameters):
            continue
        gamma, beta, mean, variance = (np.asarray(each, np.float64) for each in parameters)
        scale = gamma / np.sqrt(variance + norm.real("epsilon", 1e-5))
        bias = np.asarray(graph.constants[conv.inputs[2]], np.float64) if conv.inputs[2:] else 0.0
        folded = weight.astype(np.float64) * scale.reshape(-1, *(1,) * (weight.ndim - 1))
        names = [
            graph.add_constant(f"{norm.output}_weight", folded.astype(np.float32)),
            graph.add_constant(
                f"{norm.output}_bias", ((bias - mean) * scale + beta).astype(np.float32)
            ),
        ]
        merged = Node("Conv", [conv.inputs[0], *names], [norm.output], conv.attributes)
        graph.substitute([conv, norm], [merged])


def fold_pads(graph: Graph) -> None:
    """Zero padding of height and width goes into the convolution behind it."""
    for pad in [node for node in graph.nodes if node.op == "Pad"]:
        conv = graph.sole_consumer(pad.output)
        amounts = graph.constant(pad.inputs[1]) if pad.inputs[1:] else None
        value = scalar(graph, pad.inputs[2]) if pad.inputs[2:] and pad.inputs[2] else 0.0
        if conv is None or conv.op != "Conv" or amounts is None or len(pad.inputs) > 3:
            continue
        top, left, bottom, right = amounts[[2, 3, 6, 7]] if amounts.size == 8 else (-1,) * 4
        if (
            value != 0
            or pad.text("mode", "constant") != "constant"
            or "auto_pad" in conv.attributes
        ):
            continue
        if amounts.size != 8 or amounts[[0, 1, 4, 5]].any() or amounts.min() < 0:
            continue
        own = conv.integers("pads", (0, 0, 0, 0))
        conv.attributes["pads"] = [
            int(mine + more) for mine, more in zip(own, (top, left, bottom, right), strict=True)
        ]
        conv.inputs[0] = pad.inputs[0]
        graph.nodes.remove(pad)
