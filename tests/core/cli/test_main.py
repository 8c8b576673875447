"""What all commands have in common: how they are asked, how they fail, how they end."""

import json
import pwd
import signal
import subprocess
from pathlib import Path
from subprocess import PIPE
from time import monotonic, sleep

import pytest
from camclassify_core._version import VERSION
from camclassify_core.cli import main
from camclassify_core.errors import BundleError

from .conftest import COFFEE, COMMAND, DOG, json_lines, python, started

SLOW_TO_LOAD = {
    "asyncio",
    "camclassify_core._core",
    "camclassify_core.worker.client",
    "camclassify_core.cli.classify",
    "importlib.metadata",
    "logging",
    "numpy",
    "socket",
    "subprocess",
}


@pytest.mark.parametrize("words", [["--version"], ["--help"]])
def test_what_says_little_loads_little(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)  # measuring loads modules itself
    script = (
        "import atexit, json, sys; from camclassify_core.cli import main;"
        f"status = main({words}); print(json.dumps([status, sorted(sys.modules)]), file=sys.stderr)"
    )
    done = python("-c", script)
    status, modules = json.loads(done.stderr)
    assert status == 0
    assert not SLOW_TO_LOAD & set(modules)


def test_help_of_a_command_loads_no_engine() -> None:
    script = (
        "import json, sys; from camclassify_core.cli import main; main(['classify', '--help']);"
        "print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    )
    modules = json.loads(python("-c", script).stderr)
    assert "camclassify_core.cli.classify" in modules
    assert not {"camclassify_core._core", "numpy", "asyncio"} & set(modules)


def test_the_installed_command_tells_its_version() -> None:
    done = subprocess.run([COMMAND, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"camclassify {VERSION}\n"


def test_the_version_is_that_of_the_package() -> None:
    from importlib.metadata import version

    assert version("camclassify") == VERSION


def test_the_package_is_the_command() -> None:
    asked = ["classify", DOG, "--threads", "0"]
    done = python("-m", "camclassify_core", *asked)
    named = subprocess.run([COMMAND, *asked], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (named.returncode, named.stderr)
    assert done.returncode == 2


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "classify" in captured.err
    assert main(["bundle"]) == 2
    assert "inspect" in capsys.readouterr().err


def commands() -> list[list[str]]:
    bundle = [["bundle", each] for each in ("build", "inspect", "import", "compose")]
    plain = ["classify", "doctor", "bench", "compare", "calibrate", "plan", "completion"]
    return [[each] for each in plain] + bundle


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_every_argument_is_explained_and_every_help_has_examples(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--help"]) == 0
    said = capsys.readouterr().out
    explained, _, examples = said.partition("\nexamples:\n")
    assert f"  camclassify {' '.join(command)}" in examples or "$(" in examples or "<(" in examples
    arguments = explained.split("\n\n", 2)[2]
    lines = arguments.splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if line.startswith("  ") and line[2] not in " ":
            here = len(line.strip().split("  ", 1)) == 2
            assert here or following.startswith("      "), f"{line!r} has no help"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["unknown"], ["'unknown'"]),
        (["clasify", DOG], ["classify"]),
        (["classify"], ["PICTURE"]),
        (["classify", DOG, "--threads", "0"], ["--threads", "'0'"]),
        (["classify", DOG, "--threads", "65"], ["--threads", "'65'"]),
        (["classify", DOG, "--thread", "2"], ["--thread,", "--threads"]),
        (["classify", DOG, "--runner", "fast"], ["--runner", "'fast'", "direct"]),
        (["classify", DOG, "--min-score", "1.5"], ["--min-score", "'1.5'"]),
        (["classify", DOG, "--min-score", "nan"], ["--min-score", "'nan'"]),
        (["classify", DOG, "--classes", "person,,car"], ["--classes", "'person,,car'"]),
        (["bench", "--paced", "0"], ["--paced", "'0'"]),
        (["bench", "--plot", "chart.pdf"], ["--plot", "'chart.pdf'", ".svg"]),
        (["bench", "--plot", "missing/chart.svg"], ["--plot", "'missing/chart.svg'"]),
        (["plan", "--bundle", "mine"], ["--bundle", "'mine'", "NAME=DIR"]),
        (["bundle", "import", "m.onnx", "new"], ["--class-names"]),
        (["completion", "tcsh"], ["'tcsh'", "bash"]),
    ],
)
def test_a_wrong_usage_is_one_line_and_ends_with_2(
    arguments: list[str], named: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert line.startswith("camclassify: ")
    assert all(each in line for each in named), line


IMPORT = ["bundle", "import", "model.onnx", "new", "--class-names", "names.txt"]


@pytest.mark.parametrize(
    ("arguments", "both"),
    [
        (["classify", DOG, "--overwrite"], ["--overwrite", "--output"]),
        (["classify", DOG, "--runner", "direct", "--unfused"], ["--runner direct", "--unfused"]),
        (["doctor", "--runner", "direct", "--unfused"], ["--runner direct", "--unfused"]),
        (["bench", "m.onnx", "--bundle", "mine"], ["MODEL", "--bundle"]),
        (["bench", "m.onnx", "--snapshot", DOG], ["MODEL", "--snapshot"]),
        (["bench", "m.onnx", "--cameras", "2"], ["MODEL", "--cameras"]),
        (["bench", "m.onnx", "--runner", "auto"], ["MODEL", "--runner"]),
        (["bench", "m.onnx", "--precision", "int8"], ["MODEL", "--precision"]),
        (["bench", "m.onnx", "--unfused"], ["MODEL", "--unfused"]),
        (["bench", "--cameras", "2", "--ops"], ["--cameras", "--ops"]),
        (["bench", "--cameras", "2", "--plot", "chart.svg"], ["--cameras", "--plot"]),
        ([*IMPORT, "--fit", "stretch", "--pad", "0"], ["--fit stretch", "--pad"]),
    ],
)
def test_an_option_that_would_be_ignored_is_refused(
    arguments: list[str], both: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert all(each in line for each in both), line


def test_what_json_tells_anyway_is_refused_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--json", "--explain"]) == 2
    (told,) = json_lines(capsys)
    assert "--explain" in told["error"]["message"]


def test_options_may_stand_between_pictures(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["classify", DOG, "--json", COFFEE]) == 0
    assert [line["file"] for line in json_lines(capsys)] == [DOG, COFFEE]


@pytest.mark.parametrize(
    ("arguments", "status", "kind"),
    [
        (["classify", "--json", DOG, "--threads", "0"], 2, "UsageError"),
        (["classify", "--json", DOG, "--bundle", "missing"], 1, "BundleError"),
        (["bundle", "inspect", "missing", "--json"], 1, "BundleError"),
        (["plan", "missing.yaml", "--profile", "missing.json", "--json"], 1, "ProfileError"),
        (
            ["bench", "--json", "--snapshot", "missing.jpg", "--cameras", "1"],
            1,
            "FileNotFoundError",
        ),
    ],
)
def test_with_json_an_error_is_an_object(
    arguments: list[str], status: int, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == status
    captured = capsys.readouterr()
    assert captured.err == ""
    (line,) = captured.out.splitlines()
    told = json.loads(line)
    assert told.keys() == {"error"}
    assert told["error"].keys() == {"kind", "message"}
    assert told["error"]["kind"] == kind
    assert told["error"]["message"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["bench", "--snapshot", "missing.jpg", "--cameras", "1"],
        ["classify", DOG, "--bundle", "missing"],
        ["bundle", "inspect", "missing"],
        ["plan", "missing.yaml", "--profile", "missing.json"],
        ["calibrate", "--quick", "--profile", f"{DOG}/profile.json"],
    ],
)
def test_what_is_missing_is_one_sentence(
    arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("camclassify_core.planner.profiling.calibrate", lambda *_, **__: 1 / 0)
    assert main(arguments) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1, captured.err


def test_a_message_of_several_lines_becomes_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise BundleError("This\n  is broken.")

    monkeypatch.setattr("camclassify_core.cli.classify.Engine", fail)
    assert main(["classify", DOG]) == 1
    assert capsys.readouterr().err == "camclassify: This is broken.\n"


def test_a_fault_of_the_program_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("camclassify_core.cli.classify.Engine", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        main(["classify", DOG])


def test_works_without_a_home(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(_user: int) -> None:
        raise KeyError("uid not found")

    for variable in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    assert main(["classify", DOG]) == 0
    for command in ("plan", "calibrate"):
        assert main([command]) == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert "There is no home folder" in line
        assert "--profile" in line
        assert "XDG_CACHE_HOME" in line


def test_a_reader_that_leaves_ends_it_in_silence() -> None:
    with started(["classify", *[DOG] * 20], stdout=PIPE, stderr=PIPE) as running:
        assert running.stdout
        assert running.stdout.readline()
        running.stdout.close()
        assert running.stderr
        assert running.stderr.read() == ""
        assert running.wait(30) == 141


def test_a_full_disk_is_one_sentence() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [COMMAND, "classify", DOG], stdout=full, stderr=PIPE, text=True, timeout=30
        )
    assert done.returncode == 1
    assert done.stderr == "camclassify: No space left on device\n"


def test_closed_outputs_do_not_matter() -> None:
    assert subprocess.run(f"{COMMAND} classify {DOG} >&- 2>&-", shell=True).returncode == 0


@pytest.mark.parametrize("as_json", [False, True])
def test_an_interruption_is_one_line_and_ends_with_130(as_json: bool) -> None:
    arguments = ["classify", *[DOG] * 2000, *["--json"] * as_json]
    with started(arguments, stdout=PIPE, stderr=PIPE) as running:
        assert running.stdout
        assert running.stdout.readline()
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=30)
    assert running.returncode == 130
    if as_json:
        told = json.loads(out.splitlines()[-1])
        assert told["error"] == {"kind": "KeyboardInterrupt", "message": "interrupted"}
        assert err == ""
    else:
        assert err == "camclassify: interrupted\n"


def children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(each) for each in listed.read_text().split()] if listed.exists() else []


def test_an_interrupted_doctor_leaves_no_worker() -> None:
    with started(["doctor"], stdout=PIPE, stderr=PIPE) as running:
        until = monotonic() + 60
        while not (workers := children(running.pid)):
            assert monotonic() < until
            assert running.poll() is None
            sleep(0.005)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert err == "camclassify: interrupted\n"
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)
