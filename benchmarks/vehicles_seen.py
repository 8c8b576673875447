"""How well vehicles of all sizes are seen: those of photographs, in a still street of 1920x1080.

    python -m benchmarks.vehicles_seen PHOTOGRAPH... --ground street.jpg

Of each photograph the surest vehicle is taken that the published YOLOX-Nano, unfused in plain ONNX Runtime,
finds at both of two scales, with what is around it. It appears in the street, at shares of the picture's
height and at several places, and stays for two seconds, four looks; found is what overlaps it by 0.4 in the
last. What is higher than the picture is cut by its borders. Needs `onnxruntime`.
"""

import argparse
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import numpy as np
from camclassify_core import Engine, EngineOptions, Request
from PIL import Image

from benchmarks.footage import to_jpeg
from benchmarks.judge import Judge, Thing, is_same, judges, overlap, thing_of

type Corners = tuple[float, float, float, float]

HEIGHTS = (0.03, 0.06, 0.12, 0.25, 0.4, 0.6, 0.8, 1.0, 1.3)  # of the picture's
PLACES = ((0.3, 0.45), (0.5, 0.5), (0.7, 0.6))  # of the vehicle's centre
WIDTH, HEIGHT = 1920, 1080
SURE, FOUND = 0.5, 0.4
LOOKS = 4
AROUND = 0.15  # of its sides


def surest_vehicle(picture: Image.Image, both: Sequence[Judge]) -> Thing | None:
    """The vehicle that the judges are surest of."""
    coarse, fine = (judge.look(np.asarray(picture)) for judge in both)
    sure = [
        one
        for one in fine
        if one.kind == "vehicle"
        and one.score >= SURE
        and any(is_same(one, other) and other.score >= SURE for other in coarse)
    ]
    return max(sure, key=lambda one: one.score, default=None)


def street_with(
    ground: Image.Image,
    photograph: Image.Image,
    vehicle: Thing,
    share: float,
    at: tuple[float, float],
) -> tuple[Image.Image, Corners]:
    """The street with the vehicle in it, and the part of its box that the picture shows."""
    x0, y0, x1, y1 = vehicle.box
    scale = share * HEIGHT / (y1 - y0)
    dx, dy = AROUND * (x1 - x0), AROUND * (y1 - y0)
    left, top = max(0.0, x0 - dx), max(0.0, y0 - dy)
    part = photograph.crop(
        (
            round(left),
            round(top),
            round(min(photograph.width, x1 + dx)),
            round(min(photograph.height, y1 + dy)),
        )
    )
    part = part.resize(
        (max(1, round(part.width * scale)), max(1, round(part.height * scale))),
        Image.Resampling.LANCZOS,
    )
    box_left = at[0] * WIDTH - (x1 - x0) * scale / 2
    box_top = at[1] * HEIGHT - (y1 - y0) * scale / 2
    street = ground.copy()
    street.paste(part, (round(box_left - (x0 - left) * scale), round(box_top - (y0 - top) * scale)))
    return street, (
        max(0.0, box_left),
        max(0.0, box_top),
        min(float(WIDTH), box_left + (x1 - x0) * scale),
        min(float(HEIGHT), box_top + (y1 - y0) * scale),
    )


def is_found(engine: Engine, ground: bytes, street: bytes, box: Corners) -> bool:
    """Whether the last of the looks finds it, after it appeared in an empty street."""
    engine.forget("camera")
    for _ in range(LOOKS):
        engine.classify(ground, Request(camera="camera"))
    for _ in range(LOOKS):
        result = engine.classify(street, Request(camera="camera"))
    seen = [thing_of(each, WIDTH, HEIGHT) for each in result.detections]
    there = Thing("vehicle", 1.0, box)
    return any(each.kind == "vehicle" and overlap(each, there) >= FOUND for each in seen)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photographs", type=Path, nargs="+")
    parser.add_argument("--ground", type=Path, required=True, help="a picture of a still street")
    arguments = parser.parse_args()
    both = judges()
    ground = Image.open(arguments.ground).convert("RGB").resize((WIDTH, HEIGHT))
    engine = Engine(EngineOptions())
    vehicles = []
    for path in arguments.photographs:
        photograph = Image.open(path).convert("RGB")
        vehicle = surest_vehicle(photograph, both)
        said = (
            f"{vehicle.score:.2f} at {[round(each) for each in vehicle.box]}" if vehicle else "none"
        )
        print(f"{path.name}: {said}")
        if vehicle:
            vehicles.append((path.name, photograph, vehicle))
    print("| of the height | found | not found |\n|---|---|---|")
    for share in HEIGHTS:
        missed = [
            name
            for (name, photograph, vehicle), at in product(vehicles, PLACES)
            if not _is_found_at(engine, ground, photograph, vehicle, share, at)
        ]
        total = len(vehicles) * len(PLACES)
        found = total - len(missed)
        print(f"| {share:.0%} | {found} of {total} | {', '.join(missed) or 'none'} |", flush=True)


def _is_found_at(
    engine: Engine,
    ground: Image.Image,
    photograph: Image.Image,
    vehicle: Thing,
    share: float,
    at: tuple[float, float],
) -> bool:
    street, box = street_with(ground, photograph, vehicle, share, at)
    return is_found(engine, to_jpeg(np.asarray(ground)), to_jpeg(np.asarray(street)), box)


if __name__ == "__main__":
    main()
