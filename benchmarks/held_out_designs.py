"""Predicts, builds and measures random designs that calibration never saw (docs/planner.md).

    camclassify calibrate
    benchmarks/held_out_designs.py [N] [--runner direct] [--threads 1] [--json > verdicts.jsonl]

Calibration draws layers, not families, and never these resolutions or numbers of heads. Nothing like a
sandglass, whose channels fall to a sixth and rise again in every block, comes up in it.
"""

import argparse
import random
from contextlib import closing
from pathlib import Path

from camclassify_core.cli import plan_output
from camclassify_core.cli.arguments import positive, threads
from camclassify_core.cli.output import ProgressBar
from camclassify_core.machine import this_machine
from camclassify_core.native import core
from camclassify_core.options import Precision
from camclassify_core.planner.designs import (
    PRECISIONS,
    Design,
    DesignRunner,
    Execution,
    Family,
    Head,
    Trunk,
)
from camclassify_core.planner.profile import default_path, load
from camclassify_core.planner.verify import verify

_COUNT = 64
_SEED = 11
_WIDTHS = (0.3, 0.45, 0.6, 0.8, 1.1, 1.3)
_DEPTHS = (0.6, 0.9, 1.1)
_RESOLUTIONS = (288, 352, 384, 416)
_HEAD_WIDTHS = (24, 40, 56, 80, 112, 160)


def held_out_designs(
    count: int, seed: int, runner: DesignRunner, threads: int = 1
) -> tuple[Design, ...]:
    """Designs whose widths, resolutions, depths and numbers of heads calibration never saw."""
    draw = random.Random(seed)
    families = list(Family)
    designs = []
    for index in range(count):
        family = families[index % len(families)]
        precision = PRECISIONS[index // len(families) % len(PRECISIONS)]
        designs.append(_design(draw, index, family, precision, runner, threads))
    return tuple(designs)


def _design(
    draw: random.Random,
    index: int,
    family: Family,
    precision: Precision,
    runner: DesignRunner,
    threads: int,
) -> Design:
    trunk = Trunk(
        family=family,
        width=draw.choice(_WIDTHS),
        depth=draw.choice(_DEPTHS),
        resolution=draw.choice(_RESOLUTIONS),
    )
    heads = _heads(draw, draw.randint(5, 8), _HEAD_WIDTHS)
    return Design(
        name=f"{index + 1}: {family} {trunk.width:g}/{trunk.depth:g} at {trunk.resolution},"
        f" {len(heads)} heads, {precision}",
        trunk=trunk,
        heads=heads,
        execution=draw.choice((Execution.SERIAL, Execution.FUSED)),
        precision=precision,
        runner=runner,
        threads=threads,
    )


def _heads(draw: random.Random, count: int, widths: tuple[int, ...]) -> tuple[Head, ...]:
    return tuple(
        Head(
            name=f"head {index + 1}",
            classes=draw.randint(1, 20),
            layers=draw.randint(0, 3),
            width=draw.choice(widths),
            tap=draw.randint(3, 5),
        )
        for index in range(count)
    )


def main() -> None:
    """Prints predicted against measured, for every runner and number of threads that was calibrated."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "count", nargs="?", type=positive, default=_COUNT, metavar="N", help="designs a runner"
    )
    parser.add_argument(
        "--runner",
        choices=[each.value for each in DesignRunner],
        help="for this one only, as a design names it (docs/planner.md)",
    )
    parser.add_argument("--threads", type=threads, metavar="N", help="on N threads only")
    parser.add_argument("--profile", type=Path, metavar="FILE", help="what `calibrate` wrote")
    parser.add_argument("--json", action="store_true", help="print a line of JSON per result")
    arguments = parser.parse_args()
    profile = load(arguments.profile or default_path(), this_machine(core.instruction_set()))
    known = sorted({setting.threads for setting in profile.costs})
    for count in [arguments.threads] if arguments.threads else known:
        for runner in [DesignRunner(arguments.runner)] if arguments.runner else list(DesignRunner):
            designs = held_out_designs(arguments.count, _SEED, runner, count)
            with closing(ProgressBar()) as progress:
                verdicts = verify(designs, profile, progress)
            if arguments.json:
                plan_output.print_verdict_lines(verdicts)
            else:
                print(f"\n{len(designs)} designs, {runner}, threads: {count}\n")
                plan_output.print_verdicts(verdicts, profile.reference_ms)


if __name__ == "__main__":
    main()
