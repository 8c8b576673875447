"""The command line, `camclassify`: one module per command.

Exit status: 0 if all went well, 1 if something failed, 2 for a wrong usage.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version

from camclassify_core.errors import CamClassifyError

_COMMANDS = ("classify", "doctor", "bench", "calibrate", "plan", "bundle")
"""Modules of this package: `add_parser(commands)` adds one, its default `run(arguments)` does it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit status."""
    parser = ArgumentParser(
        prog="camclassify", description="Finds people, vehicles and animals in pictures of cameras."
    )
    parser.add_argument("--version", action="version", version=version("camclassify"))
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name in _COMMANDS:
        import_module(f".{name}", __package__).add_parser(commands)
    arguments = parser.parse_args(argv)
    try:
        status: int = arguments.run(arguments)
    except CamClassifyError as error:
        print(f"camclassify: {error}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        print(
            f"camclassify: {error.name} is missing. Run: pip install 'camclassify[tools]'",
            file=sys.stderr,
        )
        return 1
    return status
