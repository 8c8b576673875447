"""`camclassify homes`: who may ask a server."""

from argparse import Namespace
from collections.abc import Callable
from dataclasses import asdict, fields
from functools import partial
from pathlib import Path

from camclassify_core.errors import CamClassifyError
from camclassify_core.server.home_file import Home, Limits, new_home, read_homes, write_homes

from .arguments import add_json_argument, positive
from .output import print_json, print_table
from .parser import Parser, add_command

_FILE = Path("homes.json")
_HELP = {
    "megabytes": "the largest request, in megabytes",
    "requests_per_second": "how often it may ask, in the long run",
    "cameras": "how many cameras it may have",
}
_EXAMPLES = """
camclassify homes add school --cameras 120         makes a home, and tells its token once
camclassify homes list
camclassify homes remove school                    its token is worth nothing any more
pkill -HUP -f 'camclassify serve'                  a server that runs reads the file again
"""


def add_arguments(parser: Parser) -> None:
    """Gives the command its commands."""
    commands = parser.add_commands("COMMAND")
    for name, summary, add in (
        ("add", "make a home, or give one that there is another token", _add_add_arguments),
        ("list", "say which homes there are", partial(_add_common_arguments, run=_list)),
        ("remove", "take a home out", _add_remove_arguments),
    ):
        add_command(commands, name, summary, add)


def _add_add_arguments(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME", help="of the home: a-z, 0-9, - and _")
    for each in fields(Limits):
        parser.add_argument(
            f"--{each.name.replace('_', '-')}",
            type=positive,
            default=each.default,
            metavar="N",
            help=f"{_HELP[each.name]} (default: {each.default})",
        )
    _add_common_arguments(parser, run=_add)


def _add_remove_arguments(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME", help="of the home")
    _add_common_arguments(parser, run=_remove)


def _add_common_arguments(parser: Parser, *, run: Callable[[Namespace], int]) -> None:
    parser.does(run, examples=_EXAMPLES)
    parser.add_argument(
        "--homes", type=Path, default=_FILE, metavar="FILE", help=f"the file (default: {_FILE})"
    )
    add_json_argument(parser)


def _add(arguments: Namespace) -> int:
    homes = read_homes(arguments.homes) if arguments.homes.exists() else {}
    limits = Limits(**{each.name: getattr(arguments, each.name) for each in fields(Limits)})
    home, token = new_home(arguments.name, limits)
    write_homes(arguments.homes, homes | {home.name: home})
    if arguments.json:
        print_json({"home": home.name, "token": token})
    else:
        print(
            f"The token of {home.name}, which is kept nowhere and shown this once:\n\n    {token}\n"
        )
    return 0


def _list(arguments: Namespace) -> int:
    homes = read_homes(arguments.homes)
    if arguments.json:
        for home in homes.values():
            print_json({"home": home.name, **asdict(home.limits)})
    else:
        header = ["home", *(each.name.replace("_", " ") for each in fields(Limits))]
        print_table([_row(home) for home in homes.values()], header=header)
    return 0


def _row(home: Home) -> list[str]:
    return [home.name, *(str(value) for value in asdict(home.limits).values())]


def _remove(arguments: Namespace) -> int:
    homes = read_homes(arguments.homes)
    if arguments.name not in homes:
        raise CamClassifyError(f"There is no home {arguments.name!r} in {arguments.homes}")
    write_homes(
        arguments.homes, {key: home for key, home in homes.items() if key != arguments.name}
    )
    if arguments.json:
        print_json({"home": arguments.name})
    return 0
