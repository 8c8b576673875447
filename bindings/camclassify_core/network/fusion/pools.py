"""Max-pools and average-pools that are neither a pyramid nor a head to Pooling."""

from ..graph import CAMCLASSIFY, Attribute, Graph, Node, Shape
from .convolutions import window

MAX_EXTENT = 64  # of a kernel, and of strides


def find_pools(graph: Graph) -> None:
    """Fuses pools whose windows all have something of the picture in them."""
    kinds = ("MaxPool", "AveragePool", "GlobalAveragePool")
    for node in [each for each in graph.nodes if each.op in kinds]:
        fused = _fused(graph, node)
        if fused:
            graph.substitute([node], [fused])


def _fused(graph: Graph, node: Node) -> Node | None:
    source, written = graph.shape(node.inputs[0]), graph.shape(node.output)
    if source is None or written is None or len(source) != 4 or len(node.outputs) > 1:
        return None
    everything = node.op == "GlobalAveragePool"
    kernel = source[2:] if everything else tuple(node.integers("kernel_shape"))
    frame = window(node, source, kernel)
    if frame is None or max(*frame.kernel, frame.stride) > MAX_EXTENT:
        return None
    averages, counts_pads = node.op != "MaxPool", node.integer("count_include_pad", 0)
    pads = _reaching(source, written, frame.kernel, frame.stride, frame.pads)
    if pads is None or (pads != frame.pads and counts_pads):
        return None
    attributes: dict[str, Attribute] = {
        "kernel": list(frame.kernel),
        "stride": frame.stride,
        "pads": pads,
    }
    if averages:
        attributes |= {"kind": "average", "count_pads": counts_pads}
    return Node("Pooling", [node.inputs[0]], list(node.outputs), attributes, CAMCLASSIFY)


def _reaching(
    source: Shape, written: Shape, kernel: tuple[int, int], stride: int, pads: list[int]
) -> list[int] | None:
    """The pads, larger at the end where sizes are rounded up; none if they reach a kernel's size."""
    reaching = list(pads)
    for axis, extent in enumerate(kernel):
        needed = (written[2 + axis] - 1) * stride + extent - source[2 + axis] - pads[axis]
        reaching[2 + axis] = max(reaching[2 + axis], needed)
        last = (written[2 + axis] - 1) * stride - pads[axis]
        if reaching[2 + axis] >= extent or last >= source[2 + axis]:
            return None
    return reaching
