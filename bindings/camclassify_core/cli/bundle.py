"""`camclassify bundle`: build, inspect, import and compose bundles."""

from argparse import ArgumentParser, Namespace, _SubParsersAction
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from . import bundle_compose
from .arguments import add_json_argument, positive
from .output import Progress, print_json, print_table

if TYPE_CHECKING:
    from camclassify_core.bundles.build import NetworkReport


def add_parser(commands: _SubParsersAction[ArgumentParser]) -> None:
    """Adds the command."""
    parser = commands.add_parser("bundle", help="build, inspect, import and compose bundles")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    _add_build(actions)
    _add_inspect(actions)
    _add_import(actions)
    bundle_compose.add_parser(actions)


def _add_build(actions: _SubParsersAction[ArgumentParser]) -> None:
    build = actions.add_parser(
        "build", help="build the default bundle from the packages that publish its weights"
    )
    build.add_argument("directory", type=Path, metavar="DIR")
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
    build.set_defaults(run=run_build)


def _add_inspect(actions: _SubParsersAction[ArgumentParser]) -> None:
    inspect = actions.add_parser("inspect", help="print what a bundle holds")
    inspect.add_argument(
        "directory", type=Path, nargs="?", metavar="DIR", help="default: the built-in bundle"
    )
    add_json_argument(inspect)
    inspect.set_defaults(run=run_inspect)


def _add_import(actions: _SubParsersAction[ArgumentParser]) -> None:
    importing = actions.add_parser(
        "import", help="make a bundle of an ONNX detector or classifier of your own"
    )
    importing.add_argument("model", type=Path, metavar="MODEL.onnx")
    importing.add_argument("directory", type=Path, metavar="DIR")
    importing.add_argument(
        "--classes",
        type=Path,
        required=True,
        metavar="FILE",
        help="class names, one per line, in the order of the model's scores",
    )
    importing.add_argument("--width", type=positive, help="where the model leaves it open")
    importing.add_argument("--height", type=positive, help="where the model leaves it open")
    importing.add_argument("--order", choices=["rgb", "bgr"], default="rgb")
    importing.add_argument("--fit", choices=["letterbox", "stretch"], default="letterbox")
    importing.add_argument("--pad", type=int, default=114, help="grey around a letterboxed picture")
    importing.add_argument(
        "--subtract",
        type=float,
        nargs="+",
        default=[0.0],
        metavar="X",
        help="(pixel - subtract) / divide is what the model reads; one number or three",
    )
    importing.add_argument("--divide", type=float, nargs="+", default=[255.0], metavar="X")
    importing.add_argument(
        "--boxes", choices=["xyxy", "yxyx", "cxcywh"], default="xyxy", help="order within a box"
    )
    importing.add_argument("--threshold", type=float, default=0.45)
    importing.add_argument(
        "--photographs", type=Path, metavar="DIR", help="add int8, calibrated on these pictures"
    )
    add_json_argument(importing)
    importing.set_defaults(run=run_import)


def run_build(arguments: Namespace) -> int:
    """Builds the default bundle."""
    from camclassify_core.bundles.build import build

    with closing(Progress()) as progress:
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
    from camclassify_core.bundles import default_bundle
    from camclassify_core.bundles.inspection import inspect

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


def run_import(arguments: Namespace) -> int:
    """Imports a model."""
    from camclassify_core.bundles.importing import ImportOptions, import_model

    options = ImportOptions(
        classes=arguments.classes,
        width=arguments.width,
        height=arguments.height,
        order=arguments.order,
        fit=arguments.fit,
        pad=arguments.pad,
        subtract=arguments.subtract,
        divide=arguments.divide,
        boxes=arguments.boxes,
        threshold=arguments.threshold,
        photographs=arguments.photographs,
    )
    with closing(Progress()) as progress:
        report = import_model(arguments.model, arguments.directory, options, progress=progress)
    if arguments.json:
        print_json({"bundle": str(arguments.directory), **asdict(report)})
        return 0
    print(f"Taken for: {report.layout}\n{report.fusion}")
    if not report.fusion.complete:
        print("Standard operators need ONNX Runtime: camclassify[onnxruntime].")
    print(f"The bundle is in {arguments.directory}.")
    return 0
