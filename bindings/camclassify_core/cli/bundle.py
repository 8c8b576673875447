"""`camclassify bundle`: build, inspect and import bundles."""

from argparse import ArgumentParser, Namespace, _SubParsersAction
from contextlib import closing
from pathlib import Path

from .arguments import add_json_argument
from .output import Progress, print_json


def add_parser(commands: _SubParsersAction[ArgumentParser]) -> None:
    """Adds the command."""
    parser = commands.add_parser("bundle", help="build, inspect and import bundles")
    actions = parser.add_subparsers(required=True, metavar="ACTION")

    build = actions.add_parser(
        "build", help="build the default bundle from the packages that publish its weights"
    )
    build.add_argument("directory", type=Path, metavar="DIR")
    build.add_argument(
        "--downloads", type=Path, metavar="DIR", help="keep the packages here for the next time"
    )
    add_json_argument(build)
    build.set_defaults(run=run_build)


def run_build(arguments: Namespace) -> int:
    """Builds the default bundle."""
    from camclassify_core.bundles.build import build

    with closing(Progress()) as progress:
        build(arguments.directory, downloads=arguments.downloads, progress=progress)
    if arguments.json:
        print_json({"bundle": str(arguments.directory)})
    else:
        print(f"The bundle is in {arguments.directory}.")
    return 0
