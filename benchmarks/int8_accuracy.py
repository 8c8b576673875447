"""What int8 costs the scene network: detections of fp32 that int8 finds again, and the other way round.

    benchmarks/int8_accuracy.py --photographs FOLDER... --footage vtest.avi [--bundle DIR]

Detections are those of the network alone, before tracks, second looks and specialists. Photographs are
judged as they are, and mirrored, darker and smaller; what is in the folders and no photograph
(not_photographs.txt) is judged apart. docs/models.md says which folders it was run on.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from camclassify_core.bundle import default
from camclassify_core.bundle.photographs import fit, read
from camclassify_core.native import core
from numpy.typing import NDArray
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.footage import read_frames

type Picture = NDArray[np.uint8]
type Floats = NDArray[np.float32]

ROOT = Path(__file__).parents[1]
STRIDES = (8, 16, 32)
EVERY = 10  # frames of the footage
SURE, KEPT = 0.4, 0.3  # scores from which a detection counts, and from which it counts as kept
OVERLAP = 0.5  # intersection over union of boxes that are the same
SUPPRESSED = 0.5  # of boxes that are one
FORMATS = {".jpg", ".jpeg", ".png"}
NOT_PHOTOGRAPHS = Path(__file__).with_name("not_photographs.txt")


@dataclass(frozen=True, slots=True)
class Found:
    """One detection: class, score and box in pixels of the network's input."""

    name: str
    score: float
    box: Floats


@dataclass(slots=True)
class Agreement:
    """How many detections of one network the other has too, at both scores."""

    detections: int = 0
    sure: int = 0
    kept: int = 0

    def add(self, those: list[Found], others: list[Found]) -> None:
        """Counts each of `those` that the other network found."""
        for one in those:
            if one.score < SURE:
                continue
            self.detections += 1
            partner = match(one, others)
            self.sure += partner is not None and partner.score >= SURE
            self.kept += partner is not None and partner.score >= KEPT

    def __str__(self) -> str:
        shares = (100 * each / max(self.detections, 1) for each in (self.sure, self.kept))
        return f"{self.detections:5}  " + "  ".join(f"{share:5.1f}%" for share in shares)


@dataclass(slots=True)
class Cost:
    """What int8 changed over some pictures."""

    forth: Agreement = field(default_factory=Agreement)
    back: Agreement = field(default_factory=Agreement)
    differences: list[float] = field(default_factory=list)

    def add(self, exact: list[Found], rounded: list[Found]) -> None:
        """Adds one picture's detections."""
        self.forth.add(exact, rounded)
        self.back.add(rounded, exact)
        for one in exact:
            if one.score >= SURE and (partner := match(one, rounded)) is not None:
                self.differences.append(abs(one.score - partner.score))

    def __str__(self) -> str:
        mean = float(np.mean(self.differences)) if self.differences else 0.0
        return f"{self.forth}   {self.back}   {mean:.4f}"


def match(one: Found, others: Iterable[Found]) -> Found | None:
    """The best detection of the same class in the same place."""
    near = [each for each in others if each.name == one.name and iou(each.box, one.box) > OVERLAP]
    return max(near, key=lambda each: each.score, default=None)


