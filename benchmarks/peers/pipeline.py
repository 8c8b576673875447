"""The same way from snapshot to detections as people write it: OpenCV or Pillow, ONNX Runtime, NumPy.

Scene network in fp32 on one letterboxed picture, class-wise non-maximum suppression, then the object
network on the crop of each detection that a specialist refines.
"""

import io
from collections.abc import Callable, Sequence
from itertools import cycle
from pathlib import Path

import cv2
import numpy as np
from camclassify_core.bench.contestant import Contestant
from camclassify_core.bundle.manifest import InputEntry, Manifest, ObjectEntry, SceneEntry
from camclassify_core.onnxruntime_package import onnxruntime
from numpy.typing import NDArray
from PIL import Image

from .entries import original_file

type Pixels = NDArray[np.uint8]
type Floats = NDArray[np.float32]
type Resize = Callable[[Pixels, tuple[int, int]], Pixels]

_MAX_OVERLAP = 0.45


def pipelines(directory: Path, threads: int, snapshots: Sequence[bytes]) -> list[Contestant]:
    """One pipeline with OpenCV, one with Pillow, with the networks of the bundle in `directory`."""
    found = []
    for name, decode, resize in (
        ("OpenCV + ONNX Runtime", _opencv_decode, _opencv_resize),
        ("Pillow + ONNX Runtime", _pillow_decode, _pillow_resize),
    ):
        pipeline = Pipeline(directory, threads, decode, resize)
        found.append(Contestant(name, "fp32", _turns(pipeline, snapshots), dict))
    return found


def pictures(snapshot: bytes, size: tuple[int, int]) -> list[Contestant]:
    """Decoding and resizing only."""
    return [
        Contestant("OpenCV", "u8", lambda: _opencv_resize(_opencv_decode(snapshot), size), dict),
        Contestant("Pillow", "u8", lambda: _pillow_resize(_pillow_decode(snapshot), size), dict),
    ]


def _turns(pipeline: Pipeline, snapshots: Sequence[bytes]) -> Callable[[], object]:
    turns = cycle(snapshots)
    return lambda: pipeline.classify(next(turns))


class Pipeline:
    """Decodes at full size, resizes, runs the networks, sorts out the boxes."""

    def __init__(
        self,
        directory: Path,
        threads: int,
        decode: Callable[[bytes], Pixels],
        resize: Resize,
    ) -> None:
        manifest = Manifest.read(directory)
        self._scene: SceneEntry = manifest.scenes[0]
        self._object: ObjectEntry = manifest.objects[0]
        self._decode, self._resize = decode, resize
        self._thresholds = {
            one.name: one.threshold if isinstance(one.threshold, float) else one.threshold["day"]
            for one in manifest.classes
        }
        self._refined = {name for one in self._object.specialists for name in one.refines}
        self._sessions = {
            network.name: _session(directory, network, threads)
            for network in (self._scene, self._object)
        }

    def classify(self, snapshot: bytes) -> list[tuple[str, float, Floats]]:
        """Class, score and box (corners in pixels) of what is found."""
        frame = self._decode(snapshot)
        found = self._detect(frame)
        for name, _, box in found:
            if name in self._refined:
                self._refine(frame, box)
        return found

    def _detect(self, frame: Pixels) -> list[tuple[str, float, Floats]]:
        wanted = self._scene.input
        height, width = frame.shape[:2]
        scale = min(wanted.width / width, wanted.height / height)
        small = self._resize(frame, (round(width * scale), round(height * scale)))
        picture = np.full((wanted.height, wanted.width, 3), wanted.pad, np.uint8)
        picture[: small.shape[0], : small.shape[1]] = small
        outputs = self._run(self._scene, picture)
        boxes = self._corners(outputs[self._scene.boxes][0]) / scale
        found = []
        for head in self._scene.heads:
            scores = outputs[self._scene.objectness][0] * outputs[head.output][0]
            for column, name in enumerate(head.classes):
                if name:
                    kept = np.flatnonzero(scores[:, column] >= self._thresholds[name])
                    for index in suppress(boxes[kept], scores[kept, column]):
                        row = kept[index]
                        found.append((name, float(scores[row, column]), boxes[row]))
        return found

    def _corners(self, raw: Floats) -> Floats:
        """Boxes of all anchors: cells and logarithms to corners in network pixels."""
        wanted, cells, sizes = self._scene.input, [], []
        for stride in self._scene.strides:
            rows, columns = np.mgrid[: wanted.height // stride, : wanted.width // stride]
            cells.append(np.stack([columns.ravel(), rows.ravel()], axis=1))
            sizes.append(np.full((rows.size, 1), stride))
        strides = np.concatenate(sizes).astype(np.float32)
        centres = (raw[:, :2] + np.concatenate(cells)) * strides
        halves = np.exp(raw[:, 2:]) * strides / 2
        corners = np.concatenate([centres - halves, centres + halves], axis=1)
        return np.asarray(corners, np.float32)

    def _refine(self, frame: Pixels, box: Floats) -> Floats:
        """Probabilities of the object network for one crop."""
        wanted, margin = self._object.input, self._object.crop_margin
        grow = (box[2:] - box[:2]) * margin
        height, width = frame.shape[:2]
        x0, y0 = np.maximum(box[:2] - grow, 0).astype(int)
        x1, y1 = np.minimum(box[2:] + grow, (width, height)).astype(int)
        crop = self._resize(frame[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)], _size(wanted))
        logits = self._run(self._object, crop)[self._object.specialists[0].output][0]
        powers = np.exp(logits - logits.max())
        return np.asarray(powers / powers.sum(), np.float32)

    def _run(self, network: SceneEntry | ObjectEntry, picture: Pixels) -> dict[str, Floats]:
        session = self._sessions[network.name]
        if network.input.order == "bgr":
            picture = picture[..., ::-1]
        names = [output.name for output in session.get_outputs()]
        feed = {network.input.name: np.ascontiguousarray(picture[None])}
        return dict(zip(names, session.run(names, feed), strict=True))


def suppress(boxes: Floats, scores: Floats) -> list[int]:
    """Non-maximum suppression: indices of the boxes that stay, best first."""
    order, kept = list(np.argsort(-scores)), []
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    while order:
        best, *rest = order
        kept.append(int(best))
        others = np.array(rest, int)
        sides = np.minimum(boxes[best, 2:], boxes[others, 2:]) - np.maximum(
            boxes[best, :2], boxes[others, :2]
        )
        shared = np.prod(np.maximum(sides, 0), axis=1)
        overlap = shared / (areas[best] + areas[others] - shared)
        order = list(others[overlap <= _MAX_OVERLAP])
    return kept


def _session(
    directory: Path, network: SceneEntry | ObjectEntry, threads: int
) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    path = original_file(network, directory)
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def _size(wanted: InputEntry) -> tuple[int, int]:
    return wanted.width, wanted.height


def _opencv_decode(snapshot: bytes) -> Pixels:
    pixels = cv2.imdecode(np.frombuffer(snapshot, np.uint8), cv2.IMREAD_COLOR_RGB)
    return np.asarray(pixels, np.uint8)


def _opencv_resize(frame: Pixels, size: tuple[int, int]) -> Pixels:
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def _pillow_decode(snapshot: bytes) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(snapshot)).convert("RGB"))


def _pillow_resize(frame: Pixels, size: tuple[int, int]) -> Pixels:
    return np.asarray(Image.fromarray(frame).resize(size, Image.Resampling.BILINEAR))
