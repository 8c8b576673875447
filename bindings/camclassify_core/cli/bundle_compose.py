"""`camclassify bundle compose`: a bundle that carries out a design."""

from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from camclassify_core.errors import CamClassifyError

from .arguments import add_json_argument, add_places_argument, places
from .output import print_json
from .parser import Parser

if TYPE_CHECKING:
    from camclassify_core.planner.designs import Design

_EXAMPLES = """
camclassify bundle compose designs.yaml new --design "group networks"
camclassify bundle compose designs.yaml new --bundle night=trained/night
"""


def add_arguments(compose: Parser) -> None:
    """Gives the action its arguments."""
    compose.does(run, examples=_EXAMPLES)
    compose.add_argument(
        "designs", type=Path, metavar="DESIGNS.yaml", help="the file that describes the design"
    )
    compose.add_argument(
        "directory", type=Path, metavar="DIR", help="where the bundle is written: new, or empty"
    )
    compose.add_argument("--design", metavar="NAME", help="which one, if the file has several")
    add_places_argument(compose)
    add_json_argument(compose)


def run(arguments: Namespace) -> int:
    """Composes and tries the bundle."""
    from camclassify_core.engine import Engine
    from camclassify_core.options import EngineOptions
    from camclassify_core.planner.compose import compose
    from camclassify_core.planner.design_file import read_designs

    design = _chosen(read_designs(arguments.designs), arguments.design, arguments.designs)
    manifest = compose(design, arguments.directory, places(arguments))
    info = Engine(EngineOptions(bundle=arguments.directory)).info()
    if arguments.json:
        print_json(
            {
                "bundle": str(arguments.directory),
                "architecture": manifest.architecture,
                "heads": list(info.heads),
                "classes": [each.name for each in manifest.classes],
                "networks": [asdict(each) for each in info.networks],
            }
        )
        return 0
    print(f"{design.name}: {manifest.architecture}, heads {', '.join(info.heads)}.")
    print(f"The bundle is in {arguments.directory}. Try: camclassify classify PICTURE --bundle DIR")
    return 0


def _chosen(designs: tuple[Design, ...], name: str | None, path: Path) -> Design:
    if name is None and len(designs) == 1:
        return designs[0]
    known = ", ".join(repr(each.name) for each in designs)
    for each in designs:
        if each.name == name:
            return each
    what = f"has no design {name!r}" if name else "has several designs"
    raise CamClassifyError(f"{path} {what}: choose with --design among {known}")
