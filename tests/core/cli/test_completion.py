"""Shells offer what the command line takes."""

import os
import shlex
import shutil
import subprocess

import pytest
from camclassify_core.cli import command_line, main
from camclassify_core.cli.completion import candidates

from .conftest import COMMAND

SHELLS = ("bash", "zsh", "fish")


def offered(line: str) -> list[str] | None:
    """For a line that ends where Tab is pressed."""
    *before, typed = line.split(" ")
    found = candidates(command_line(), [*before, typed])
    return None if found is None else [word for word, _ in found]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("cla", ["classify"]),
        ("--v", ["--version"]),
        ("nothing", []),
        ("bundle ", ["build", "inspect", "import", "compose"]),
        ("bundle im", ["import"]),
        ("bundle import --fi", ["--fit"]),
        ("bundle import --fit ", ["letterbox", "stretch"]),
        ("classify --min", ["--min-score"]),
        ("classify --runner ", ["auto", "onnxruntime", "direct"]),
        ("classify --runner di", ["direct"]),
        ("classify --runner=di", ["--runner=direct"]),
        ("classify --runner = di", ["direct"]),
        ("classify --runner =", ["auto", "onnxruntime", "direct"]),
        ("classify --runner direct --pre", ["--precision"]),
        ("classify --unfused --pre", ["--precision"]),
        ("plan --verify --pl", ["--plot"]),
        ("--version bun", ["bundle"]),
        ("serve --cert", ["--certificate"]),
        ("homes ", ["add", "list", "remove"]),
        ("homes add --req", ["--requests-per-second"]),
        ("serve --homes ", None),
        ("completion z", ["zsh"]),
        ("classify ", None),
        ("classify pic", None),
        ("classify --bundle ", None),
        ("classify --bundle=", None),
        ("classify bundle ", None),
        ("bundle import model.onnx ", None),
    ],
)
def test_offers_what_may_stand_there(line: str, words: list[str] | None) -> None:
    assert offered(line) == words


def test_every_option_of_a_command_is_offered(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["classify", "--help"]) == 0
    shown = {word.strip("[]") for word in capsys.readouterr().out.split() if word.startswith("[--")}
    assert {"--classes", "--output", "--json"} <= shown
    assert shown <= set(offered("classify -") or ())


def test_meanings_are_told_to_shells_that_show_them(capsys: pytest.CaptureFixture[str]) -> None:
    lines = {}
    for shell in SHELLS:
        assert main(["completion", shell, "--", "doc"]) == 0
        lines[shell] = capsys.readouterr().out
    meaning = "check whether CamClassify works on this machine"
    assert lines == {
        "bash": "doctor\n",
        "zsh": f"doctor:{meaning}\n",
        "fish": f"doctor\t{meaning}\n",
    }


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_takes_its_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    done = subprocess.run([shell, "-n"], input=script, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("words", "offers"),
    [
        (["cla"], ["classify"]),
        (["classify", "--runner", "=", "d"], ["direct"]),
        (["bundle", "compose", "--des"], ["--design"]),
    ],
)
def test_bash_completes(words: list[str], offers: list[str]) -> None:
    line = shlex.join(["camclassify", *words])
    script = (
        f"source <(camclassify completion bash); COMP_WORDS=({line}); COMP_CWORD={len(words)};"
        '_camclassify; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    path = f"{COMMAND.parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "--norc", "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PATH": path},
    )
    assert done.stdout.splitlines() == offers