def iou(a: Floats, b: Floats) -> float:
    """Intersection over union."""
    shared = np.maximum(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0).prod()
    return float(shared / ((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - shared))


class Network:
    """A file of the scene network in the direct runner."""

    def __init__(self, file: Path) -> None:
        self._network = core.Network(file, threads=1)
        self._names = [name for name, _, _ in self._network.outputs]

    def detect(self, picture: Picture) -> list[Found]:
        """Detections at >= 0.05, after suppression within each class."""
        np.copyto(self._network.input(0), picture)
        self._network.run()
        values = {name: self._network.output(i)[0] for i, name in enumerate(self._names)}
        boxes = decode(values["boxes"].astype(np.float32), picture.shape[1:3])
        found: list[Found] = []
        for head, columns in default.HEADS.items():
            scores = values["objectness"] * values[head]
            for column in range(len(columns)):
                found += suppress(f"{head} {column}", scores[:, column], boxes)
        return found


def decode(codes: Floats, size: tuple[int, ...]) -> Floats:
    """YOLOX's codes to corners in pixels."""
    cells, strides = [], []
    for stride in STRIDES:
        rows, columns = np.mgrid[: size[0] // stride, : size[1] // stride]
        cells.append(np.stack([columns.ravel(), rows.ravel()], 1))
        strides.append(np.full((rows.size, 1), stride))
    step = np.concatenate(strides)
    centre = (codes[:, :2] + np.concatenate(cells)) * step
    half = np.exp(codes[:, 2:4]) * step / 2
    corners: Floats = np.concatenate([centre - half, centre + half], 1).astype(np.float32)
    return corners


def suppress(name: str, scores: Floats, boxes: Floats) -> list[Found]:
    """The best of boxes that overlap."""
    kept: list[Found] = []
    for index in np.argsort(-scores):
        if scores[index] < 0.05:
            break
        if all(iou(boxes[index], each.box) <= SUPPRESSED for each in kept):
            kept.append(Found(name, float(scores[index]), boxes[index]))
    return kept


def files(folders: list[Path]) -> tuple[list[Path], list[Path]]:
    """The photographs in the folders, and their other pictures."""
    lines = NOT_PHOTOGRAPHS.read_text().splitlines()
    others = {name for line in lines if not line.startswith("#") for name in line.split()}
    found = [
        path
        for folder in folders
        for path in sorted(folder.glob("*"))
        if path.suffix.lower() in FORMATS
    ]
    return (
        [path for path in found if path.name not in others],
        [path for path in found if path.name in others],
    )


def pictures(paths: list[Path]) -> list[Picture]:
    """Pictures as the network sees them."""
    return [read(path, default.SCENE_INPUT) for path in paths]


def variants(picture: Picture) -> Iterator[Picture]:
    """The picture mirrored, darker, brighter and mirrored, and smaller."""
    yield picture[:, :, ::-1]
    yield (picture * 0.6).astype(np.uint8)
    yield np.clip(picture[:, :, ::-1] * 1.2, 0, 255).astype(np.uint8)
    small = Image.fromarray(picture[0]).resize((300, 300), Image.Resampling.BILINEAR)
    shrunk = np.full_like(picture, default.SCENE_INPUT.pad)
    shrunk[0, 40:340, 60:360] = np.asarray(small)
    yield shrunk


def main() -> None:
    """Prints the table of docs/models.md."""
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photographs", type=Path, nargs="+", required=True)
    parser.add_argument("--footage", type=Path)
    parser.add_argument("--bundle", type=Path, default=ROOT / "models" / "default")
    options = parser.parse_args()
    exact = Network(options.bundle / "scene.fused.onnx")
    rounded = Network(options.bundle / "scene.int8.onnx")
    shots, others = map(pictures, files(options.photographs))
    groups: dict[str, list[Picture]] = {f"{len(shots)} photographs": shots}
    if options.footage:
        frames = read_frames(options.footage)[::EVERY]
        groups[f"{len(frames)} frames"] = [fit(frame, default.SCENE_INPUT) for frame in frames]
    judged = list(groups)
    groups["their variants"] = [each for shot in shots for each in variants(shot)]
    groups[f"{len(others)} other pictures"] = others
    total = Cost()
    print(f"{'':18}fp32 found in int8        int8 found in fp32        mean")
    print(f"{'':18}       >=0.4   >=0.3              >=0.4   >=0.3   difference")
    for name, group in groups.items():
        cost = Cost()
        for picture in group:
            both = exact.detect(picture), rounded.detect(picture)
            cost.add(*both)
            if name in judged:
                total.add(*both)
        print(f"{name:18}{cost}", flush=True)
    print(f"{' and '.join(judged)}: {total}")


if __name__ == "__main__":
    main()
