"""How well a taught class is recognised, by the number of examples and by condition.

    OPENBLAS_NUM_THREADS=1 benchmarks/teaching_on_footage.py vtest.avi    (one thread, as in the worker)

The parked van of OpenCV's vtest.avi (Debian's opencv-doc) is taught from the first frames, one every 3
seconds; everything else that is detected in these frames is the background. It is then looked for in the
frames after the first half minute. Needs ffmpeg.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from camclassify_core import Box, Detection, Engine, EngineOptions, Example, Regime, Request
from camclassify_core.teaching import Taught

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.footage import read_frames, to_jpeg  # noqa: E402
from benchmarks.simulations import CONDITIONS, Frame  # noqa: E402

_VAN = Box(x0=0.85, y0=0.07, x1=0.94, y1=0.17)
_NEAR = 0.04  # of the picture
_EXAMPLES = range(0, 300, 30)
_HELD_BACK = range(300, 795, 15)

type Seen = tuple[Example, bool]
"""An object, and whether it is the van."""


def look(engine: Engine, frame: Frame, number: int) -> list[Seen]:
    """All that is detected in a frame, with its features."""
    snapshot = to_jpeg(frame)
    result = engine.classify(snapshot, Request(use_gate=False))
    parents = {each.name: each.parents for each in engine.info().classes}
    return [
        (
            Example(
                id=str(number),
                name=None,
                camera="drive",
                box=each.box,
                regime=result.regime,
                found_as=(each.name, *parents[each.name]),
                features=engine.features(snapshot, each.box, result.regime),
            ),
            _is_van(each.box),
        )
        for each in result.detections
    ]


def recognised(taught: Taught, seen: Sequence[Seen], *, van: bool) -> str:
    """How many of the van's looks, or of all others, were taken for it."""
    tried = [example for example, is_van in seen if is_van == van]
    taken = sum(_refined(taught, example) == "our van" for example in tried)
    return f"{taken} of {len(tried)}"


def _refined(taught: Taught, example: Example) -> str:
    detection = Detection(name=example.found_as[0], score=1.0, box=example.box)
    (refined,) = taught.refine(
        "drive",
        example.regime,
        [detection],
        root=lambda _: example.found_as[-1],
        features=lambda _: example.features,
    )
    return refined.name


def _teach(seen: Sequence[Seen], count: int) -> tuple[Taught, float]:
    vans = [example for example, is_van in seen if is_van][:count]
    background = [example for example, is_van in seen if not is_van]
    started = perf_counter()
    taught = Taught(
        [replace(each, name="our van") for each in vans],
        background,
        feature_length=len(vans[0].features),
    )
    return taught, perf_counter() - started


def _is_van(box: Box) -> bool:
    return abs(box.x0 - _VAN.x0) < _NEAR and abs(box.x1 - _VAN.x1) < _NEAR and box.y1 < 0.25


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("footage", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    frames = read_frames(arguments.footage)
    engine = Engine(EngineOptions(threads=arguments.threads))
    print(
        "| condition | examples | van recognised | others taken for it | expected precision | fitted in |"
    )
    print("|---|---|---|---|---|---|")
    for condition in ("day", "night", "infrared", "rain"):
        first, later = (
            [
                each
                for number in numbers
                for each in look(engine, CONDITIONS[condition](frames[number], number), number)
            ]
            for numbers in (_EXAMPLES, _HELD_BACK)
        )
        for count in (1, 3, 6):
            taught, seconds = _teach(first, count)
            light = Regime.NIGHT if later[0][0].regime is Regime.NIGHT else Regime.DAY
            expected = taught.classes[0].expectations[light]
            print(
                f"| {condition} | {count} | {recognised(taught, later, van=True)} "
                f"| {recognised(taught, later, van=False)} "
                f"| {expected.precision:.2f} ({expected.low:.2f} to {expected.high:.2f}) "
                f"| {1000 * seconds:.0f} ms |",
                flush=True,
            )


if __name__ == "__main__":
    main()
