"""`camclassify plan`: which design is fastest on this machine, without building it."""

from argparse import Namespace
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from .arguments import (
    add_json_argument,
    add_places_argument,
    add_profile_argument,
    chart,
    places,
    profile_path,
    refuse_beside,
)
from .error_output import warn
from .output import ProgressBar
from .parser import Parser
from .plan_fleet import add_fleet_arguments, is_for_fleet, plan_fleet

if TYPE_CHECKING:
    from camclassify_core.planner.designs import Design
    from camclassify_core.planner.predict import Prediction
    from camclassify_core.planner.profile import Profile

_EXAMPLES = """
camclassify plan                       the architectures of the question, on this machine
camclassify plan designs.yaml --explain --plot chart.svg
camclassify plan designs.yaml --bundle mine=bundles/mine
camclassify plan --verify              builds them all, and compares with what was predicted
camclassify plan --cameras 200 --fps 1 --busy 0.2    how many machines like this one that takes as a cluster
"""


def add_arguments(parser: Parser) -> None:
    """Gives the command its arguments."""
    parser.does(run, examples=_EXAMPLES)
    parser.add_argument(
        "designs",
        nargs="?",
        type=Path,
        metavar="DESIGNS.yaml",
        help="architectures to compare (default: those of the question; docs/planner.md)",
    )
    parser.add_argument(
        "--explain", action="store_true", help="also print what dominates each design"
    )
    parser.add_argument(
        "--plot",
        type=chart,
        metavar="FILE",
        help="draw latency against memory into an .svg or .png",
    )
    parser.add_argument("--force", action="store_true", help="use another machine's profile")
    add_profile_argument(parser)
    add_places_argument(parser)
    parser.add_argument("--verify", action="store_true", help="build every design and measure it")
    add_fleet_arguments(parser)
    add_json_argument(parser)


def run(arguments: Namespace) -> int:
    """Predicts, recommends, and proves if asked to."""
    if is_for_fleet(arguments):
        return plan_fleet(arguments)
    if arguments.json:
        refuse_beside(arguments, "--json, which tells all", "--explain")
    from camclassify_core.machine import this_machine
    from camclassify_core.native import core
    from camclassify_core.planner.design_file import read_designs
    from camclassify_core.planner.profile import load
    from camclassify_core.planner.recommend import recommend

    from . import plan_output

    profile = load(
        profile_path(arguments), this_machine(core.instruction_set()), force=arguments.force
    )
    designs = read_designs(arguments.designs or _question())
    predictions, unknown = _predict(designs, profile, places(arguments))
    recommendation = recommend(predictions, profile)
    if arguments.json:
        plan_output.print_lines(predictions, recommendation)
    else:
        plan_output.print_tables(predictions, recommendation, explain=arguments.explain)
    for name, why in unknown.items():
        warn(f"{name!r} is left out: {why}")
    if arguments.plot:
        from camclassify_core.planner.chart import draw

        draw(predictions, arguments.plot)
    if arguments.verify:
        if built := _built_by(predictions):
            return _prove(built, profile, arguments)
        warn("there is nothing to verify: these networks exist, and were run just now")
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

    with closing(ProgressBar()) as progress:
        verdicts = verify(designs, profile, progress)
    if arguments.json:
        plan_output.print_verdict_lines(verdicts)
    else:
        print()
        plan_output.print_verdicts(verdicts, profile.reference_ms)
    return 0
