"""`camclassify calibrate`: measures this machine once, for `camclassify plan`."""

from argparse import Namespace
from contextlib import closing

from .arguments import add_json_argument, add_profile_argument, profile_path
from .output import ProgressBar, print_json, print_table
from .parser import Parser

_EXAMPLES = """
camclassify calibrate                  some minutes, once per machine
camclassify calibrate --quick          under a minute, less exact
camclassify calibrate --profile FILE   keeps the measurements elsewhere; plan takes the same option
"""


def add_arguments(parser: Parser) -> None:
    """Gives the command its arguments."""
    parser.does(run, examples=_EXAMPLES)
    parser.add_argument("--quick", action="store_true", help="under a minute, less exact")
    add_profile_argument(parser)
    add_json_argument(parser)


def run(arguments: Namespace) -> int:
    """Measures, writes the profile, prints what was found."""
    from camclassify_core.machine import this_machine
    from camclassify_core.native import core
    from camclassify_core.planner.profile import save
    from camclassify_core.planner.profiling import QUICK, THOROUGH, calibrate

    path = profile_path(arguments)
    path.parent.mkdir(parents=True, exist_ok=True)  # fails before a minute's work, not after
    with closing(ProgressBar()) as progress:
        profile = calibrate(
            this_machine(core.instruction_set()),
            QUICK if arguments.quick else THOROUGH,
            quick=arguments.quick,
            progress=progress,
        )
    save(profile, path)
    if arguments.json:
        print_json(
            {
                "profile": str(path),
                "machine": str(profile.machine),
                "reference_ms": profile.reference_ms,
                "error": {str(setting): costs.error for setting, costs in profile.costs.items()},
            }
        )
        return 0
    print(f"{profile.machine}; reference network {profile.reference_ms:.2f} ms")
    print_table(
        [[str(setting), f"{costs.error:.1%}"] for setting, costs in profile.costs.items()],
        header=["setting", "typical error"],
    )
    print(f"Written to {path}. Now: camclassify plan")
    return 0
