"""`camclassify plan --cameras`: which machines a cluster takes for so many cameras."""

from argparse import Namespace
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from camclassify_core.errors import CamClassifyError

from .arguments import profile_path, rate, refuse_beside, refuse_without, share, whole
from .output import ProgressBar, print_json, print_table
from .parser import Parser

if TYPE_CHECKING:
    from camclassify_core.planner.capacity import Capacity, Load
    from camclassify_core.planner.fleet import Machines

_MOST_CAMERAS = 100_000
_MOST_MACHINES = 100  # like this one, where no file says which there are


def add_fleet_arguments(parser: Parser) -> None:
    """What `plan_fleet` reads."""
    group = parser.add_argument_group("machines for a cluster (docs/cluster.md)")
    group.add_argument(
        "--cameras", type=whole(1, _MOST_CAMERAS), metavar="N", help="how many cameras it serves"
    )
    group.add_argument(
        "--fps", type=rate, metavar="N", help="frames a second of each of them (default: 1)"
    )
    group.add_argument(
        "--busy",
        type=share,
        metavar="SHARE",
        help="frames in which something moves, from 0 to 1 (default: 0.2)",
    )
    group.add_argument(
        "--nodes",
        type=Path,
        metavar="FILE",
        help="the machines that there are, with their profiles (default: as many as needed like this one)",
    )


def is_for_fleet(arguments: Namespace) -> bool:
    """Whether the command line asks about machines. Raises `UsageError` for what does not go with that."""
    refuse_without(arguments, "--cameras", "--fps", "--busy", "--nodes")
    if arguments.cameras is None:
        return False
    refuse_beside(arguments, "--cameras", "--explain", "--plot", "designs")
    return True


def plan_fleet(arguments: Namespace) -> int:
    """Says how many replicas on which machines are enough; with `--verify`, tries as many as fit here."""
    from camclassify_core.bundle.places import default_bundle
    from camclassify_core.machine import this_machine
    from camclassify_core.native import core
    from camclassify_core.planner.capacity import Load, capacities
    from camclassify_core.planner.fleet import Machines, frame_costs, looks_of, read_fleet
    from camclassify_core.planner.profile import load as load_profile

    load = Load(
        cameras=arguments.cameras,
        fps=arguments.fps or 1.0,
        busy=0.2 if arguments.busy is None else arguments.busy,
    )
    looks = looks_of(default_bundle())
    here = this_machine(core.instruction_set())
    if arguments.nodes:
        fleet = read_fleet(arguments.nodes, here, looks)
    else:
        profile = load_profile(profile_path(arguments), here, force=arguments.force)
        costs = frame_costs(profile, looks)
        fleet = (Machines(name="this one", count=_MOST_MACHINES, cores=here.cores, costs=costs),)
    found = capacities(fleet, load)
    if arguments.json:
        for each in found:
            print_json(asdict(each) | {"holds": each.holds})
    else:
        _print(found, fleet, load)
    if arguments.verify:
        return _prove(found[-1], load, arguments)
    return 0 if found[-1].holds else 1


def _print(found: Sequence[Capacity], fleet: Sequence[Machines], load: Load) -> None:
    for each in fleet:
        still, busy = each.costs.still * 1000, each.costs.busy * 1000
        print(
            f"{each.name}: a frame takes {still:.1f} ms of a core, {busy:.1f} ms if something moves"
        )
    print()
    print_table(
        [
            [
                ", ".join(f"{count} x {name}" for name, count in each.machines),
                str(each.replicas),
                f"{each.load:.0%}",
                "-" if each.p95_ms is None else f"{each.p95_ms:.0f}",
                "<- take this" if each.holds else "too little",
            ]
            for each in found
        ],
        header=["machines", "engines", "load of the fullest", "95% within ms", ""],
    )
    if not found[-1].holds:
        print(
            f"\nThese machines do not hold {load.cameras} cameras: add some, or ask for fewer frames."
        )


def _prove(planned: Capacity, load: Load, arguments: Namespace) -> int:
    if not find_spec("ray"):
        raise CamClassifyError("--verify starts a cluster: pip install 'camclassify[cluster]'")
    from camclassify_core.bundle.places import default_bundle
    from camclassify_core.cluster.load_test import try_here
    from camclassify_core.machine import this_machine
    from camclassify_core.native import core
    from camclassify_core.planner.fleet import frame_costs, looks_of
    from camclassify_core.planner.profile import load as load_profile

    here = this_machine(core.instruction_set())
    profile = load_profile(profile_path(arguments), here, force=arguments.force)
    with closing(ProgressBar()) as progress:
        costs = frame_costs(profile, looks_of(default_bundle()))
        trial = try_here(planned, load, costs, here.cores, progress)
    if arguments.json:
        print_json(asdict(trial))
        return 0
    print(
        f"\nTried here: {trial.cameras} cameras, {trial.replicas} engines."
        f" 95% of {trial.frames} frames within {_ms(trial.measured_p95_ms)},"
        f" predicted {_ms(trial.predicted_p95_ms)}; {trial.unanswered} unanswered."
    )
    return 0


def _ms(milliseconds: float | None) -> str:
    return "no time" if milliseconds is None else f"{milliseconds:.0f} ms"
