"""What is really in a picture, by a network that is not ours: the published one in plain ONNX Runtime."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from camclassify_core import Detection
from camclassify_core.bundle import default, packages, yolox
from camclassify_core.network.onnx_writer import to_bytes
from camclassify_core.onnxruntime_package import onnxruntime
from numpy.typing import NDArray
from PIL import Image

from benchmarks.int8_accuracy import decode

type Picture = NDArray[np.uint8]

SCALES = ((768, 576), (1280, 960))  # of the footage: what is sure at both is there
POSSIBLE = 0.15  # lowest score that is returned
SAME = 0.5  # overlap
KINDS = {"person": "person"} | dict.fromkeys(
    (
        *("vehicle", "car", "minivan", "pickup", "suv", "delivery_truck", "garbage_truck"),
        *("bus", "school_bus", "taxi", "emergency_vehicle", "motorcycle", "bicycle"),
    ),
    "vehicle",
)


@dataclass(frozen=True, slots=True)
class Thing:
    """What is somewhere: its kind (person, vehicle, animal), score and corners in pixels."""

    kind: str
    score: float
    box: tuple[float, float, float, float]


class Judge:
    """YOLOX-Nano as it was published, fp32 and unfused, at one size of input."""

    def __init__(self, stock: bytes, width: int, height: int) -> None:
        self._size = (width, height)
        groups = {name: list(columns) for name, columns in default.HEADS.items()}
        graph = yolox.cut(stock, width=width, height=height, groups=groups)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(to_bytes(graph), options)
        self._names = [each.name for each in self._session.get_outputs()]

    def look(self, picture: Picture) -> list[Thing]:
        """What it finds in a picture, in pixels of that, best first."""
        height, width = picture.shape[:2]
        scale = min(self._size[0] / width, self._size[1] / height)
        small = Image.fromarray(picture).resize((round(width * scale), round(height * scale)))
        canvas = np.full((1, self._size[1], self._size[0], 3), 114, np.uint8)
        canvas[0, : small.height, : small.width] = np.asarray(small)[..., ::-1]
        values = dict(zip(self._names, self._session.run(None, {"picture": canvas}), strict=True))
        boxes = decode(values["boxes"][0], canvas.shape[1:3]) / scale
        things: list[Thing] = []
        for head, columns in default.HEADS.items():
            scores = values["objectness"][0] * values[head][0]
            for column, name in enumerate(columns.values()):
                for anchor in np.flatnonzero(scores[:, column] >= POSSIBLE):
                    score = float(scores[anchor, column])
                    things.append(Thing(kind_of(name), score, tuple(boxes[anchor])))
        return _best(things)


def judges() -> list[Judge]:
    """One for each of SCALES. Fetches the published network."""
    with tempfile.TemporaryDirectory() as folder:
        stock = packages.fetch(default.YOLOX_NANO, Path(folder))
    return [Judge(stock, *size) for size in SCALES]


def kind_of(name: str) -> str:
    """The kind that a class is of."""
    return KINDS.get(name, "animal")


def thing_of(detection: Detection, width: int, height: int) -> Thing:
    """A detection of ours in a picture of that size."""
    box = detection.box
    corners = (box.x0 * width, box.y0 * height, box.x1 * width, box.y1 * height)
    return Thing(kind_of(detection.name), detection.score, corners)


def is_same(one: Thing, other: Thing) -> bool:
    """Whether two are of one kind and in one place."""
    return one.kind == other.kind and overlap(one, other) >= SAME


def overlap(one: Thing, other: Thing) -> float:
    """Intersection over union."""
    a, b = np.array(one.box), np.array(other.box)
    shared = float(np.maximum(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0).prod())
    return shared / float((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - shared)


def _best(things: list[Thing]) -> list[Thing]:
    """Greedy suppression."""
    kept: list[Thing] = []
    for thing in sorted(things, key=lambda each: -each.score):
        if not any(is_same(thing, each) for each in kept):
            kept.append(thing)
    return kept
