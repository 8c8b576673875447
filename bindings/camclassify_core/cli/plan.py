"""`camclassify plan`: which design is fastest on this machine, without building it."""

from argparse import ArgumentParser, Namespace, _SubParsersAction
from pathlib import Path
from typing import TYPE_CHECKING

from .arguments import add_json_argument, add_profile_argument
from .output import Progress

if TYPE_CHECKING:
    from camclassify_core.planner.designs import Design
    from camclassify_core.planner.profile import Profile

_HELD_OUT = 60


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
        action="store_true",
        help=f"with --verify: {_HELD_OUT} random designs a runner instead, unlike any calibrated",
    )
    parser.add_argument("--explain", action="store_true", help="what dominates each design")
    parser.add_argument(
        "--plot", type=Path, metavar="FILE", help="latency against memory, SVG or PNG"
    )
    parser.add_argument("--force", action="store_true", help="use another machine's profile")
    add_profile_argument(parser)
    add_json_argument(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Predicts, recommends, and proves if asked to."""
    from camclassify_core.native import core
    from camclassify_core.planner.design_file import read_designs
    from camclassify_core.planner.machine import this_machine
    from camclassify_core.planner.predict import predict
    from camclassify_core.planner.profile import load
    from camclassify_core.planner.recommend import recommend

    from . import plan_output

    profile = load(arguments.profile, this_machine(core.instruction_set()), force=arguments.force)
    if arguments.verify and arguments.held_out:
        return _prove_held_out(profile, arguments)
    designs = read_designs(arguments.designs or _question())
    predictions = [predict(design, profile) for design in designs]
    recommendation = recommend(predictions, profile)
    if arguments.json:
        plan_output.print_lines(predictions, recommendation)
    else:
        plan_output.print_tables(predictions, recommendation, explain=arguments.explain)
    if arguments.plot:
        from camclassify_core.planner.chart import draw

        draw(predictions, arguments.plot)
    if arguments.verify:
        return _prove(designs, profile, arguments)
    return 0


def _question() -> Path:
    from camclassify_core import planner

    return Path(planner.__path__[0], "examples", "question.yaml")


def _prove(designs: tuple[Design, ...], profile: Profile, arguments: Namespace) -> int:
    from camclassify_core.planner.verify import summarise, verify

    from . import plan_output

    progress = Progress()
    try:
        verdicts = verify(designs, profile, progress)
    finally:
        progress.close()
    summary = summarise(verdicts)
    if arguments.json:
        plan_output.print_verdict_lines(verdicts, summary)
    else:
        plan_output.print_verdicts(verdicts, summary, profile.reference_ms)
    return 0


def _prove_held_out(profile: Profile, arguments: Namespace) -> int:
    from camclassify_core.planner.designs import Runner
    from camclassify_core.planner.held_out import held_out_designs

    for threads in sorted({setting.threads for setting in profile.costs}):
        for runner in Runner:
            _prove(held_out_designs(_HELD_OUT, 7, runner, threads), profile, arguments)
    return 0
