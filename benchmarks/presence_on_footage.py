"""How presence does on real footage, as filmed and under simulated bad conditions.

    benchmarks/presence_on_footage.py vtest.avi [--conditions day rain ...] [--rates 10 5 2 1]

The footage is OpenCV's vtest.avi (Debian's opencv-doc): a van and a car are parked in it all the time,
people pass, a signpost looks like one. Every frame goes through the engine as a camera's JPEG would,
and its result through presence with a zone for each third of the picture. Needs ffmpeg.

What was really there is what the published network, unfused in plain ONNX Runtime, finds in the
undisturbed frames, all 10 a second, at two scales. A person counts as there while one was detected in
the zone; presence may turn on `_SETTLE` seconds late and turn off `_HOLD` seconds late.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from camclassify_core import Box, Detection, Engine, EngineOptions, KnownView, Request

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.footage import read_frames, to_jpeg  # noqa: E402
from benchmarks.judge import Thing, is_same, judges  # noqa: E402
from benchmarks.simulations import CONDITIONS, FPS, Frame  # noqa: E402
from custom_components.camclassify.presence import (  # noqa: E402
    CameraPresence,
    Polygon,
    Transition,
    TransitionKind,
    Zone,
)

_CERTAIN, _POSSIBLE = 0.6, 0.3  # scores from which a person was surely, or perhaps, there
_SIGNPOST = Box(x0=0.02, y0=0.15, x1=0.08, y1=0.27)
_SETTLE, _HOLD = 3.0, 15.0  # seconds
_AROUND = 0.5  # seconds: somebody who passes the signpost is hidden from the judge for as long
_NEAR = 0.06  # of the picture: an arrival's box and a person that far apart are the same
_THERE = {"person", "vehicle", "car", "delivery_truck"}

THIRDS = tuple(
    Zone(
        id=name,
        name=name.title(),
        polygon=Polygon.of([(x / 3, 0), ((x + 1) / 3, 0), ((x + 1) / 3, 1), (x / 3, 1)]),
        classes=frozenset({"person"}),
    )
    for x, name in enumerate(("left", "middle", "right"))
)


@dataclass
class Score:
    """What a run came to."""

    frames: int = 0
    present: Counter[str] = field(default_factory=Counter)
    arrived: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    false_people: int = 0
    agreed: int = 0
    judged: int = 0
    skipped: int = 0


def find_people(frames: list[Frame]) -> list[list[Detection]]:
    """The people in each undisturbed frame, by the published network; the signpost left out.

    The score is the mean of what both of its scales say.
    """
    coarse, fine = judges()
    found = []
    for number, frame in enumerate(frames):
        if number % 50 == 0:
            print(f"\rlooking at what is there: {number} of {len(frames)}", end="", file=sys.stderr)
        others = coarse.look(frame)
        people = [each for each in fine.look(frame) if each.kind == "person"]
        found.append([_person(each, others, frame) for each in people])
        found[-1] = [
            each for each in found[-1] if each.score >= _POSSIBLE and not _is_post(each.box)
        ]
    print("\r", end="", file=sys.stderr)
    return found


def _person(seen: Thing, others: list[Thing], frame: Frame) -> Detection:
    second = max((each.score for each in others if is_same(seen, each)), default=0)
    height, width = frame.shape[:2]
    x0, y0, x1, y1 = seen.box
    box = Box(x0=x0 / width, y0=y0 / height, x1=x1 / width, y1=y1 / height)
    return Detection(name="person", score=(seen.score + second) / 2, box=box)


def run(
    engine: Engine, snapshot: Callable[[int], bytes], people: list[list[Detection]], rate: int
) -> Score:
    """Feed the snapshots, by their number, at a rate, and judge what presence made of them."""
    engine.forget("benchmark")
    classes = engine.info().classes
    presence = CameraPresence(classes)
    everywhere = Zone(id="all", name="All", classes=frozenset(each.name for each in classes))
    presence.configure((everywhere, *THIRDS))
    score = Score()
    regime = None
    for number in range(0, len(people), FPS // rate):
        result = engine.classify(
            snapshot(number),
            Request(
                camera="benchmark",
                min_score=presence.min_score(regime) if regime else None,
                views=tuple(KnownView(likeness=each) for each in presence.views.known.values()),
            ),
        )
        regime = result.regime
        now = number / FPS
        update = presence.update(result, frame=number, monotonic=1000 + now, wall=1e9 + now)
        score.frames += 1
        score.skipped += not result.changed
        score.present.update(update.counts["all"].keys())
        for each in update.transitions:
            if each.zone == "all":
                _count(score, each, people)
        for zone in THIRDS:
            expected = _expected(people, zone, number)
            if expected is not None:
                score.judged += 1
                score.agreed += update.present(zone.id, "person") == expected
    return score


def _count(score: Score, transition: Transition, people: list[list[Detection]]) -> None:
    if transition.kind is TransitionKind.LEFT:
        score.left[transition.name] += 1
        return
    score.arrived[transition.name] += 1
    if transition.name == "person" and transition.frame is not None:
        around = round(_AROUND * FPS)
        near = people[max(0, transition.frame - around) : transition.frame + around + 1]
        score.false_people += not any(
            _is_near(transition.box, each.box) for frame in near for each in frame
        )


def _expected(people: list[list[Detection]], zone: Zone, number: int) -> bool | None:
    """Whether a person is there; none while it is a matter of timing or of doubt."""
    settling = people[max(0, number - round(_SETTLE * FPS)) : number + 1]
    if all(any(_stands_in(each, zone, _CERTAIN) for each in frame) for frame in settling):
        return True if number >= _SETTLE * FPS else None
    holding = people[max(0, number - round(_HOLD * FPS)) : number + 1]
    if not any(_stands_in(each, zone, _POSSIBLE) for frame in holding for each in frame):
        return False
    return None


def _stands_in(person: Detection, zone: Zone, score: float) -> bool:
    foot = ((person.box.x0 + person.box.x1) / 2, min(1.0, person.box.y1))
    return person.score >= score and zone.polygon.contains(foot)


def _is_post(box: Box) -> bool:
    return box.x0 >= _SIGNPOST.x0 and box.x1 <= _SIGNPOST.x1 and box.y1 <= _SIGNPOST.y1


def _is_near(a: Box, b: Box) -> bool:
    return (
        abs(a.x0 + a.x1 - b.x0 - b.x1) / 2 <= _NEAR and abs(a.y0 + a.y1 - b.y0 - b.y1) / 2 <= _NEAR
    )


def _rows(arguments: argparse.Namespace) -> Iterator[str]:
    frames = read_frames(arguments.footage)
    engine = Engine(EngineOptions(threads=arguments.threads))
    people = find_people(frames)
    yield (
        "| condition | fps | vehicle: arrived, left, present | delivery_truck: arrived, present "
        "| person: arrived, false, present | person agrees | other classes | gate closed |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    for condition in arguments.conditions:

        @cache
        def snapshot(number: int, condition: str = condition) -> bytes:
            return to_jpeg(CONDITIONS[condition](frames[number], number))

        for rate in arguments.rates:
            score = run(engine, snapshot, people, rate)

            def share(name: str, score: Score = score) -> str:
                return f"{100 * score.present[name] / score.frames:.0f}%"

            others = {name: count for name, count in score.arrived.items() if name not in _THERE}
            yield (
                f"| {condition} | {rate} "
                f"| {score.arrived['vehicle']}, {score.left['vehicle']}, {share('vehicle')} "
                f"| {score.arrived['delivery_truck']}, {share('delivery_truck')} "
                f"| {score.arrived['person']}, {score.false_people}, {share('person')} "
                f"| {100 * score.agreed / score.judged:.1f}% of {score.judged} "
                f"| {others or 'none'} | {100 * score.skipped / score.frames:.0f}% |"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("footage", type=Path)
    parser.add_argument("--conditions", nargs="+", choices=CONDITIONS, default=list(CONDITIONS))
    parser.add_argument(
        "--rates", nargs="+", type=int, choices=(1, 2, 5, 10), default=[10, 5, 2, 1]
    )
    parser.add_argument("--threads", type=int, default=1)
    for row in _rows(parser.parse_args()):
        print(row, flush=True)


if __name__ == "__main__":
    main()
