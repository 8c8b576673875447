"""A camera that goes through three presets: who arrives, and how soon its zones follow.

    python -m benchmarks.presets_on_footage vtest.avi

The footage (OpenCV's vtest.avi, Debian's opencv-doc) and two photographs of this repository lie side by
side; the camera sees a third of that, stays 20 seconds, then turns on to the next within a second, ten
times round. It is looked at five times a second, with noise as of a sensor. During the first visit of each
view, a zone over the whole picture is drawn there. Printed is for each view: how often what rests there
arrived and left in all rounds together; how long after the camera stood still its zone said what is there,
and the zone of the view before was empty; and in how many looks a zone of another view was occupied, until
the camera had come back to the first view and after that. Needs ffmpeg.
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
RESIDENTS = (("vehicle",), ("dog", "bicycle", "vehicle"), ("person", "animal"))  # by the view
VIEWS = len(RESIDENTS)
STAY, TURN = 20.0, 1.0  # seconds
LOOKS = 5  # a second
ROUNDS = 10
DRAWN = 5.0  # seconds into the first visit
NOISE = 3.0  # grey levels
SUN = {"night": -20.0}  # degrees, where it is not day


@dataclass(slots=True)
class Score:
    """What a run came to in one view."""

    arrived: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    on_after: dict[int, float] = field(default_factory=dict)  # seconds by visit
    off_after: dict[int, float] = field(default_factory=dict)
    misled_at_first: int = 0  # looks
    misled: int = 0


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
        "| condition | arrived | left | zone on after | off after "
        "| zones of others on, before it came back | after |"
    )
    print("|---|---|---|---|---|---|---|")
    for condition in arguments.conditions:
        for view, score in enumerate(
            run(engine, panorama(frames, condition), SUN.get(condition, 40.0))
        ):
            print(f"| {condition} | {_row(RESIDENTS[view], score)} |", flush=True)


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


def run(
    engine: Engine, snapshot: Callable[[float, float], bytes], sun_elevation: float
) -> list[Score]:
    """Go through the presets, and count what is reported."""
    engine.forget("benchmark")
    classes = engine.info().classes
    presence = CameraPresence(classes)
    names = frozenset(each.name for each in classes)
    zones = [Zone(id="all", name="All", classes=names)]
    presence.configure(zones)
    scores, regime = [Score() for _ in range(VIEWS)], None
    for number, (now, visit, standing) in enumerate(_looks()):
        view = visit % VIEWS
        turned = view + min(0.0, standing / TURN)
        request = Request(
            camera="benchmark",
            sun_elevation=sun_elevation,
            min_score=presence.min_score(regime) if regime else None,
            views=tuple(KnownView(likeness=each) for each in presence.views.known.values()),
        )
        result = engine.classify(snapshot(now, turned % VIEWS), request)
        regime = result.regime
        update = presence.update(result, frame=number, monotonic=1000 + now, wall=1e9 + now)
        if visit == len(zones) - 1 < VIEWS and standing >= DRAWN:
            likeness = presence.views.known[presence.views.shown or 0]
            zones.append(Zone(id=str(view), name=str(view), classes=names, view=likeness))
            presence.configure(zones)
        _count(scores[view], update)
        if visit >= VIEWS and standing >= 0:
            _time(scores, update, visit, standing)
        if standing > 0:
            others = (str(each) for each in range(VIEWS) if each != view)
            is_misled = any(update.counts.get(each) for each in others)
            scores[view].misled += is_misled and presence.views.turns
            scores[view].misled_at_first += is_misled and not presence.views.turns
    return scores


def _looks() -> Iterator[tuple[float, int, float]]:
    """Yield the time, the number of the visit, and since when the camera stands; negative while it turns."""
    for visit in range(ROUNDS * VIEWS):
        for look in range(round((TURN + STAY) * LOOKS)):
            since = look / LOOKS
            yield visit * (TURN + STAY) + since, visit, since - TURN


def _count(score: Score, update: Update) -> None:
    for each in update.transitions:
        if each.zone == "all":
            arrived = each.kind is TransitionKind.ARRIVED
            (score.arrived if arrived else score.left)[each.name] += 1


def _time(scores: list[Score], update: Update, visit: int, standing: float) -> None:
    """Note when, in this visit, all residents were first there, and the zone of the view before empty."""
    view, before = (each % VIEWS for each in (visit, visit - 1))
    if all(update.present(str(view), each) for each in RESIDENTS[view]):
        scores[view].on_after.setdefault(visit, standing)
    if not update.counts[str(before)]:
        scores[before].off_after.setdefault(visit, standing)


def _row(residents: tuple[str, ...], score: Score) -> str:
    arrived = ", ".join(f"{each} {score.arrived[each]}" for each in residents)
    left = ", ".join(f"{each} {score.left[each]}" for each in residents)
    return (
        f"{arrived} | {left} | {_times(score.on_after)} | {_times(score.off_after)} "
        f"| {score.misled_at_first} | {score.misled}"
    )


def _times(by_visit: dict[int, float]) -> str:
    if not by_visit:
        return "never"
    seconds = by_visit.values()
    return f"{statistics.median(seconds):.1f} s, at most {max(seconds):.1f} s in {len(seconds)}"


if __name__ == "__main__":
    main()
