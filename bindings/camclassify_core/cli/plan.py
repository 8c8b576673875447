"""`camclassify plan`: which design is fastest on this machine, without building it."""

from argparse import Namespace
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from camclassify_core.options import Runner

from .arguments import (
    add_json_argument,
    add_places_argument,
    add_profile_argument,
    chart,
    places,
    positive,
    profile_path,
    refuse_beside,
    refuse_unfused_direct,
    refuse_without,
    threads,
)
from .failures import UsageError, warn
from .output import Progress
from .parser import Parser

if TYPE_CHECKING:
    from camclassify_core.planner import designs as planned
    from camclassify_core.planner.designs import Design
    from camclassify_core.planner.predict import Prediction
    from camclassify_core.planner.profile import Profile

_HELD_OUT = 64
_HELD_OUT_SEED = 11
_EXAMPLES = """
camclassify plan                       the architectures of the question, on this machine
camclassify plan designs.yaml --explain --plot chart.svg
camclassify plan designs.yaml --bundle mine=bundles/mine
camclassify plan --verify              builds them all, and compares with what was predicted
camclassify plan --verify --held-out 16 --runner onnxruntime --unfused --threads 1
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
    held_out = parser.add_argument_group("designs that calibration never saw, with --verify")
    held_out.add_argument(
        "--held-out",
        nargs="?",
        type=positive,
        const=_HELD_OUT,
        metavar="N",
        help=f"instead of a file's, N random designs ({_HELD_OUT}) for every runner",
    )
    held_out.add_argument(
        "--runner",
        choices=[Runner.DIRECT.value, Runner.ONNXRUNTIME.value],
        help="for this one only (default: each, and --unfused)",
    )
    held_out.add_argument(
        "--unfused", action="store_true", help="in plain ONNX operators, which takes ONNX Runtime"
    )
    held_out.add_argument(
        "--threads",
        type=threads,
        metavar="N",
        help="on N threads only (default: each number that was calibrated)",
    )
    add_json_argument(parser)


def run(arguments: Namespace) -> int:
    """Predicts, recommends, and proves if asked to."""
    _refuse_what_means_nothing(arguments)
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


def _refuse_what_means_nothing(arguments: Namespace) -> None:
    refuse_without(arguments, "--verify", "--held-out")
    refuse_without(arguments, "--held-out", "--runner", "--unfused", "--threads")
    refuse_unfused_direct(arguments)
    if arguments.held_out:
        refuse_beside(arguments, "--held-out", "--explain", "--plot", "--bundle")
        if arguments.designs:
            raise UsageError(
                f"{arguments.designs} means nothing with --held-out: leave one of them out"
            )
    if arguments.json:
        refuse_beside(arguments, "--json, which tells all", "--explain")


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

    with closing(Progress()) as progress:
        verdicts = verify(designs, profile, progress)
    if arguments.json:
        plan_output.print_verdict_lines(verdicts)
    else:
        print()
        plan_output.print_verdicts(verdicts, profile.reference_ms)
    return 0


def _prove_held_out(profile: Profile, arguments: Namespace) -> int:
    from camclassify_core.planner.held_out import held_out_designs

    known = sorted({setting.threads for setting in profile.costs})
    for count in [arguments.threads] if arguments.threads else known:
        for runner in held_out_runners(arguments):
            designs = held_out_designs(arguments.held_out, _HELD_OUT_SEED, runner, count)
            if not arguments.json:
                on = "one thread" if count == 1 else f"{count} threads"
                print(f"\n{len(designs)} designs that calibration never saw, {runner}, {on}:")
            _prove(designs, profile, arguments)
    return 0


def held_out_runners(arguments: Namespace) -> list[planned.Runner]:
    """The planner tells fused ops in ONNX Runtime and its plain operators apart as two runners."""
    from camclassify_core.planner.designs import Runner as Planned

    if arguments.unfused:
        return [Planned.ONNXRUNTIME]
    if arguments.runner:
        return [Planned.DIRECT if arguments.runner == Runner.DIRECT else Planned.FUSED]
    return list(Planned)
