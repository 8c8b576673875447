"""`camclassify classify`: says what is in pictures."""

from argparse import ArgumentParser, Namespace, _SubParsersAction
from itertools import count
from pathlib import Path

from camclassify_core.codec import Json, result_to_json
from camclassify_core.engine import Engine
from camclassify_core.errors import SnapshotError

from .arguments import add_engine_arguments, add_json_argument, engine_options
from .output import print_json, print_table


def add_parser(commands: _SubParsersAction[ArgumentParser]) -> None:
    """Adds the command."""
    parser = commands.add_parser("classify", help="say what is in pictures")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a JPEG or PNG")
    add_engine_arguments(parser)
    parser.add_argument(
        "--save-annotated",
        type=Path,
        metavar="DIR",
        help="also write each picture, with a box around what was found, into this folder;"
        " nothing that is there is overwritten",
    )
    add_json_argument(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Classifies file after file; one that cannot be read does not stop the others."""
    engine = Engine(engine_options(arguments))
    if arguments.save_annotated:
        arguments.save_annotated.mkdir(parents=True, exist_ok=True)
    show = print_json if arguments.json else _print_for_people
    failed = False
    for file in arguments.files:
        try:
            answer = _classify(engine, file, arguments.save_annotated)
        except (OSError, SnapshotError) as error:
            failed = True
            answer = {"error": _sentence(error)}
        show({"file": str(file)} | answer)
    return int(failed)


def _classify(engine: Engine, file: Path, annotated: Path | None) -> Json:
    snapshot = file.read_bytes()
    result = engine.classify(snapshot)
    if annotated:
        boxes = [found.box for found in result.detections]
        _write_new(annotated, file.stem, engine.draw_boxes(snapshot, boxes))
    return result_to_json(result)


def _write_new(folder: Path, stem: str, picture: bytes) -> None:
    """Writes `stem`.jpg, or the first of `stem`-2.jpg, `stem`-3.jpg ... that is not there yet."""
    for number in count(1):
        try:
            with (folder / f"{stem}{f'-{number}' * (number > 1)}.jpg").open("xb") as file:
                file.write(picture)
        except FileExistsError:
            continue
        return


def _sentence(error: OSError | SnapshotError) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return str(error)


def _print_for_people(answer: Json) -> None:
    if error := answer.get("error"):
        print(f"{answer['file']}: {error}")
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
