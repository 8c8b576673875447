"""`camclassify bundle`: build, inspect, import and compose bundles."""

from argparse import Namespace
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from camclassify_core.engine import Engine
from camclassify_core.options import EngineOptions, Precision
from camclassify_core.progress import Progress
from camclassify_core.side_by_side import Tally

from . import bundle_compose
from .arguments import add_json_argument, one_or_three, positive, refuse_beside, share, whole
from .output import ProgressBar, print_json, print_table
from .parser import Parser, add_command

if TYPE_CHECKING:
    from camclassify_core.bundle.build import NetworkReport

_GREY = 114
_BUILD_EXAMPLES = """
camclassify bundle build new
camclassify bundle build new --downloads packages --photographs pictures
"""
_INSPECT_EXAMPLES = """
camclassify bundle inspect             the built-in bundle
camclassify bundle inspect mine --json | jq '.manifest.classes[].name'
"""
_IMPORT_EXAMPLES = """
camclassify bundle import yolov8n.onnx mine --class-names coco.txt
camclassify bundle import yolox.onnx mine --class-names coco.txt --order bgr --divide 1
camclassify bundle import resnet.onnx mine --class-names kinds.txt --fit stretch \\
    --subtract 123.7,116.3,103.5 --divide 58.4,57.1,57.4
"""


def add_arguments(parser: Parser) -> None:
    """Gives the command its actions."""
    actions = parser.add_commands("ACTION")
    for name, summary, add in (
        (
            "build",
            "build the default bundle from the packages that publish its weights",
            _add_build_arguments,
        ),
        ("inspect", "print what a bundle holds", _add_inspect_arguments),
        (
            "import",
            "make a bundle of an ONNX detector or classifier of your own",
            _add_import_arguments,
        ),
        (
            "compose",
            "make a bundle that carries out a design with networks that exist",
            bundle_compose.add_arguments,
        ),
    ):
        add_command(actions, name, summary, add)


def _add_build_arguments(build: Parser) -> None:
    build.does(run_build, examples=_BUILD_EXAMPLES)
    _add_directory(build)
    build.add_argument(
        "--downloads", type=Path, metavar="DIR", help="keep the packages here for the next time"
    )
    build.add_argument(
        "--photographs",
        type=Path,
        metavar="DIR",
        help="calibrate int8 anew on the pictures in this folder, and print what int8 costs",
    )
    add_json_argument(build)


def _add_inspect_arguments(inspect: Parser) -> None:
    inspect.does(run_inspect, examples=_INSPECT_EXAMPLES)
    inspect.add_argument(
        "directory",
        type=Path,
        nargs="?",
        metavar="DIR",
        help="the bundle (default: the built-in one)",
    )
    add_json_argument(inspect)


def _add_import_arguments(importing: Parser) -> None:
    importing.does(run_import, examples=_IMPORT_EXAMPLES)
    importing.add_argument("model", type=Path, metavar="MODEL.onnx", help="the network")
    _add_directory(importing)
    importing.add_argument(
        "--class-names",
        type=Path,
        required=True,
        metavar="FILE",
        help="a text file with a class name per line, in the order of the model's scores",
    )
    for side in ("width", "height"):
        importing.add_argument(
            f"--{side}",
            type=positive,
            metavar="PIXELS",
            help=f"{side} of the input, where the model leaves it open",
        )
    importing.add_argument(
        "--order",
        choices=["rgb", "bgr"],
        default="rgb",
        help="order of a pixel's channels (default: rgb)",
    )
    importing.add_argument(
        "--fit",
        choices=["letterbox", "stretch"],
        default="letterbox",
        help="how a picture of another shape becomes the input: with bars (the default), or distorted",
    )
    importing.add_argument(
        "--pad",
        type=whole(0, 255),
        metavar="GREY",
        help=f"colour of the bars, 0 to 255 (default: {_GREY})",
    )
    importing.add_argument(
        "--subtract",
        type=one_or_three,
        default=(0.0,),
        metavar="X[,X,X]",
        help="the model reads (pixel - subtract) / divide, of a pixel 0 to 255; one number for all"
        " channels, or three (default: 0)",
    )
    importing.add_argument(
        "--divide",
        type=one_or_three,
        default=(255.0,),
        metavar="X[,X,X]",
        help="see --subtract (default: 255)",
    )
    importing.add_argument(
        "--boxes",
        choices=["xyxy", "yxyx", "cxcywh"],
        default="xyxy",
        help="what the four numbers of a box are, in a detector that does not tell (default: xyxy)",
    )
    importing.add_argument(
        "--threshold",
        type=share,
        default=0.45,
        metavar="X",
        help="score from which something counts as found, 0 to 1 (default: 0.45)",
    )
    importing.add_argument(
        "--photographs",
        type=Path,
        metavar="DIR",
        help="add int8, calibrated and refined on the pictures below this folder, best snapshots of your own"
        " cameras; takes minutes, and says what int8 costs",
    )
    add_json_argument(importing)


