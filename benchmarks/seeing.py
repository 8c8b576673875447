"""How well small, large and resting things are seen, judged by a network that is not ours.

    python -m benchmarks.seeing vtest.avi --ground street.jpg [--rows 1080 still] [--sizes 1 0.75 0.5 0.35]
      [--phases 5]

The footage (OpenCV's vtest.avi, Debian's opencv-doc) is pasted, at several sizes, into a still street of
1920x1080, of 3840x2160 and of 7680x2160, two frames a second. Who is there is what the published
YOLOX-Nano, unfused and in plain ONNX Runtime, finds in the undisturbed frames at both of two scales; so
neither the engine nor its input sizes judge themselves. With several phases the footage is shown several
times, each time from another first frame on: five show all of its frames. An arrival is false where nothing
of its kind is. Needs ffmpeg and `onnxruntime`.
"""

import argparse
import io
import statistics
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

import numpy as np
from camclassify_core import Detection, Engine, EngineOptions, Request, Result
from camclassify_core.bundle import default
from PIL import Image

from benchmarks.footage import read_frames
from benchmarks.judge import Judge, Picture, Thing, is_same, judges, overlap, thing_of
from benchmarks.simulations import FPS
from custom_components.camclassify.presence import CameraPresence, TransitionKind, Zone

EVERY = 5  # frames: the footage has ten a second, a camera is looked at twice
QUALITY = 88  # of the JPEGs
SURE = 0.5  # score of the judge
FOUND, EXPLAINED = 0.4, 0.3  # overlaps
LEAST_WIDTH = 8  # pixels: a narrower strip of somebody is not asked for
STILL_LOOKS = 20  # ten seconds


@dataclass(slots=True)
class Scene:
    """Pictures as a camera would deliver them, and what is in each."""

    snapshot: Callable[[int], bytes]
    starts: frozenset[int]  # numbers of the pictures that begin a phase
    width: int
    height: int
    people: list[list[Thing]]  # to be found, in each picture
    possible: list[list[Thing]]  # of any kind; anything else is false


@dataclass(slots=True)
class Score:
    """What a run came to."""

    people: int = 0
    found: int = 0
    runs: list[float] = field(default_factory=list)  # windows' pixels, in usual inputs
    milliseconds: list[float] = field(default_factory=list)
    decoding: list[float] = field(default_factory=list)
    false: Counter[str] = field(default_factory=Counter)
    arrivals: Counter[str] = field(default_factory=Counter)  # false ones

    def __str__(self) -> str:
        share = 100 * self.found / max(self.people, 1)
        return (
            f"{share:5.1f}% of {self.people:4}  {statistics.mean(self.runs):5.2f} runs"
            f"  {statistics.mean(self.milliseconds):6.1f} ms  decoding"
            f" {statistics.mean(self.decoding):5.1f} ms  false: {_listed(self.false)}"
            f"  false arrivals: {_listed(self.arrivals)}"
        )


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "none"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("footage", type=Path)
    parser.add_argument(
        "--ground", type=Path, nargs="+", required=True, help="pictures of still streets"
    )
    parser.add_argument("--sizes", type=float, nargs="+", default=[1, 0.75, 0.5, 0.35])
    parser.add_argument(
        "--rows", nargs="+", default=["1080", "2160", "panorama", "still"], help="what to run"
    )
    parser.add_argument("--frames", type=int, default=159, help="of each phase")
    parser.add_argument("--phases", type=int, default=1, choices=range(1, EVERY + 1))
    arguments = parser.parse_args()
    footage = read_frames(arguments.footage)
    phases = [footage[first::EVERY][: arguments.frames] for first in range(arguments.phases)]
    both = judges()
    seen = [[judge.look(frame) for judge in both] for frames in phases for frame in frames]
    engine = Engine(EngineOptions(threads=1))
    for row, (width, height) in (
        ("1080", (1920, 1080)),
        ("2160", (3840, 2160)),
        ("panorama", (7680, 2160)),
        ("still", (1920, 1080)),
    ):
        if row not in arguments.rows:
            continue
        for path in arguments.ground:
            ground = Image.open(path).convert("RGB").resize((width, height))
            background = _tiled(both[1], np.asarray(ground))
            for size in arguments.sizes:
                scene = compose(phases, seen, ground, background, size)
                heights = [each.box[3] - each.box[1] for people in scene.people for each in people]
                score = look_at_still(engine, scene) if row == "still" else look(engine, scene)
                print(
                    f"{row:8} {path.stem[:8]:8} {statistics.median(heights):4.0f} px  {score}",
                    flush=True,
                )


