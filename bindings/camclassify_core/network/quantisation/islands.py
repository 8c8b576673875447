"""What stays fp32 in an int8 network: ops for tensors of any shape, and all that reads what they write."""

from camclassify_core.errors import BundleError

from ..fusion.match import CONVOLUTIONS, TAILS
from ..graph import Graph, Node
from .tables import TABLED


def fp32_nodes(graph: Graph) -> set[Node]:
    """The nodes that are not quantised."""
    island: set[Node] = set()
    written: set[str] = set()
    for node in graph.nodes:
        if node.op in TAILS or not written.isdisjoint(node.inputs):
            island.add(node)
            written.update(node.outputs)
    return island


def borders(graph: Graph, island: set[Node]) -> set[str]:
    """The values that int8 convolutions write for the island, as f32.

    Raises BundleError where that cannot be: a value that int8 ops read too, or that is no convolution's sum.
    """
    read = {name for node in island for name in node.inputs}
    found: set[str] = set()
    for node in graph.nodes:
        if node in island or node.op in ("Predictor", "PooledHead"):  # whose outputs are f32 anyway
            continue
        for name in read.intersection(node.outputs):
            shared = any(each not in island for each in graph.consumers(name))
            activation = node.text("activation", "none")
            plain = activation not in (*TABLED, "relu6") and "residual" not in node.attributes
            if shared or node.op not in CONVOLUTIONS or not plain:
                raise BundleError(
                    f"int8 needs a network of which only the end is arithmetic: the value {name}"
                    f" ({node.op}) goes into it before that. Import it without photographs, in fp32"
                )
            found.add(name)
    return found
