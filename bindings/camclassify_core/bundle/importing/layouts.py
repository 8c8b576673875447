"""Recognises what a model's outputs mean, and brings them to a scene network's outputs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from camclassify_core.errors import BundleError
from camclassify_core.network.graph import Array, Graph, Node, ValueType

from . import anchors

BOXES, OBJECTNESS, SCORES = "boxes", "objectness", "scores"
YOLOX_STRIDES = (8, 16, 32)

type BoxOrder = Literal["xyxy", "yxyx", "cxcywh"]

# Columns of a box in each order that hold x0 y0 x1 y1, or for the last: cx cy w h.
_COLUMNS: Mapping[str, list[int]] = {
    "xyxy": [0, 1, 2, 3],
    "yxyx": [1, 0, 3, 2],
    "cxcywh": [0, 1, 2, 3],
}


@dataclass(frozen=True, slots=True)
class Layout:
    """What was recognised: a name for people, and the strides of the boxes' grids."""

    name: str
    strides: tuple[int, ...]


def adapt(
    graph: Graph, size: tuple[int, int], classes: int, probe: Mapping[str, Array], order: BoxOrder
) -> Layout:
    """Gives `graph` the outputs boxes, objectness and scores.

    `size` is the input's width and height, `probe` the outputs for some picture: whether boxes are
    pixels or fractions and whether scores have been through a sigmoid shows in their values.
    Raises BundleError if the outputs are none of the layouts that are known.
    """
    shapes = {name: probe[name].shape for name in graph.outputs}
    outputs, cells = graph.outputs, _yolox_cells(size)
    match [shapes[name] for name in outputs]:
        case [(1, count)] if count == classes:
            return _classifier(graph, size, classes, probe[outputs[0]])
        case [shape] if is_yolox(shape, size, classes):
            return _yolox(graph, cells, classes)
        case [(1, columns, rows)] if columns == classes + 4:
            return _yolo(graph, size, rows, classes)
        case [(1, rows, 4), (1, same, columns)] if rows == same and columns - classes in (0, 1):
            return _detector(graph, size, (outputs[0], outputs[1]), probe, order, classes)
        case [(1, same, columns), (1, rows, 4)] if rows == same and columns - classes in (0, 1):
            return _detector(graph, size, (outputs[1], outputs[0]), probe, order, classes)
    found = ", ".join(f"{name} {'x'.join(map(str, shape))}" for name, shape in shapes.items())
    raise BundleError(
        f"the outputs ({found}) are none that the importer knows with {classes} class names: "
        f"a classifier's 1x{classes}, YOLOX's 1x{cells}x{classes + 5}, YOLOv8's 1x{classes + 4}xN, "
        f"or boxes 1xNx4 and scores 1xNx{classes}. Check the list of class names and the input size"
    )


def is_yolox(shape: Sequence[int], size: tuple[int, int], classes: int) -> bool:
    """Whether an output has the shape of YOLOX's: a row per cell, box, objectness and scores."""
    return tuple(shape) == (1, _yolox_cells(size), classes + 5)


