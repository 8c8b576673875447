"""How the command line is read: as argparse does, with what people are used to from other programs."""

import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter, _SubParsersAction
from collections.abc import Callable
from textwrap import dedent, indent
from typing import Any, NoReturn, Self

from .error_output import UsageError

type Commands = _SubParsersAction[Parser]


class Parser(ArgumentParser):
    """Options may stand anywhere, names are not abbreviated, and a mistake raises `UsageError`.

    `add_arguments` gives the parser its arguments when it is asked for them, and not before: a command
    that is not run costs no time.
    """

    def __init__(
        self, *, add_arguments: Callable[[Parser], None] | None = None, **options: Any
    ) -> None:
        super().__init__(
            allow_abbrev=False,
            suggest_on_error=True,
            formatter_class=RawDescriptionHelpFormatter,
            **options,
        )
        self._add_arguments = add_arguments
        self._has_commands = False

    def filled(self) -> Self:
        """Itself, with all of its arguments."""
        if add_arguments := self._add_arguments:
            self._add_arguments = None
            add_arguments(self)
        return self

    def does(self, run: Callable[[Namespace], int], *, examples: str) -> None:
        """Says what the command does: the function, and examples that end its help."""
        self.set_defaults(run=run)
        self.epilog = f"examples:\n{indent(dedent(examples).strip(), '  ')}"

    def add_commands(self, metavar: str) -> Commands:
        """Room for commands; without one of them, the help is shown."""
        self._has_commands = True
        self.set_defaults(run=self._show_help)
        return self.add_subparsers(metavar=metavar, parser_class=Parser)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """What argparse calls for each command in turn."""
        self.filled()
        if self._has_commands:
            return super().parse_known_args(args, namespace)
        found, unknown = self.parse_known_intermixed_args(args, namespace)
        for word in unknown:
            self._refuse(word)
        return found, unknown

    def error(self, message: str) -> NoReturn:
        """Raises `UsageError`."""
        raise UsageError(f"{message.removeprefix('argument ')} (see: {self.prog} --help)")

    def _refuse(self, word: str) -> NoReturn:
        from difflib import get_close_matches

        alike = get_close_matches(word, self._option_string_actions, n=1)
        advice = "".join(f", maybe you meant {each}?" for each in alike)
        self.error(f"unrecognized argument: {word}{advice}")

    def _show_help(self, _arguments: Namespace) -> int:
        self.print_help(sys.stderr)
        return 2


def add_command(
    commands: Commands, name: str, summary: str, add_arguments: Callable[[Parser], None]
) -> None:
    """A command, what it does in a line, and what gives it its arguments."""
    description = f"{summary[0].upper()}{summary[1:]}."
    commands.add_parser(name, help=summary, description=description, add_arguments=add_arguments)
