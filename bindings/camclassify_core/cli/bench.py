"""`camclassify bench`: how fast it is on this machine."""

from argparse import Namespace
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from .arguments import (
    add_engine_arguments,
    add_json_argument,
    chart,
    engine_options,
    positive,
    rate,
    refuse_beside,
)
from .output import ProgressBar, print_json, print_table
from .parser import Parser

if TYPE_CHECKING:
    from camclassify_core.bench.comparison import Comparison
    from camclassify_core.bench.networks import BenchNetwork

_ROUNDS = 200
_PACED_SECONDS = 20.0
_EXAMPLES = """
camclassify bench --snapshot driveway.jpg
camclassify bench --bundle whole --plot chart.svg     after: camclassify bundle build whole
camclassify bench --cameras 4 --paced 2     what four cameras take, at two frames a second each
camclassify bench model.onnx --ops          where the time of any network goes
"""


def add_arguments(parser: Parser) -> None:
    """Gives the command its arguments."""
    parser.does(run, examples=_EXAMPLES)
    parser.add_argument(
        "models",
        nargs="*",
        type=Path,
        metavar="MODEL",
        help="ONNX files whose networks are measured, in place of a bundle's and of all around them",
    )
    parser.add_argument(
        "--snapshot",
        type=Path,
        action="append",
        metavar="FILE",
        help="a picture to measure with, may be given several times (default: a synthetic one)",
    )
    parser.add_argument(
        "--paced", type=rate, metavar="FPS", help="as if frames came at this rate, not in a loop"
    )
    parser.add_argument("--ops", action="store_true", help="also time each op of our networks")
    parser.add_argument(
        "--plot", type=chart, metavar="FILE", help="also draw a chart, into an .svg or .png"
    )
    parser.add_argument(
        "--cameras",
        type=positive,
        metavar="N",
        help="instead: the processor time that N cameras take, busy and static, each with --paced frames"
        " a second (default: 1)",
    )
    add_engine_arguments(parser)
    add_json_argument(parser)


def run(arguments: Namespace) -> int:
    """Measures and prints one comparison after the other."""
    _refuse_what_means_nothing(arguments)
    if arguments.cameras:
        return _run_cameras(arguments)
    from . import bench_output

    if arguments.plot:  # what is missing for it is told before all is measured
        from camclassify_core.bench.plot import plot
    comparisons = []
    with closing(ProgressBar()) as progress:
        for comparison in _comparisons(arguments, progress):
            progress.close()
            comparisons.append(comparison)
            if arguments.json:
                bench_output.print_lines(comparison)
            else:
                bench_output.print_comparison(comparison)
    if arguments.ops:
        _print_ops(arguments)
    if arguments.plot:
        plot(comparisons, arguments.plot)
    bench_output.refuse_disagreement(comparisons)
    return 0


def _refuse_what_means_nothing(arguments: Namespace) -> None:
    if arguments.models:
        of_bundles = ("--bundle", "--snapshot", "--cameras", "--runner", "--precision", "--unfused")
        refuse_beside(arguments, "MODEL", *of_bundles)
    if arguments.cameras:
        refuse_beside(arguments, "--cameras", "--ops", "--plot")


def _run_cameras(arguments: Namespace) -> int:
    from camclassify_core.bench.cameras import camera_loads

    with closing(ProgressBar()) as progress:
        loads = camera_loads(
            _pictures(arguments),
            engine_options(arguments),
            cameras=arguments.cameras,
            fps=arguments.paced or 1.0,
            seconds=_PACED_SECONDS,
            progress=progress,
        )
    if arguments.json:
        for load in loads:
            print_json(asdict(load))
        return 0
    print(f"{loads[0].cameras} cameras at {loads[0].fps:g} frames a second each\n")
    print_table(
        [
            [load.scene, f"{load.core_percent:.1f}%", f"{load.cpu_ms_per_frame:.1f}"]
            for load in loads
        ],
        header=["scenes", "of one core", "CPU ms a frame"],
    )
    return 0


def _comparisons(arguments: Namespace, progress: ProgressBar) -> Iterator[Comparison]:
    from camclassify_core.bench.networks import compare_network
    from camclassify_core.bench.snapshots import compare_pictures, compare_snapshots
    from camclassify_core.bundle.manifest import Manifest

    options = engine_options(arguments)
    period = 1.0 / arguments.paced if arguments.paced else 0.0
    rounds = max(1, round(_PACED_SECONDS / period)) if period else _ROUNDS
    for network in _networks(arguments):
        yield compare_network(
            network,
            threads=options.threads,
            rounds=rounds,
            period=period,
            progress=progress,
        )
    if arguments.models:
        return
    pictures = _pictures(arguments)
    wanted = Manifest.read(_bundle(arguments)).scenes[0].input
    yield compare_pictures(pictures[0], wanted, rounds=rounds, progress=progress)
    yield compare_snapshots(pictures, options, rounds=rounds, period=period, progress=progress)


def _networks(arguments: Namespace) -> list[BenchNetwork]:
    from camclassify_core.bench.networks import bundle_networks, file_network

    if arguments.models:
        return [file_network(model) for model in arguments.models]
    return bundle_networks(_bundle(arguments), _pictures(arguments))


def _bundle(arguments: Namespace) -> Path:
    from camclassify_core.bundle.places import default_bundle

    chosen: Path | None = arguments.bundle
    return chosen or default_bundle()


def _pictures(arguments: Namespace) -> list[bytes]:
    from camclassify_core.native import core
    from camclassify_core.sample import sample_snapshot

    if arguments.snapshot:
        return [file.read_bytes() for file in arguments.snapshot]
    return [core.draw_boxes(sample_snapshot(1920, 1080), [])]


def _print_ops(arguments: Namespace) -> None:
    from camclassify_core.bench.networks import time_ops

    for network in _networks(arguments):
        rows = list(time_ops(network, engine_options(arguments).threads, _ROUNDS))
        if arguments.json:
            for row in rows:
                print_json({"op": row.name} | asdict(row))
        else:
            print(f"\nops of network {network.name}, median ms")
            print_table(
                [[row.precision, row.type, row.name, f"{row.milliseconds:.3f}"] for row in rows],
                header=["precision", "op", "output", "ms"],
            )
