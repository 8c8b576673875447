"""Writes any detector's boxes in the code that the engine decodes: offsets from a grid's cells.

The engine's boxes are rows over the cells of one or more grids (docs/bundle.md). A detector whose
boxes are no such grid gets one with enough cells; those left over score zero.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from camclassify_core.errors import BundleError
from camclassify_core.network.graph import Graph, Node

_MOST_STRIDE = 256
_SMALLEST_SIDE = 1e-3


@dataclass(frozen=True, slots=True)
class Grid:
    """A grid with square cells of `stride` pixels over the network's input."""

    width: int
    height: int
    stride: int

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return (self.width // self.stride) * (self.height // self.stride)

    def corners(self) -> NDArray[np.float32]:
        """Column and row of every cell, row by row: cells x 2."""
        rows, columns = np.mgrid[: self.height // self.stride, : self.width // self.stride]
        return np.stack([columns.ravel(), rows.ravel()], axis=1).astype(np.float32)


def enough(width: int, height: int, rows: int) -> Grid:
    """The coarsest grid with at least `rows` cells. Raises BundleError if there is none."""
    strides = [s for s in range(_MOST_STRIDE, 0, -1) if width % s == 0 == height % s]
    for stride in strides:
        grid = Grid(width, height, stride)
        if grid.cells >= rows:
            return grid
    raise BundleError(f"{rows} boxes are too many for an input of {width}x{height} pixels")


def encode(graph: Graph, centres: str, sides: str, rows: int, grid: Grid, output: str) -> None:
    """Boxes with centres and sides in pixels (each 1 x rows x 2) to 1 x cells x 4 codes."""
    pixels = graph.add_constant(f"{output}_stride", np.array(grid.stride, np.float32))
    corners = graph.add_constant(f"{output}_cells", grid.corners()[None, :rows])
    least = graph.add_constant(f"{output}_least", np.array(_SMALLEST_SIDE, np.float32))
    graph.nodes += [
        Node("Div", [centres, pixels], [f"{output}_centres"]),
        Node("Sub", [f"{output}_centres", corners], [f"{output}_offsets"]),
        Node("Div", [sides, pixels], [f"{output}_sides"]),
        Node("Max", [f"{output}_sides", least], [f"{output}_positive"]),
        Node("Log", [f"{output}_positive"], [f"{output}_logs"]),
        Node("Concat", [f"{output}_offsets", f"{output}_logs"], [f"{output}_codes"], {"axis": 2}),
    ]
    fill(graph, f"{output}_codes", rows, grid.cells, output)


def fill(graph: Graph, value: str, rows: int, cells: int, output: str) -> None:
    """Zeros for the cells that have no box: 1 x rows x N to 1 x cells x N."""
    if rows == cells:
        graph.nodes.append(Node("Identity", [value], [output]))
        return
    pads = graph.add_constant("unused_cells", np.array([0, 0, 0, 0, cells - rows, 0], np.int64))
    graph.nodes.append(Node("Pad", [value, pads], [output]))
