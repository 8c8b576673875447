"""Who arrives before a camera that looks steeply down: frames of a film, at several rates.

    python -m benchmarks.steep_view FOLDER [--filmed 12.5] [--rates 12.5 5 2]

The folder holds the film's frames as JPEGs, in the order of their names. Every arrival is printed with the
second at which presence told of it, and the place where it was seen.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from camclassify_core import Engine, EngineOptions, KnownView, Request

from custom_components.camclassify.presence import CameraPresence, Transition, TransitionKind, Zone


def arrivals(
    engine: Engine, frames: Sequence[bytes], filmed: float, rate: float
) -> Iterator[tuple[float, Transition]]:
    """Show the frames at a rate, and yield who arrives, with the second."""
    engine.forget("benchmark")
    classes = engine.info().classes
    presence = CameraPresence(classes)
    names = frozenset(each.name for each in classes)
    presence.configure((Zone(id="all", name="All", classes=names),))
    for shown in range(int(len(frames) * rate / filmed) + 1):
        number = round(shown * filmed / rate)
        if number >= len(frames):
            return
        result = engine.classify(
            frames[number],
            Request(
                camera="benchmark",
                views=tuple(KnownView(likeness=each) for each in presence.views.known.values()),
                min_score=0.3,
            ),
        )
        now = shown / rate
        update = presence.update(result, frame=number, monotonic=1000 + now, wall=1e9 + now)
        for each in update.transitions:
            if each.kind is TransitionKind.ARRIVED:
                yield now, each


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--filmed", type=float, default=12.5, help="frames a second of the film")
    parser.add_argument("--rates", type=float, nargs="+", default=[12.5, 5.0, 2.0])
    arguments = parser.parse_args()
    frames = [path.read_bytes() for path in sorted(arguments.folder.glob("*.jpg"))]
    if not frames:
        parser.error(f"{arguments.folder} holds no JPEGs (*.jpg)")
    engine = Engine(EngineOptions())
    print("| frames a second | second | arrived | object | score | at |\n|---|---|---|---|---|---|")
    for rate in arguments.rates:
        for second, each in arrivals(engine, frames, arguments.filmed, rate):
            x, y = (each.box.x0 + each.box.x1) / 2, (each.box.y0 + each.box.y1) / 2
            print(
                f"| {rate:g} | {second:.1f} | {each.name} | {each.track} | {each.score:.2f} "
                f"| {x:.0%}, {y:.0%} |"
            )


if __name__ == "__main__":
    main()