def compose(
    phases: list[list[Picture]],
    seen: list[list[list[Thing]]],
    ground: Image.Image,
    background: list[Thing],
    size: float,
) -> Scene:
    """The footage, at a size, in the street, in which the judge may see some things already."""
    frames = [frame for each in phases for frame in each]
    left, top = ground.width * 600 // 1920, ground.height * 300 // 1080
    height, width = (round(side * size) for side in frames[0].shape[:2])

    def moved(thing: Thing) -> Thing:
        x0, y0, x1, y1 = (each * size for each in thing.box)
        return Thing(thing.kind, thing.score, (left + x0, top + y0, left + x1, top + y1))

    def snapshot(index: int) -> bytes:
        picture = ground.copy()
        small = Image.fromarray(frames[index]).resize((width, height), Image.Resampling.LANCZOS)
        picture.paste(small if size != 1 else Image.fromarray(frames[index]), (left, top))
        return _to_jpeg(picture)

    people = [
        [
            moved(one)
            for one in both[0]
            if one.kind == "person"
            and one.score >= SURE
            and any(is_same(one, other) and other.score >= SURE for other in both[1])
            and (one.box[2] - one.box[0]) * size > LEAST_WIDTH
        ]
        for both in seen
    ]
    possible = [[*map(moved, [*both[0], *both[1]]), *background] for both in seen]
    lengths = [len(each) for each in phases]
    starts = frozenset(accumulate(lengths[:-1], initial=0))
    return Scene(snapshot, starts, ground.width, ground.height, people, possible)


def look(engine: Engine, scene: Scene) -> Score:
    """Feeds all pictures, one after the other, and what is seen in them to presence."""
    score = Score()
    for index, people in enumerate(scene.people):
        if index in scene.starts:
            engine.forget("camera")
            presence = _presence(engine)
        result = engine.classify(scene.snapshot(index), Request(camera="camera"))
        _add_times(score, result)
        _count(score, result, scene, people, scene.possible[index])
        now = index * EVERY / FPS
        update = presence.update(result, frame=index, monotonic=now, wall=now)
        for each in update.transitions:
            shown = index if each.frame is None else each.frame
            if each.kind is TransitionKind.ARRIVED and not _is_possible(
                Detection(name=each.name, score=each.score, box=each.box),
                scene,
                scene.possible[shown],
            ):
                score.arrivals[each.name] += 1
    return score


def _presence(engine: Engine) -> CameraPresence:
    classes = engine.info().classes
    presence = CameraPresence(classes)
    everywhere = Zone(id="all", name="All", classes=frozenset(each.name for each in classes))
    presence.configure((everywhere,))
    return presence


def look_at_still(engine: Engine, scene: Scene) -> Score:
    """Shows single pictures for ten seconds each: what is known at the end counts."""
    score = Score()
    for index in range(0, len(scene.people), 10):
        engine.forget("camera")
        picture = scene.snapshot(index)
        for _ in range(STILL_LOOKS):
            result = engine.classify(picture, Request(camera="camera"))
            _add_times(score, result)
        _count(score, result, scene, scene.people[index], scene.possible[index])
    return score


def _add_times(score: Score, result: Result) -> None:
    usual = default.SCENE_INPUT.width * default.SCENE_INPUT.height
    score.runs.append(sum(each.width * each.height for each in result.windows) / usual)
    score.milliseconds.append(result.timing.total - result.timing.decode)
    score.decoding.append(result.timing.decode)


def _count(
    score: Score, result: Result, scene: Scene, people: list[Thing], possible: list[Thing]
) -> None:
    things = [thing_of(each, scene.width, scene.height) for each in result.detections]
    seen = [each for each in things if each.kind == "person"]
    score.people += len(people)
    score.found += sum(any(overlap(one, each) >= FOUND for each in seen) for one in people)
    for detection in result.detections:
        if not _is_possible(detection, scene, possible):
            score.false[detection.name] += 1


def _is_possible(detection: Detection, scene: Scene, possible: list[Thing]) -> bool:
    thing = thing_of(detection, scene.width, scene.height)
    return any(thing.kind == each.kind and overlap(thing, each) >= EXPLAINED for each in possible)


def _tiled(judge: Judge, picture: Picture) -> list[Thing]:
    """What the judge may see in a large picture: as a whole, and in pieces."""
    things = judge.look(picture)
    side, step = 960, 640
    for top, left in _corners(picture.shape, step):
        for each in judge.look(picture[top : top + side, left : left + side]):
            x0, y0, x1, y1 = each.box
            things.append(Thing(each.kind, each.score, (x0 + left, y0 + top, x1 + left, y1 + top)))
    return things


def _corners(shape: tuple[int, ...], step: int) -> Iterator[tuple[int, int]]:
    for top in range(0, shape[0], step):
        for left in range(0, shape[1], step):
            yield top, left


def _to_jpeg(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=QUALITY)
    return buffer.getvalue()


if __name__ == "__main__":
    main()
