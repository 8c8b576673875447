"""The command line: what it prints, and how it ends."""

import json
import pwd
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from camclassify_core.cli import main

from .conftest import PHOTOGRAPHS

DOG, COFFEE = str(PHOTOGRAPHS / "dog.jpg"), str(PHOTOGRAPHS / "coffee.png")


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_classify_prints_a_line_of_json_per_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["classify", "--json", DOG, COFFEE]) == 0
    dog, coffee = lines(capsys)
    assert dog["file"] == DOG
    assert dog["size"] == [768, 576]
    assert dog["regime"] == "day"
    assert {"dog", "bicycle"} <= {found["class"] for found in dog["detections"]}
    for found in dog["detections"]:
        assert len(found["box"]) == 4
        assert all(0 <= edge <= 1 for edge in found["box"])
    assert dog["timing_ms"].keys() == {"decode", "gate", "scene", "object", "total"}
    assert coffee["detections"] == []


def test_classify_does_the_other_files_when_one_is_bad(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"<html>")
    missing = tmp_path / "missing.jpg"
    assert main(["classify", "--json", str(bad), str(missing), DOG]) == 1
    first, second, third = lines(capsys)
    assert first.keys() == second.keys() == {"file", "error"}
    assert "No such file" in second["error"]
    assert third["detections"]


def test_classify_prints_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["classify", DOG, COFFEE]) == 0
    said = capsys.readouterr().out
    assert f"{DOG}: 768 x 576, day" in said
    assert "  bicycle  0." in said
    assert "nothing" in said


def test_classify_saves_what_it_saw(tmp_path: Path) -> None:
    assert main(["classify", DOG, COFFEE, "--save-annotated", str(tmp_path / "new")]) == 0
    saved = sorted(tmp_path.glob("new/*"))
    assert [file.name for file in saved] == ["coffee.jpg", "dog.jpg"]
    assert all(file.read_bytes().startswith(b"\xff\xd8") for file in saved)


def test_nothing_that_is_there_is_overwritten(tmp_path: Path) -> None:
    picture = Path(DOG).read_bytes()
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "5.jpg").write_bytes(picture)
    first, second = (str(tmp_path / name / "5.jpg") for name in ("a", "b"))
    assert main(["classify", first, second, "--save-annotated", str(tmp_path / "a")]) == 0
    assert Path(first).read_bytes() == picture
    assert sorted(file.name for file in tmp_path.glob("a/*")) == ["5-2.jpg", "5-3.jpg", "5.jpg"]


def test_works_without_a_home(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(_user: int) -> None:
        raise KeyError("uid not found")

    for variable in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    assert main(["classify", DOG]) == 0
    assert main(["plan"]) == 1
    assert "There is no home folder" in capsys.readouterr().err


def test_a_reader_that_leaves_is_no_fault() -> None:
    command = Path(sys.executable).with_name("camclassify")
    done = subprocess.run(
        f"{command} classify {' '.join([DOG] * 20)} | head -n 1",
        shell=True,
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["bench", "--snapshot", "missing.jpg", "--cameras", "1"],
        ["classify", DOG, "--save-annotated", DOG],
        ["bundle", "inspect", "missing"],
        ["plan", "missing.yaml", "--profile", "missing.json"],
        ["calibrate", "--quick", "--profile", f"{DOG}/profile.json"],
    ],
)
def test_what_is_missing_is_one_sentence(
    arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("camclassify_core.planner.calibrate.calibrate", lambda *_, **__: 1 / 0)
    assert main(arguments) == 1
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1, said
    assert "ZeroDivisionError" not in said


def test_an_interruption_is_one_word(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("camclassify_core.cli.classify.Engine", interrupt)
    assert main(["classify", DOG]) == 1
    assert capsys.readouterr().err == "camclassify: interrupted\n"


def test_peers_that_are_missing_are_named_with_their_remedy(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    monkeypatch.setattr(
        "camclassify_core.bench.networks.installed_peers", lambda: {"onnxruntime": None}
    )
    assert main(["bench", "--peers", "--snapshot", DOG]) == 1
    assert "pip install 'camclassify[peers]'" in capsys.readouterr().err


def test_doctor_finds_nothing_wrong_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 0
    checks = {check["check"]: check for check in lines(capsys)}
    assert {"machine", "instruction set", "onnxruntime", "bundle", "self-test"} <= checks.keys()
    assert all(check["ok"] for check in checks.values())


def test_doctor_fails_without_a_bundle(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["doctor", "--bundle", str(tmp_path)]) == 1
    assert "FAILED  bundle" in capsys.readouterr().out


def test_a_bad_bundle_is_one_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["classify", DOG, "--bundle", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert str(tmp_path) in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["unknown"],
        ["classify"],
        ["classify", DOG, "--threads", "0"],
        ["classify", DOG, "--runner", "fast"],
        ["bundle"],
    ],
)
def test_a_wrong_usage_ends_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2


def test_a_missing_tool_is_named_with_its_remedy(tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['onnx'] = None; from camclassify_core.cli import main; "
        f"sys.exit(main(['bundle', 'build', {str(tmp_path)!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 1
    assert "pip install 'camclassify[tools]'" in done.stderr


def test_the_installed_command_starts() -> None:
    command = Path(sys.executable).with_name("camclassify")
    done = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip()
