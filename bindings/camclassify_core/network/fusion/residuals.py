"""Residual additions go into the Pointwise or Convolution that ends the branch."""

from ..graph import Graph, Node
from .activations import absorb_activation
from .match import is_fused, other_input


def absorb_residuals(graph: Graph) -> None:
    """Add becomes the residual of the later of its operands that is such a convolution's own."""
    for add in [node for node in graph.nodes if node.op == "Add" and len(node.inputs) == 2]:
        shapes = [graph.shape(name) for name in add.inputs]
        if shapes[0] is None or len(shapes[0]) != 4 or shapes[0] != shapes[1]:
            continue
        branch = _branch(graph, add)
        if branch is None:
            continue
        residual = other_input(add, branch.output)
        branch.inputs.insert(1, residual)
        branch.attributes["residual"] = "after" if "activation" in branch.attributes else "before"
        branch.outputs = list(add.outputs)
        graph.nodes.remove(branch)
        graph.substitute([add], [branch])
        if branch.attributes["residual"] == "before":
            absorb_activation(graph, branch)


def _branch(graph: Graph, add: Node) -> Node | None:
    own = [
        producer
        for name in add.inputs
        if (producer := graph.producer(name)) is not None
        and is_fused(producer, "Pointwise", "Convolution")
        and "residual" not in producer.attributes
        and graph.sole_consumer(name) is add
    ]
    return max(own, key=graph.nodes.index, default=None)
