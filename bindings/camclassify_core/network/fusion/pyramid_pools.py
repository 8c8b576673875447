"""Three max-pools of 5x5, 9x9 and 13x13, or three chained ones of 5x5, to SpatialPyramidPool."""

from ..graph import CAMCLASSIFY, Graph, Node

_SIZES = (5, 9, 13)


def find_pyramid_pools(graph: Graph) -> None:
    """Fuses both shapes of a spatial pyramid."""
    pools = [node for node in graph.nodes if node.op == "MaxPool"]
    for value in dict.fromkeys(node.inputs[0] for node in pools):
        group = _side_by_side(graph, value) or _chained(graph, value)
        if group:
            fused = Node(
                "SpatialPyramidPool", [value], [each.output for each in group], {}, CAMCLASSIFY
            )
            graph.nodes.insert(graph.nodes.index(group[0]), fused)
            graph.nodes = [node for node in graph.nodes if node not in group]


def _side_by_side(graph: Graph, value: str) -> list[Node]:
    by_size = {_size(node): node for node in graph.consumers(value)}
    return [by_size[size] for size in _SIZES] if by_size.keys() >= set(_SIZES) else []


def _chained(graph: Graph, value: str) -> list[Node]:
    chain: list[Node] = []
    while len(chain) < 3:
        pool = next((node for node in graph.consumers(value) if _size(node) == 5), None)
        if pool is None:
            return []
        chain.append(pool)
        value = pool.output
    return chain


def _size(node: Node) -> int:
    """The side of a max-pool that keeps the picture's size, else 0."""
    if node.op != "MaxPool" or len(node.outputs) > 1 or node.integer("ceil_mode", 0):
        return 0
    kernel = node.integers("kernel_shape")
    strides, dilations = (node.integers(key, (1, 1)) for key in ("strides", "dilations"))
    same = node.integers("pads", (0, 0, 0, 0)) == [kernel[0] // 2] * 4
    plain = len(kernel) == 2 and kernel[0] == kernel[1] and strides == dilations == [1, 1]
    return kernel[0] if same and plain else 0