def _yolox_cells(size: tuple[int, int]) -> int:
    width, height = size
    return sum((width // stride) * (height // stride) for stride in YOLOX_STRIDES)


def _classifier(graph: Graph, size: tuple[int, int], classes: int, probe: Array) -> Layout:
    """The whole picture is the one box."""
    value = graph.outputs[0]
    if not _are_probabilities(probe) or abs(float(probe.sum()) - 1) > 1e-3:
        graph.nodes.append(Node("Softmax", [value], ["class_scores"], {"axis": 1}))
        value = "class_scores"
    shape = graph.add_constant("one_row", np.array([1, 1, classes], np.int64))
    graph.nodes.append(Node("Reshape", [value, shape], ["row_scores"]))
    width, height = size
    centre, sides = [[[width / 2, height / 2]]], [[[width, height]]]
    centres = graph.add_constant("centre", np.array(centre, np.float32))
    lengths = graph.add_constant("side", np.array(sides, np.float32))
    return _finish(graph, "classifier", size, (centres, lengths, "row_scores"), 1, classes)


def _yolox(graph: Graph, cells: int, classes: int) -> Layout:
    """Codes already; only to be split."""
    parts = graph.add_constant("yolox_parts", np.array([4, 1, classes], np.int64))
    outputs = [BOXES, OBJECTNESS, SCORES]
    graph.nodes.append(Node("Split", [graph.outputs[0], parts], outputs, {"axis": 2}))
    _declare(graph, cells, classes)
    return Layout("YOLOX", YOLOX_STRIDES)


def _yolo(graph: Graph, size: tuple[int, int], rows: int, classes: int) -> Layout:
    """1 x (cx, cy, w, h in pixels, scores) x rows."""
    parts = graph.add_constant("yolo_parts", np.array([2, 2, classes], np.int64))
    values = ("yolo_centres", "yolo_sides", "yolo_scores")
    graph.nodes += [
        Node("Transpose", [graph.outputs[0]], ["yolo_rows"], {"perm": [0, 2, 1]}),
        Node("Split", ["yolo_rows", parts], list(values), {"axis": 2}),
    ]
    return _finish(graph, "YOLOv8", size, values, rows, classes)


def _detector(
    graph: Graph,
    size: tuple[int, int],
    outputs: tuple[str, str],
    probe: Mapping[str, Array],
    order: BoxOrder,
    classes: int,
) -> Layout:
    """Boxes and scores in outputs of their own."""
    boxes, scores = outputs
    rows = probe[boxes].shape[1]
    fractions = float(np.median(np.abs(probe[boxes]))) <= 2
    first, second = _first_and_second(graph, boxes, order, size if fractions else (1, 1))
    if order == "cxcywh":
        centres, sides = first, second
    else:
        centres, sides = "box_centres", "box_sides"
        half = graph.add_constant("half", np.array(0.5, np.float32))
        graph.nodes += [
            Node("Add", [first, second], ["box_sums"]),
            Node("Mul", ["box_sums", half], [centres]),
            Node("Sub", [second, first], [sides]),
        ]
    value = _scores(graph, scores, probe[scores], classes)
    return _finish(graph, "boxes and scores", size, (centres, sides, value), rows, classes)


def _first_and_second(
    graph: Graph, boxes: str, order: BoxOrder, scale: tuple[int, int]
) -> tuple[str, str]:
    """The two pairs of numbers of a box, x before y, in pixels."""
    columns = graph.add_constant("box_columns", np.array(_COLUMNS[order], np.int64))
    pixels = graph.add_constant("box_pixels", np.array([*scale, *scale], np.float32))
    parts = graph.add_constant("box_parts", np.array([2, 2], np.int64))
    graph.nodes += [
        Node("Gather", [boxes, columns], ["box_ordered"], {"axis": 2}),
        Node("Mul", ["box_ordered", pixels], ["box_scaled"]),
        Node("Split", ["box_scaled", parts], ["box_first", "box_second"], {"axis": 2}),
    ]
    return "box_first", "box_second"


def _scores(graph: Graph, scores: str, probe: Array, classes: int) -> str:
    """Scores 0..1 without the background, which is the first column of one too many."""
    background = probe.shape[2] > classes
    if not _are_probabilities(probe):
        op, attributes = ("Softmax", {"axis": 2}) if background else ("Sigmoid", {})
        graph.nodes.append(Node(op, [scores], ["squashed"], {**attributes}))
        scores = "squashed"
    if not background:
        return scores
    parts = graph.add_constant("background_and_classes", np.array([1, classes], np.int64))
    graph.nodes.append(Node("Split", [scores, parts], ["background", "foreground"], {"axis": 2}))
    return "foreground"


def _are_probabilities(values: Array) -> bool:
    return bool(values.min() >= 0 and values.max() <= 1)


def _finish(
    graph: Graph,
    name: str,
    size: tuple[int, int],
    values: tuple[str, str, str],
    rows: int,
    classes: int,
) -> Layout:
    centres, sides, scores = values
    grid = anchors.enough(*size, rows)
    anchors.encode(graph, centres, sides, rows, grid, BOXES)
    anchors.fill(graph, scores, rows, grid.cells, SCORES)
    certain = np.zeros((1, grid.cells, 1), np.float32)
    certain[:, :rows] = 1
    graph.nodes.append(
        Node("Identity", [graph.add_constant("objectness_of_cells", certain)], [OBJECTNESS])
    )
    _declare(graph, grid.cells, classes)
    return Layout(name, (grid.stride,))


def _declare(graph: Graph, cells: int, classes: int) -> None:
    graph.outputs = [BOXES, OBJECTNESS, SCORES]
    for output, columns in ((BOXES, 4), (OBJECTNESS, 1), (SCORES, classes)):
        graph.types[output] = ValueType(np.dtype(np.float32), (1, cells, columns))
