"""`camclassify bench`: how fast it is on this machine, side by side with peers."""

import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from camclassify_core.errors import CamClassifyError

from .arguments import add_engine_arguments, add_json_argument, engine_options
from .output import Progress, print_json, print_table

if TYPE_CHECKING:
    from camclassify_core.bench.comparison import Comparison, Row

_ROUNDS = 200
_PACED_SECONDS = 20.0


def add_parser(commands: _SubParsersAction[ArgumentParser]) -> None:
    """Adds the command."""
    parser = commands.add_parser("bench", help="measure the speed on this machine")
    parser.add_argument(
        "models", nargs="*", type=Path, metavar="MODEL", help="ONNX files in place of the bundle"
    )
    add_engine_arguments(parser)
    parser.add_argument(
        "--snapshot",
        type=Path,
        action="append",
        metavar="FILE",
        help="a picture to measure with, may be given several times (default: a synthetic one)",
    )
    parser.add_argument("--peers", action="store_true", help="also measure other engines")
    parser.add_argument(
        "--paced", type=float, metavar="FPS", help="as if frames came at this rate, not in a loop"
    )
    parser.add_argument("--plot", type=Path, metavar="SVG", help="also draw a chart")
    add_json_argument(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Measures and prints one comparison after the other."""
    if arguments.peers:
        _check_peers()
    comparisons = []
    with closing(Progress()) as progress:
        for comparison in _comparisons(arguments, progress):
            progress.close()
            comparisons.append(comparison)
            (_print_json if arguments.json else _print)(comparison)
    if arguments.plot:
        from camclassify_core.bench.plot import plot

        plot(comparisons, arguments.plot)
    return 0


def _comparisons(arguments: Namespace, progress: Progress) -> Iterator[Comparison]:
    from camclassify_core.bench import networks, snapshots
    from camclassify_core.bundles import default_bundle
    from camclassify_core.native import core
    from camclassify_core.sample import sample_snapshot

    options = engine_options(arguments)
    period = 1.0 / arguments.paced if arguments.paced else 0.0
    settings = {
        "rounds": _ROUNDS if not period else max(1, round(_PACED_SECONDS / period)),
        "period": period,
        "peers": arguments.peers,
        "progress": progress,
    }
    if arguments.models:
        for model in arguments.models:
            network = networks.file_network(model)
            yield networks.compare_network(network, threads=arguments.threads, **settings)
        return
    if arguments.snapshot:
        pictures = [file.read_bytes() for file in arguments.snapshot]
    else:
        pictures = [core.draw_boxes(sample_snapshot(1920, 1080), [])]
    for network in networks.bundle_networks(options.bundle or default_bundle(), pictures):
        yield networks.compare_network(network, threads=arguments.threads, **settings)
    yield snapshots.compare_snapshots(pictures, options, **settings)


def _check_peers() -> None:
    from camclassify_core.bench.networks import PEERS, installed_peers

    missing = sorted(PEERS.keys() - set(installed_peers()))
    advice = "Run: pip install 'camclassify[peers]'"
    if len(missing) == len(PEERS):
        raise CamClassifyError(f"No other engine is installed. {advice}")
    if missing:
        print(f"Left out, not installed: {', '.join(missing)}. {advice}", file=sys.stderr)


def _print_json(comparison: Comparison) -> None:
    for row in comparison.rows:
        print_json({"comparison": comparison.title} | asdict(row))


def _print(comparison: Comparison) -> None:
    precisions = list(comparison.rows[0].faster)
    header = ["engine", "precision", "median ms", "p10 ms", "CPU ms", "difference"]
    header += [f"our {precision} is faster" for precision in precisions]
    if comparison.rows[0].footprint:
        header += ["load ms", "MiB"]
    print(f"\n{comparison.title}")
    print_table([_cells(row) for row in comparison.rows], header=header)


def _cells(row: Row) -> list[str]:
    cells = [row.name, row.precision]
    cells += [f"{number:.2f}" for number in (row.median_ms, row.p10_ms, row.cpu_ms)]
    cells += [f"{row.difference:.1e}", *map(str, row.faster.values())]
    if row.footprint:
        cells += [f"{row.footprint.load_ms:.0f}", f"{row.footprint.memory_mib:.0f}"]
    return cells
