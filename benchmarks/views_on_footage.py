"""How surely a camera's view is recognised, in bad conditions and from other places.

    python -m benchmarks.views_on_footage vtest.avi

The footage is OpenCV's vtest.avi (Debian's opencv-doc), every fifth frame of it. Printed is how many
pictures of a view, in simulated bad conditions, are taken for the view that the first frame shows by day,
and the other way round; and how many pairs of pictures of 384 x 216, at different times, are taken for the
same view where they show the same place, and where they show places that lie more than 15% of the width or
20% of the height apart. Needs ffmpeg.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from camclassify_core import Engine, EngineOptions, KnownView, Request

from benchmarks.footage import read_frames, to_jpeg
from benchmarks.simulations import CONDITIONS, Frame

_EVERY = 5  # frames
_PAIRS = 300
_WIDTH, _HEIGHT = 384, 216


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("footage", type=Path)
    frames = read_frames(parser.parse_args().footage)[::_EVERY]
    views = Views()
    day = views.likeness(frames[0])
    print(f"{'condition':18} {'known by day':>14} {'knows the day':>14}")
    for name, condition in CONDITIONS.items():
        changed = [condition(frame, number * _EVERY) for number, frame in enumerate(frames)]
        forth = [views.shows(frame, day) for frame in changed]
        back = [views.shows(frames[0], views.likeness(frame)) for frame in changed]
        print(f"{name:18} {np.mean(forth):14.1%} {np.mean(back):14.1%}")
    for name, pairs in (
        ("same place", places(frames, different=False)),
        ("other places", places(frames, different=True)),
    ):
        print(f"{name:18} {np.mean([views.shows(b, views.likeness(a)) for a, b in pairs]):14.1%}")


class Views:
    """What the engine says about views."""

    def __init__(self) -> None:
        self._engine = Engine(EngineOptions(classes=("person",)))

    def likeness(self, frame: Frame) -> bytes | None:
        """What the view of a frame is known by."""
        view = self._engine.classify(to_jpeg(frame), Request(camera="any")).view
        return view.likeness if view else None

    def shows(self, frame: Frame, likeness: bytes | None) -> bool:
        """Whether a frame shows a known view. In what shows nothing, nothing is known."""
        views = (KnownView(likeness=likeness),) if likeness else ()
        request = Request(camera="any", views=views)
        view = self._engine.classify(to_jpeg(frame), request).view
        return view is not None and (view.known == 0 or likeness is None)


def places(frames: list[Frame], *, different: bool) -> Iterator[tuple[Frame, Frame]]:
    """Pairs of parts of the frames, at the same place or at different ones."""
    random = np.random.default_rng(0)
    height, width, _ = frames[0].shape
    count = 0
    while count < _PAIRS:
        times = random.integers(len(frames), size=2)
        (x0, x1), (y0, y1) = (
            random.integers(most, size=2) for most in (width - _WIDTH, height - _HEIGHT)
        )
        if not different:
            x1, y1 = x0, y0
        elif abs(x1 - x0) <= 0.15 * _WIDTH and abs(y1 - y0) <= 0.2 * _HEIGHT:
            continue
        count += 1
        first, second = (frames[time] for time in times)
        yield (
            first[y0 : y0 + _HEIGHT, x0 : x0 + _WIDTH],
            second[y1 : y1 + _HEIGHT, x1 : x1 + _WIDTH],
        )


if __name__ == "__main__":
    main()
