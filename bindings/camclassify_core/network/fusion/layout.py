"""Turns the values of fused nodes to NHWC; transposes stand where they meet standard operators."""

import numpy as np

from ..graph import CAMCLASSIFY, Graph, Node, ValueType

_TO_NHWC = [0, 2, 3, 1]
_TO_NCHW = [0, 3, 1, 2]


def to_nhwc(graph: Graph) -> None:
    """Gives every 4-D value that a fused node reads or writes an NHWC twin."""
    _Layout(graph).apply()


class _Layout:
    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._twins: dict[str, str] = {}
        self._nodes: list[Node] = []

    def apply(self) -> None:
        graph = self._graph
        standard = {
            name for node in graph.nodes if node.domain != CAMCLASSIFY for name in node.inputs
        }
        wanted_nchw = standard.union(graph.outputs)
        for node in graph.nodes:
            if node.domain != CAMCLASSIFY:
                self._nodes.append(node)
                continue
            node.inputs = [self._read(name) for name in node.inputs]
            self._nodes.append(node)
            written = list(node.outputs)
            node.outputs = [self._written(name) for name in written]
            for old, new in zip(written, node.outputs, strict=True):
                if old != new and old in wanted_nchw:
                    self._nodes.append(Node("Transpose", [new], [old], {"perm": _TO_NCHW}))
        graph.nodes = self._nodes

    def _read(self, name: str) -> str:
        if name in self._twins:
            return self._twins[name]
        if not self._is_picture_like(name):
            return name
        twin = self._twin(name)
        self._nodes.append(Node("Transpose", [name], [twin], {"perm": _TO_NHWC}))
        return twin

    def _written(self, name: str) -> str:
        return self._twin(name) if self._is_picture_like(name) else name

    def _is_picture_like(self, name: str) -> bool:
        """4-D and channels first: all but constants and the u8 picture."""
        kind = self._graph.types.get(name)
        if name in self._graph.constants or kind is None:
            return False
        return len(kind.shape) == 4 and kind.dtype != np.dtype(np.uint8)

    def _twin(self, name: str) -> str:
        graph = self._graph
        kind = graph.types[name]
        batch, channels, height, width = kind.shape
        twin = f"{name}_nhwc"
        graph.types[twin] = ValueType(kind.dtype, (batch, height, width, channels))
        self._twins[name] = twin
        return twin
