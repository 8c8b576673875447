"""What is seen in photographs in which there is nobody: monuments, landscapes, statues, a crab.

    python -m benchmarks.look_alikes FOLDER_OR_FILE... [--crops FOLDER]

Takes those photographs that nobody_there.txt names out of folders, and out of GCompris' files of resources
(.rcc). Each is what a camera shows for ten seconds, two looks a second; what is known at the end counts.
docs/seeing.md says of which packages the photographs are. Of the creatures, animals are no mistake.
"""

import argparse
import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from camclassify_core import Detection, Engine, EngineOptions, Request
from PIL import Image, UnidentifiedImageError

from benchmarks.footage import to_jpeg

NAMES = Path(__file__).with_name("nobody_there.txt")
LOOKS = 20
LARGEST = 1920  # pixels of a side
AROUND = 0.6  # of a detection's sides, in its crop


def sections() -> dict[str, list[str]]:
    """The names of the photographs by what is in them."""
    found: dict[str, list[str]] = {}
    for block in NAMES.read_text().split("\n\n")[1:]:
        title, *lines = block.strip().splitlines()
        found[title.removeprefix("# ")] = " ".join(lines).split()
    return found


def resources(file: Path) -> Iterator[Image.Image]:
    """The pictures of a file of Qt's resources, each of which its length stands before."""
    data = file.read_bytes()
    end = 0
    for match in re.finditer(rb"\xff\xd8\xff[\xdb\xe0\xe1]|RIFF....WEBP", data, re.DOTALL):
        if match.start() < end:
            continue
        length = int.from_bytes(data[match.start() - 4 : match.start()])
        try:
            picture = Image.open(io.BytesIO(data[match.start() : match.start() + length]))
        except UnidentifiedImageError:
            continue  # bytes of something else that look like the beginning of one
        end = match.start() + length
        yield picture


def photographs(sources: list[Path], names: set[str]) -> dict[str, Image.Image]:
    """Those of the named photographs that there are."""
    found: dict[str, Image.Image] = {}
    for source in sources:
        if source.suffix == ".rcc":
            for number, picture in enumerate(resources(source)):
                if (name := f"{source.name}/{number}") in names:
                    found[name] = picture
            continue
        for file in sorted(source.rglob("*")):
            for name in (file.name, f"{file.parent.parent.parent.name}/{file.name}"):
                if name in names and name not in found:
                    found[name] = Image.open(file)
    return found


def shown(picture: Image.Image) -> Image.Image:
    """As a camera delivers it; what is transparent is grey."""
    ground = Image.new("RGBA", picture.size, (120, 120, 110, 255))
    ground.alpha_composite(picture.convert("RGBA"))
    ground.thumbnail((LARGEST, LARGEST))
    return ground.convert("RGB")


def seen_in(engine: Engine, picture: Image.Image) -> tuple[Detection, ...]:
    """What is known of a still picture after ten seconds."""
    engine.forget("camera")
    snapshot = to_jpeg(np.asarray(picture))
    for _ in range(LOOKS):
        result = engine.classify(snapshot, Request(camera="camera"))
    return result.detections


def crop(picture: Image.Image, detection: Detection) -> Image.Image:
    """A detection with what is around it."""
    box = detection.box
    dx, dy = AROUND * (box.x1 - box.x0), AROUND * (box.y1 - box.y0)
    left, top = max(0.0, box.x0 - dx), max(0.0, box.y0 - dy)
    right, bottom = min(1.0, box.x1 + dx), min(1.0, box.y1 + dy)
    width, height = picture.size
    return picture.crop(
        (round(left * width), round(top * height), round(right * width), round(bottom * height))
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sources", type=Path, nargs="+", metavar="FOLDER_OR_FILE")
    parser.add_argument("--crops", type=Path, help="a folder for what was seen")
    arguments = parser.parse_args()
    engine = Engine(EngineOptions())
    for title, names in sections().items():
        found = photographs(arguments.sources, set(names))
        mistaken = 0
        for name, picture in found.items():
            camera = shown(picture)
            detections = seen_in(engine, camera)
            mistaken += bool(detections)
            for number, each in enumerate(detections):
                print(f"{name}: {each.name} {each.score:.2f}", flush=True)
                if arguments.crops:
                    arguments.crops.mkdir(parents=True, exist_ok=True)
                    file = f"{name.replace('/', '-')}-{number}-{each.name}.png"
                    crop(camera, each).save(arguments.crops / file)
        print(f"{title}: something seen in {mistaken} of {len(found)} photographs\n", flush=True)


if __name__ == "__main__":
    main()
