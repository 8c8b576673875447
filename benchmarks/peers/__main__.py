"""CamClassify and other engines at the same work, side by side (docs/performance.md).

    pip install 'camclassify[tools]' -r benchmarks/peers/requirements.txt
    python -m benchmarks.peers --snapshot a-1080p-picture.jpg --plot chart.svg
    python -m benchmarks.peers --as avx2 ...     # as if this processor were an older one
    python -m benchmarks.peers model.onnx

Exits with 1 if somebody computes something else in fp32.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from camclassify_core.bench.comparison import Comparison
from camclassify_core.bench.networks import (
    BenchNetwork,
    bundle_networks,
    compare_network,
    file_network,
)
from camclassify_core.bench.plot import plot
from camclassify_core.bench.snapshots import compare_pictures, compare_snapshots
from camclassify_core.bundle.manifest import Manifest, ObjectEntry, SceneEntry
from camclassify_core.cli import bench_output
from camclassify_core.cli.arguments import chart, rate, threads
from camclassify_core.cli.error_output import EXPECTED, tell, warn
from camclassify_core.cli.output import ProgressBar, print_json, print_table
from camclassify_core.errors import CamClassifyError
from camclassify_core.native import core
from camclassify_core.options import EngineOptions
from camclassify_core.sample import sample_snapshot

from . import lesser_processor
from .entries import PEERS, Entry, installed, original_file, our_entries, peer_entries
from .loading import loading

WHOLE_BUNDLE = Path(__file__).parents[2] / "models" / "default"
_REMEDY = "Run: pip install -r benchmarks/peers/requirements.txt"
_ROUNDS = 200
_PACED_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Work:
    """What is measured, and how often: `period` is the seconds from one frame to the next, 0 for none."""

    bundle: Path
    models: list[Path]
    snapshots: list[bytes]
    threads: int
    rounds: int
    period: float
    as_json: bool

    def networks(self) -> Iterator[tuple[BenchNetwork, Path]]:
        """Networks with the file that peers get."""
        if self.models:
            yield from ((file_network(model), model) for model in self.models)
            return
        manifest = Manifest.read(self.bundle)
        entries: list[SceneEntry | ObjectEntry] = [*manifest.scenes, *manifest.objects]
        for network, entry in zip(
            bundle_networks(self.bundle, self.snapshots), entries, strict=True
        ):
            yield network, original_file(entry, self.bundle)


def main(argv: list[str] | None = None) -> int:
    """Measures and prints one comparison after the other."""
    argv = sys.argv[1:] if argv is None else argv
    arguments = _parser().parse_args(argv)
    try:
        _check_installed(arguments.models)
        if arguments.processor and not lesser_processor.is_seen(arguments.processor):
            return lesser_processor.run(arguments.processor, ["-m", __package__, *argv])
        comparisons = []
        with closing(ProgressBar()) as progress:
            for comparison in _comparisons(_work(arguments), progress):
                progress.close()
                comparisons.append(comparison)
                if arguments.json:
                    bench_output.print_lines(comparison)
                else:
                    bench_output.print_comparison(comparison)
        if arguments.plot:
            plot(comparisons, arguments.plot)
        bench_output.refuse_disagreement(comparisons)
    except EXPECTED as error:
        return tell(error, as_json=arguments.json)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.peers",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "models",
        nargs="*",
        type=Path,
        metavar="MODEL",
        help="ONNX files, in place of a bundle's networks and of all around them",
    )
    parser.add_argument(
        "--bundle",
        type=Path,
        default=WHOLE_BUNDLE,
        metavar="DIR",
        help="one with the networks as published, as `camclassify bundle build` writes it"
        " (default: that of the repository)",
    )
    parser.add_argument(
        "--snapshot",
        type=Path,
        action="append",
        metavar="FILE",
        help="a picture to measure with, may be given several times (default: a synthetic one)",
    )
    parser.add_argument("--threads", type=threads, default=1, metavar="N")
    parser.add_argument(
        "--as",
        dest="processor",
        choices=lesser_processor.PROCESSORS,
        help="all take this processor for one that has no more; needs cc and objdump",
    )
    parser.add_argument(
        "--paced", type=rate, metavar="FPS", help="as if frames came at this rate, not in a loop"
    )
    parser.add_argument("--plot", type=chart, metavar="FILE", help="also draw a chart")
    parser.add_argument("--json", action="store_true", help="print a line of JSON per result")
    return parser


def _work(arguments: argparse.Namespace) -> Work:
    period = 1.0 / arguments.paced if arguments.paced else 0.0
    snapshots = [file.read_bytes() for file in arguments.snapshot or ()]
    return Work(
        bundle=arguments.bundle,
        models=arguments.models,
        snapshots=snapshots or [core.draw_boxes(sample_snapshot(1920, 1080), [])],
        threads=arguments.threads,
        rounds=max(1, round(_PACED_SECONDS / period)) if period else _ROUNDS,
        period=period,
        as_json=arguments.json,
    )


def _check_installed(models: list[Path]) -> None:
    """Says what is missing before all is measured. Raises `CamClassifyError` if that is too much."""
    missing = sorted(PEERS.keys() - set(installed()))
    if len(missing) == len(PEERS):
        raise CamClassifyError(f"No other engine is installed. {_REMEDY}")
    if not models and not find_spec("cv2"):
        raise CamClassifyError(f"cv2 is missing. {_REMEDY}")
    if missing:
        warn(f"{', '.join(missing)} are left out, as they are not installed. {_REMEDY}")


def _comparisons(work: Work, progress: ProgressBar) -> Iterator[Comparison]:
    for network, original in work.networks():
        yield from _of_network(network, original, work, progress)
    if work.models:
        return
    from .pipeline import pictures, pipelines

    manifest = Manifest.read(work.bundle)
    wanted = manifest.scenes[0].input
    yield compare_pictures(
        work.snapshots[0],
        wanted,
        rounds=work.rounds,
        progress=progress,
        beside=pictures(work.snapshots[0], (wanted.width, wanted.height)),
    )
    if not manifest.objects:
        return  # what is around the networks elsewhere takes both
    yield compare_snapshots(
        work.snapshots,
        EngineOptions(bundle=work.bundle, threads=work.threads),
        rounds=work.rounds,
        period=work.period,
        progress=progress,
        beside=pipelines(work.bundle, work.threads, work.snapshots),
    )


def _of_network(
    network: BenchNetwork, original: Path, work: Work, progress: ProgressBar
) -> Iterator[Comparison]:
    with TemporaryDirectory() as folder:
        progress(f"Preparing {network.name} for peers", 0.0)
        peers, left_out = peer_entries(network, original, Path(folder))
        yield compare_network(
            network,
            threads=work.threads,
            rounds=work.rounds,
            period=work.period,
            progress=progress,
            beside=[entry.open(work.threads) for entry in peers],
        )
        for sentence in left_out:
            warn(sentence)
        _print_loading(network.name, [*our_entries(network), *peers], work)


def _print_loading(network: str, entries: list[Entry], work: Work) -> None:
    """What it takes from the file to the first answer."""
    found = [(entry, loading(entry, work.threads)) for entry in entries]
    if work.as_json:
        for entry, each in found:
            engine = entry.module.rpartition(".")[2]
            print_json(
                {"loading": network, "engine": engine, "precision": entry.precision} | asdict(each)
            )
        return
    print(f"\nloading network {network}")
    print_table(
        [
            [
                entry.module.rpartition(".")[2],
                entry.precision,
                f"{each.load_ms:.0f}",
                f"{each.memory_mib:.0f}",
            ]
            for entry, each in found
        ],
        header=["engine", "precision", "load ms", "MiB"],
    )


if __name__ == "__main__":
    sys.exit(main())