def _add_directory(parser: Parser) -> None:
    parser.add_argument(
        "directory", type=Path, metavar="DIR", help="where the bundle is written: new, or empty"
    )


def run_build(arguments: Namespace) -> int:
    """Builds the default bundle."""
    from camclassify_core.bundle.build import build

    with closing(ProgressBar()) as progress:
        reports = build(
            arguments.directory,
            downloads=arguments.downloads,
            photographs=arguments.photographs,
            progress=progress,
        )
    if arguments.json:
        print_json(
            {
                "bundle": str(arguments.directory),
                "networks": [asdict(report) for report in reports],
            }
        )
        return 0
    for report in reports:
        _print_report(report)
    print(f"The bundle is in {arguments.directory}.")
    return 0


def _print_report(report: NetworkReport) -> None:
    print(f"{report.name}: {report.fusion}")
    if report.costs:
        rows = [[cost.op, cost.value, f"{cost.signal_to_noise_db:.1f}"] for cost in report.costs]
        print_table(rows, header=["op", "value", "int8 signal to noise, dB"])


def run_inspect(arguments: Namespace) -> int:
    """Prints a bundle's networks, heads and classes."""
    from camclassify_core.bundle.inspection import inspect
    from camclassify_core.bundle.places import default_bundle

    summary = inspect(arguments.directory or default_bundle())
    if arguments.json:
        print_json(asdict(summary))
        return 0
    manifest = summary.manifest
    print(f"{manifest.name}, version {manifest.version}\n")
    print_table(
        [
            [file.path, file.precision, f"{file.size / 1e6:.1f}", str(file.nodes)]
            for file in summary.files
        ],
        header=["file", "precision", "MB", "operators"],
    )
    print()
    print_table(
        [
            [each.name, " > ".join(each.parents), "on" if each.on_by_default else ""]
            for each in manifest.classes
        ],
        header=["class", "is a", "by default"],
    )
    return 0


def _int8_cost(directory: Path, photographs: Sequence[Path], progress: Progress) -> Tally:
    """What int8 finds in these photographs beside what fp32 finds."""
    tally = Tally()
    if photographs:
        exact, rounded = (
            Engine(EngineOptions(bundle=directory, precision=each))
            for each in (Precision.FP32, Precision.INT8)
        )
        for number, file in enumerate(photographs):
            progress("Comparing int8 with fp32", number / len(photographs))
            snapshot = file.read_bytes()
            tally.add((exact.classify(snapshot), rounded.classify(snapshot)))
    return tally


def _sentence(cost: Tally) -> str:
    if not cost.found:
        return "neither it nor fp32 finds anything there, so that nothing shows what it costs."
    forth, back = cost.share(0), cost.share(1)
    return f"it finds {forth:.1%} of what fp32 finds, and fp32 finds {back:.1%} of what it finds."


def run_import(arguments: Namespace) -> int:
    """Imports a model."""
    if arguments.fit == "stretch":
        refuse_beside(arguments, "--fit stretch", "--pad")
    from camclassify_core.bundle.importing import ImportOptions, import_model

    options = ImportOptions(
        classes=arguments.class_names,
        width=arguments.width,
        height=arguments.height,
        order=arguments.order,
        fit=arguments.fit,
        pad=_GREY if arguments.pad is None else arguments.pad,
        subtract=arguments.subtract,
        divide=arguments.divide,
        boxes=arguments.boxes,
        threshold=arguments.threshold,
        photographs=arguments.photographs,
    )
    with closing(ProgressBar()) as progress:
        report = import_model(arguments.model, arguments.directory, options, progress=progress)
        cost = _int8_cost(arguments.directory, report.judged, progress)
    if arguments.json:
        kept = [round(cost.share(which), 4) for which in (0, 1)] if cost.found else None
        fusion = asdict(report.fusion)
        print_json(
            {
                "bundle": str(arguments.directory),
                "layout": report.layout,
                "fusion": fusion,
                "int8_found_by_the_other": kept,
            }
        )
        return 0
    print(f"Taken for: {report.layout}\n{report.fusion}")
    if not report.fusion.complete:
        print("Standard operators need ONNX Runtime: camclassify[onnxruntime].")
    if cost.snapshots:
        print(f"int8, on {cost.snapshots} photographs that were held out: {_sentence(cost)}")
    elif arguments.photographs:
        print("What int8 costs was not judged: that takes at least 8 photographs.")
    print(f"The bundle is in {arguments.directory}.")
    return 0
