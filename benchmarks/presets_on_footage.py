"""A camera that goes through three presets: who arrives, and how soon its zones follow.

    python -m benchmarks.presets_on_footage vtest.avi

The footage (OpenCV's vtest.avi, Debian's opencv-doc) and two photographs of this repository lie side by
side; the camera sees a third of that, stays 20 seconds, then turns on to the next within a second, ten
times round. It is looked at five times a second, with noise as of a sensor. In each view a zone over the
whole picture is drawn during the first visit. Printed is, for what rests in each view, how often it arrived
in its own zone and how often in those of other views, before the camera had come back for the first time and
after; how often it left; and how long after the camera stood still its zone said so, and the zone of the
view before was empty. Needs ffmpeg.
"""

import argparse
import statistics
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from camclassify_core import Engine, EngineOptions, KnownView, Request
from PIL import Image

from benchmarks.footage import read_frames, to_jpeg
from benchmarks.simulations import CONDITIONS, FPS, Frame
from custom_components.camclassify.presence import CameraPresence, TransitionKind, Update, Zone

PHOTOGRAPHS = Path(__file__).parents[1] / "tests" / "photographs"
RESIDENTS = ("vehicle", "dog", "person")  # one that rests in each view
STAY, TURN = 20.0, 1.0  # seconds
LOOKS = 5  # a second
ROUNDS = 10
DRAWN = 5.0  # seconds into the first visit
NOISE = 3.0  # grey levels


@dataclass(slots=True)
class Score:
    """What a run came to; each key is the view of a zone and a class."""

    arrived_at_first: Counter[tuple[int, str]] = field(default_factory=Counter)
    arrived: Counter[tuple[int, str]] = field(default_factory=Counter)
    left: Counter[tuple[int, str]] = field(default_factory=Counter)
    on_after: list[dict[int, float]] = field(default_factory=lambda: [{}, {}, {}])  # by visit
    off_after: list[dict[int, float]] = field(default_factory=lambda: [{}, {}, {}])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("footage", type=Path)
    parser.add_argument("--conditions", nargs="+", choices=CONDITIONS, default=["day", "night"])
    arguments = parser.parse_args()
    frames = read_frames(arguments.footage)
    engine = Engine(EngineOptions(threads=1))
    print(
        "| condition | resident | arrived in its zone | in others', before it came back | after |"
        " left | zone on after | off after |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for condition in arguments.conditions:
        for row in _rows(condition, run(engine, panorama(frames, condition))):
            print(row, flush=True)


def panorama(frames: list[Frame], condition: str) -> Callable[[float, float], bytes]:
    """What the camera sees at a time, turned so many pictures to the right of the first."""
    height, width, _ = frames[0].shape
    stills = [
        np.asarray(Image.open(PHOTOGRAPHS / name).convert("RGB").resize((width, height)))
        for name in ("dog.jpg", "person.jpg")
    ]

    def snapshot(now: float, turned: float) -> bytes:
        number = round(now * FPS)
        wide = np.concatenate([frames[number % len(frames)], *stills], axis=1)
        left = round(turned * width)
        part = np.take(wide, range(left, left + width), axis=1, mode="wrap")
        noise = np.random.default_rng(number).normal(0, NOISE, part.shape)
        seen = np.clip(part + noise, 0, 255).astype(np.uint8)
        return to_jpeg(CONDITIONS[condition](seen, number))

    return snapshot


def run(engine: Engine, snapshot: Callable[[float, float], bytes]) -> Score:
    """Go through the presets, and count what is reported."""
    engine.forget("benchmark")
    classes = engine.info().classes
    presence = CameraPresence(classes)
    names = frozenset(each.name for each in classes)
    zones = [Zone(id="all", name="All", classes=names)]
    presence.configure(zones)
    score, regime = Score(), None
    for number, (now, visit, standing) in enumerate(_looks()):
        view = visit % len(RESIDENTS)
        turned = view + min(0.0, standing / TURN)
        request = Request(
            camera="benchmark",
            min_score=presence.min_score(regime) if regime else None,
            views=tuple(KnownView(likeness=each) for each in presence.views.known.values()),
        )
        result = engine.classify(snapshot(now, turned % len(RESIDENTS)), request)
        regime = result.regime
        update = presence.update(result, frame=number, monotonic=1000 + now, wall=1e9 + now)
        if visit == len(zones) - 1 < len(RESIDENTS) and standing >= DRAWN:
            likeness = presence.views.known[presence.views.shown or 0]
            zones.append(Zone(id=str(view), name=str(view), classes=names, view=likeness))
            presence.configure(zones)
        _count(score, update, knows=presence.views.turns)
        if visit >= len(RESIDENTS) and standing >= 0:
            _time(score, update, visit, standing)
    return score


def _looks() -> Iterator[tuple[float, int, float]]:
    """Yield the time, the number of the visit, and since when the camera stands; negative while it turns."""
    for visit in range(ROUNDS * len(RESIDENTS)):
        for look in range(round((TURN + STAY) * LOOKS)):
            since = look / LOOKS
            yield visit * (TURN + STAY) + since, visit, since - TURN


def _count(score: Score, update: Update, *, knows: bool) -> None:
    for each in update.transitions:
        if each.zone == "all":
            continue
        if each.kind is TransitionKind.LEFT:
            counter = score.left
        else:
            counter = score.arrived if knows else score.arrived_at_first
        counter[int(each.zone), each.name] += 1


def _time(score: Score, update: Update, visit: int, standing: float) -> None:
    """Note when, in this visit, the resident was first there, and the zone of the view before empty."""
    view, before = (each % len(RESIDENTS) for each in (visit, visit - 1))
    if update.present(str(view), RESIDENTS[view]):
        score.on_after[view].setdefault(visit, standing)
    if not update.counts[str(before)]:
        score.off_after[before].setdefault(visit, standing)


def _rows(condition: str, score: Score) -> Iterator[str]:
    for view, resident in enumerate(RESIDENTS):
        others = [each for each in range(len(RESIDENTS)) if each != view]

        def elsewhere(counter: Counter[tuple[int, str]], name: str = resident) -> int:
            return sum(counter[each, name] for each in others)

        own = score.arrived_at_first[view, resident] + score.arrived[view, resident]
        yield (
            f"| {condition} | {resident} | {own} | {elsewhere(score.arrived_at_first)} "
            f"| {elsewhere(score.arrived)} | {score.left[view, resident]} "
            f"| {_times(score.on_after[view])} | {_times(score.off_after[view])} |"
        )


def _times(by_visit: dict[int, float]) -> str:
    if not by_visit:
        return "never"
    seconds = by_visit.values()
    return f"{statistics.median(seconds):.1f} s, at most {max(seconds):.1f} s in {len(seconds)}"


if __name__ == "__main__":
    main()
