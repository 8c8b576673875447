"""`camclassify classify`: says what is in pictures."""

import sys
from argparse import Namespace
from contextlib import closing
from pathlib import Path

from camclassify_core.codec import Json, result_to_json
from camclassify_core.engine import Engine
from camclassify_core.errors import SnapshotError
from camclassify_core.options import EngineOptions, Request

from .arguments import (
    add_engine_arguments,
    add_json_argument,
    engine_options,
    names,
    refuse_without,
    share,
)
from .error_output import UsageError, error_to_json, warn
from .output import ProgressBar, print_json, print_table
from .parser import Parser
from .pictures import Picture, find_pictures, place_drawings

_EXAMPLES = """
camclassify classify driveway.jpg                       what is in a picture
camclassify classify recordings --json > found.jsonl    in every picture below a folder
curl -s http://camera/snapshot.jpg | camclassify classify -
camclassify classify garden.jpg --classes person,animal --min-score 0.6
camclassify classify recordings --output boxes          with a box around what was found
"""


def add_arguments(parser: Parser) -> None:
    """Gives the command its arguments."""
    parser.does(run, examples=_EXAMPLES)
    parser.add_argument(
        "pictures",
        nargs="+",
        metavar="PICTURE",
        help="a JPEG, PNG or WebP file; a folder, for the .jpg, .jpeg, .png and .webp files below it, in the"
        " order of their paths and without hidden ones; or - for a picture from standard input",
    )
    parser.add_argument(
        "--classes",
        type=names,
        metavar="NAME,...",
        help="look for these only; what is finer is reported as the nearest of them",
    )
    parser.add_argument(
        "--min-score",
        type=share,
        metavar="X",
        help="report what scores at least this, 0 to 1, instead of the bundle's thresholds",
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="PATH",
        help="also write each picture with a box around what was found, as JPEG: into this folder,"
        " under its own name and that of the folder it was found in, or, if it ends with .jpg and"
        " there is one picture, into this file",
    )
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="let --output replace files that are there, but never a picture that is classified",
    )
    add_engine_arguments(parser)
    add_json_argument(parser)


def run(arguments: Namespace) -> int:
    """Classifies picture after picture; one that cannot be read does not stop the others."""
    refuse_without(arguments, "--output", "--overwrite")
    options = engine_options(arguments, classes=arguments.classes or ())
    _check_classes(options)
    pictures = find_pictures(arguments.pictures, leave_out=arguments.output)
    places: dict[Picture, Path] = {}
    if arguments.output:
        places = place_drawings(pictures, arguments.output, overwrite=arguments.overwrite)
    engine = Engine(options)
    request = Request(min_score=arguments.min_score)
    failed = False
    with closing(ProgressBar()) as progress:
        for done, picture in enumerate(pictures):
            if not sys.stdout.isatty():  # where results are not seen to come
                progress(picture.name, done / len(pictures))
            answer: Json = {"file": picture.name}
            try:
                snapshot = picture.read()
                result = engine.classify(snapshot, request)
                answer |= result_to_json(result)
                if picture in places:
                    boxes = [found.box for found in result.detections]
                    drawing = engine.draw_boxes(snapshot, boxes)
                    _write(drawing, places[picture], overwrite=arguments.overwrite)
                    answer["output"] = str(places[picture])
            except (OSError, SnapshotError) as error:
                failed = True
                if isinstance(error, OSError) and error.filename == picture.name:
                    error.filename = None  # the line starts with it
                answer = {"file": picture.name, "error": error_to_json(error)}
                progress.close()
            (print_json if arguments.json else _print_for_people)(answer)
    return int(failed)


def _check_classes(options: EngineOptions) -> None:
    if options.classes:
        from camclassify_core.bundle.manifest import Manifest
        from camclassify_core.bundle.places import default_bundle

        known = [each.name for each in Manifest.read(options.bundle or default_bundle()).classes]
        for name in options.classes:
            if name not in known:
                raise UsageError(
                    f"--classes: {name!r} is none of this bundle's: {', '.join(known)}"
                )


def _write(drawing: bytes, place: Path, *, overwrite: bool) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("wb" if overwrite else "xb") as file:
        file.write(drawing)


def _print_for_people(answer: Json) -> None:
    if error := answer.get("error"):
        warn(f"{answer['file']}: {error['message']}")
        return
    width, height = answer["size"]
    total = answer["timing_ms"]["total"]
    print(f"{answer['file']}: {width} x {height}, {answer['regime']}, {total:.1f} ms")
    rows = [
        ["", found["class"], f"{found['score']:.2f}", _place(found["box"], width, height)]
        for found in answer["detections"]
    ]
    print_table(rows or [["", "nothing"]])


def _place(box: list[float], width: int, height: int) -> str:
    x0, y0, x1, y1 = box
    left, top = round(x0 * width), round(y0 * height)
    return f"{round(x1 * width) - left} x {round(y1 * height) - top} at {left}, {top}"
