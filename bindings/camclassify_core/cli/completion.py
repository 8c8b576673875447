"""`camclassify completion`: what a shell needs to complete the command line.

The shells ask this program at each Tab, so that they know what it knows.
"""

from argparse import SUPPRESS, Action, Namespace, _SubParsersAction
from collections.abc import Mapping, Sequence

from .parser import Parser

_SCRIPTS = {
    "bash": """\
_camclassify() {
  COMPREPLY=($(camclassify completion bash -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  if [ "${COMPREPLY[*]}" = : ]; then
    COMPREPLY=()
    compopt -o default
  fi
}
complete -F _camclassify camclassify
""",
    "zsh": """\
#compdef camclassify
_camclassify() {
  local -a found
  found=("${(@f)$(camclassify completion zsh -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ "$found" == : ]]; then _files; else _describe camclassify found; fi
}
compdef _camclassify camclassify
""",
    "fish": """\
function __camclassify
  set -l found (camclassify completion fish -- (commandline -opc)[2..] "$(commandline -ct)" 2>/dev/null)
  if test "$found" = :
    __fish_complete_path (commandline -ct)
  else
    printf '%s\\n' $found
  end
end
complete -c camclassify -f -a '(__camclassify)'
""",
}
"""Each offers what it is answered, or files where that is a colon."""

_LINES = {"bash": "{0}", "zsh": "{0}:{1}", "fish": "{0}\t{1}"}
"""How a shell is told a word and its meaning."""

_FILES = ":"

_EXAMPLES = """
echo 'source <(camclassify completion bash)' >> ~/.bashrc
echo 'source <(camclassify completion zsh)' >> ~/.zshrc      after compinit
camclassify completion fish > ~/.config/fish/completions/camclassify.fish
"""


def add_arguments(parser: Parser) -> None:
    """Gives the command its arguments."""
    parser.does(run, examples=_EXAMPLES)
    parser.add_argument("shell", choices=list(_SCRIPTS), help="the shell whose script is printed")
    parser.add_argument("words", nargs="*", help=SUPPRESS)  # typed so far: so the scripts ask


def run(arguments: Namespace) -> int:
    """Prints a shell's script or, where that asks, what may stand in place of the last word."""
    if not arguments.words:
        print(_SCRIPTS[arguments.shell], end="")
        return 0
    from . import command_line

    found = candidates(command_line(), arguments.words)
    if found is None:
        print(_FILES)
    for word, meaning in found or ():
        print(_LINES[arguments.shell].format(word, meaning) if meaning else word)
    return 0


def candidates(parser: Parser, words: Sequence[str]) -> Sequence[tuple[str, str]] | None:
    """What may stand in place of the last word, each with its meaning; none where any file may.

    Bash makes words of their own of equals signs, other shells do not.
    """
    *before, typed = (word for word in words if word != "=")
    if words[-1] == "=":
        before, typed = [*before, typed], ""
    option: Action | None = None
    for word in before:
        if known := parser._option_string_actions.get(word):
            option = known if known.nargs != 0 else None
        elif option:
            option = None
        else:
            parser = _commands(parser).get(word, parser).filled()
    name, equals, _ = typed.partition("=")
    if typed.startswith("-"):
        option = parser._option_string_actions.get(name) if equals else None
    if option:
        lead = f"{name}=" if equals else ""
        found = [(f"{lead}{each}", "") for each in option.choices or ()]
    elif typed.startswith("-"):
        found = _options(parser)
    else:
        found = _words(parser)
    return [each for each in found if each[0].startswith(typed)] if found else None


def _options(parser: Parser) -> list[tuple[str, str]]:
    return [
        (action.option_strings[-1], action.help or "")
        for action in parser._actions
        if action.option_strings
    ]


def _words(parser: Parser) -> list[tuple[str, str]]:
    """Commands, or the only values of an argument."""
    for action in parser._actions:
        if isinstance(action, _SubParsersAction):
            return [(each.dest, each.help or "") for each in action._choices_actions]
        if action.choices and not action.option_strings:
            return [(each, "") for each in action.choices]
    return []


def _commands(parser: Parser) -> Mapping[str, Parser]:
    for action in parser._actions:
        if isinstance(action, _SubParsersAction):
            return action.choices
    return {}
