"""The command line, `camclassify`: one module per command.

Exit status: 0 if all went well, 1 if something failed, 2 for a wrong usage; 130 and 141, as shells
count signals, if Ctrl-C or a closed pipe ended it.
"""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module
from io import StringIO, TextIOWrapper

from camclassify_core._version import VERSION

from .error_output import EXPECTED, tell
from .parser import Parser, add_command

_COMMANDS = {
    "classify": "say what is in pictures",
    "doctor": "check whether CamClassify works on this machine",
    "bench": "measure the speed on this machine",
    "compare": "compare what two bundles see in your snapshots",
    "calibrate": "measure this machine once, for `plan`",
    "plan": "predict which network architecture is fastest here",
    "bundle": "build, inspect, import and compose bundles: the networks that an engine loads",
    "serve": "answer other machines: the engine as a server",
    "homes": "say who may ask a server",
    "completion": "print what makes a shell complete these commands and their options",
}
"""Modules of this package. `add_arguments(parser)` gives the command its arguments."""

_CLOSED_PIPE = 141


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit status."""
    words = sys.argv[1:] if argv is None else list(argv)
    _prepare_output()
    try:
        status = _run(words)
        sys.stdout.flush()
    except BrokenPipeError:
        status = _CLOSED_PIPE
    except EXPECTED as error:
        status = tell(error, as_json="--json" in words)
    _give_up_what_cannot_be_written()
    return status


def command_line() -> Parser:
    """The whole of it; a command's parser has its arguments when it is `filled`."""
    parser = Parser(
        prog="camclassify",
        description="Finds people, vehicles and animals in pictures of cameras.",
        epilog="`camclassify COMMAND --help` has the options of a command, and examples.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {VERSION}")
    commands = parser.add_commands("COMMAND")
    for name, summary in _COMMANDS.items():
        add_command(commands, name, summary, partial(_add_arguments, name))
    return parser


def _add_arguments(command: str, parser: Parser) -> None:
    import_module(f".{command}", __package__).add_arguments(parser)


def _run(words: Sequence[str]) -> int:
    try:
        arguments = command_line().parse_args(words)
    except SystemExit:
        return 0  # --help or --version, which have printed all there is to say
    status: int = arguments.run(arguments)
    return status


def _prepare_output() -> None:
    # Where they were closed they are absent, and print() takes an absent stream for standard output.
    sys.stdout = sys.stdout or StringIO()
    sys.stderr = sys.stderr or StringIO()
    if isinstance(sys.stdout, TextIOWrapper):
        # Results come when they are there, and in order with errors; names of files need not be text.
        sys.stdout.reconfigure(errors="surrogateescape", line_buffering=True)


def _give_up_what_cannot_be_written() -> None:
    """Python would try it again as it ends, and complain of it once more."""
    try:
        sys.stdout.flush()
    except OSError:
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
