"""`camclassify plan`: which design is fastest on this machine, without building it."""

import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from camclassify_core.planner.designs import Runner

from .arguments import (
    add_json_argument,
    add_places_argument,
    add_profile_argument,
    positive,
    profile_path,
)
from .output import Progress

if TYPE_CHECKING:
    from camclassify_core.planner.designs import Design
    from camclassify_core.planner.predict import Prediction
    from camclassify_core.planner.profile import Profile

_HELD_OUT = 64
_HELD_OUT_SEED = 11


def add_parser(commands: _SubParsersAction[ArgumentParser]) -> None:
    """Adds the command."""
    parser = commands.add_parser("plan", help="predict which network architecture is fastest here")
    parser.add_argument(
        "designs",
        nargs="?",
        type=Path,
        metavar="DESIGNS.yaml",
        help="architectures to compare (default: those of the question; docs/planner.md)",
    )
    parser.add_argument("--verify", action="store_true", help="build every design and measure it")
    parser.add_argument(
        "--held-out",
        nargs="?",
        type=positive,
        const=_HELD_OUT,
        metavar="N",
        help=f"with --verify: N ({_HELD_OUT}) random designs a runner instead, unlike any calibrated",
    )
    parser.add_argument(
        "--runner",
        choices=[one.value for one in Runner],
        help="with --held-out: designs for this runner only",
    )
    parser.add_argument(
        "--threads", type=positive, metavar="N", help="with --held-out: on N threads only"
    )
    parser.add_argument("--explain", action="store_true", help="what dominates each design")
    parser.add_argument(
        "--plot", type=Path, metavar="FILE", help="latency against memory, SVG or PNG"
    )
    parser.add_argument("--force", action="store_true", help="use another machine's profile")
    add_profile_argument(parser)
    add_places_argument(parser)
    add_json_argument(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Predicts, recommends, and proves if asked to."""
    from camclassify_core.native import core
    from camclassify_core.planner.design_file import read_designs
    from camclassify_core.planner.machine import this_machine
    from camclassify_core.planner.profile import load
    from camclassify_core.planner.recommend import recommend

    from . import plan_output

    profile = load(
        profile_path(arguments), this_machine(core.instruction_set()), force=arguments.force
    )
    if arguments.verify and arguments.held_out:
        return _prove_held_out(profile, arguments)
    designs = read_designs(arguments.designs or _question())
    predictions, unknown = _predict(designs, profile, dict(arguments.bundle))
    recommendation = recommend(predictions, profile)
    if arguments.json:
        plan_output.print_lines(predictions, recommendation)
    else:
        plan_output.print_tables(predictions, recommendation, explain=arguments.explain)
    for name, why in unknown.items():
        print(f"camclassify: {name!r} is left out: {why}", file=sys.stderr)
    if arguments.plot:
        from camclassify_core.planner.chart import draw

        draw(predictions, arguments.plot)
    if arguments.verify:
        if built := _built_by(predictions):
            return _prove(built, profile, arguments)
        print(
            "camclassify: there is nothing to verify: these networks exist, and were run just now",
            file=sys.stderr,
        )
    return 0


def _predict(
    designs: tuple[Design, ...], profile: Profile, places: Mapping[str, Path]
) -> tuple[list[Prediction], dict[str, str]]:
    """What the profile says of the designs, and of which it can say nothing, and why.

    Raises ProfileError if it can tell of none.
    """
    from camclassify_core.planner.predict import predict
    from camclassify_core.planner.profile import ProfileError

    predictions: list[Prediction] = []
    unknown: dict[str, str] = {}
    for design in designs:
        try:
            if design.trunk.bundles:
                from camclassify_core.planner.existing import predict_existing

                predictions.append(predict_existing(design, profile, places))
            else:
                predictions.append(predict(design, profile))
        except ProfileError as error:
            unknown[design.name] = str(error)
            if len(unknown) == len(designs):
                raise
    return predictions, unknown


def _built_by(predictions: list[Prediction]) -> tuple[Design, ...]:
    """The designs that verification builds: networks that exist were run to predict them."""
    return tuple(each.design for each in predictions if not each.design.trunk.bundles)


def _question() -> Path:
    from camclassify_core import planner

    return Path(planner.__path__[0], "examples", "question.yaml")


def _prove(designs: tuple[Design, ...], profile: Profile, arguments: Namespace) -> int:
    from camclassify_core.planner.verify import verify

    from . import plan_output

    progress = Progress()
    try:
        verdicts = verify(designs, profile, progress)
    finally:
        progress.close()
    if arguments.json:
        plan_output.print_verdict_lines(verdicts)
    else:
        print()
        plan_output.print_verdicts(verdicts, profile.reference_ms)
    return 0


def _prove_held_out(profile: Profile, arguments: Namespace) -> int:
    from camclassify_core.planner.held_out import held_out_designs

    known = sorted({setting.threads for setting in profile.costs})
    for threads in [arguments.threads] if arguments.threads else known:
        for runner in [Runner(arguments.runner)] if arguments.runner else Runner:
            designs = held_out_designs(arguments.held_out, _HELD_OUT_SEED, runner, threads)
            if not arguments.json:
                on = "one thread" if threads == 1 else f"{threads} threads"
                print(f"\n{len(designs)} designs that calibration never saw, {runner}, {on}:")
            _prove(designs, profile, arguments)
    return 0
