"""`camclassify classify` says what is in pictures."""

import os
import subprocess
from pathlib import Path

import pytest
from camclassify_core import MAX_SNAPSHOT_BYTES
from camclassify_core.cli import main

from .conftest import COFFEE, COMMAND, DOG, json_lines

JPEG = b"\xff\xd8"


def test_prints_a_line_of_json_per_picture(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["classify", "--json", DOG, COFFEE]) == 0
    dog, coffee = json_lines(capsys)
    assert dog["file"] == DOG
    assert dog["size"] == [768, 576]
    assert dog["regime"] == "day"
    assert {"dog", "bicycle"} <= {found["class"] for found in dog["detections"]}
    for found in dog["detections"]:
        assert len(found["box"]) == 4
        assert all(0 <= edge <= 1 for edge in found["box"])
    assert dog["timing_ms"].keys() == {"decode", "gate", "scene", "object", "total"}
    assert coffee["detections"] == []
    assert "output" not in dog


def test_prints_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["classify", DOG, COFFEE]) == 0
    said = capsys.readouterr().out
    assert f"{DOG}: 768 x 576, day" in said
    assert "  bicycle  0." in said
    assert "nothing" in said


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A picture, what is called one and is none, what is no picture, and a picture further below."""
    folder = tmp_path / "pictures"
    (folder / "night").mkdir(parents=True)
    (folder / "2.png").write_bytes(Path(COFFEE).read_bytes())
    (folder / "3.jpg").write_bytes(b"<html>")
    (folder / "notes.txt").write_text("none")
    (folder / "night" / "1.JPG").write_bytes(Path(DOG).read_bytes())
    return folder


def test_a_folder_stands_for_its_pictures_and_one_that_is_none_stops_no_other(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["classify", "--json", str(folder)]) == 1
    lines = json_lines(capsys)
    names = [Path(line["file"]).relative_to(folder) for line in lines]
    assert list(map(str, names)) == ["2.png", "3.jpg", "night/1.JPG"]
    assert lines[1].keys() == {"file", "error"}
    assert lines[1]["error"]["kind"] == "SnapshotError"
    assert lines[2]["detections"]


def test_what_cannot_be_read_is_a_line_on_standard_error(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing, empty = tmp_path / "missing.jpg", tmp_path / "empty"
    empty.mkdir()
    assert main(["classify", str(missing), str(empty), str(folder / "3.jpg"), DOG]) == 1
    captured = capsys.readouterr()
    first, second, third = captured.err.splitlines()
    assert first == f"camclassify: {missing}: No such file or directory"
    assert second == f"camclassify: {empty}: there is no JPEG, PNG or WebP in this folder"
    assert third.startswith(f"camclassify: {folder / '3.jpg'}: The snapshot is")
    assert captured.out.startswith(f"{DOG}: 768 x 576")


def test_a_name_that_is_no_text_is_printed_as_it_is(tmp_path: Path) -> None:
    file = bytes(tmp_path) + b"/\xff.jpg"
    Path(file.decode(errors="surrogateescape")).write_bytes(Path(DOG).read_bytes())
    strict = os.environ | {"PYTHONIOENCODING": "utf-8:strict"}  # as where the locale is not C
    done = subprocess.run([COMMAND, "classify", file], capture_output=True, check=True, env=strict)
    assert done.stdout.startswith(file + b": 768 x 576")


def test_reads_a_picture_from_standard_input() -> None:
    with Path(DOG).open("rb") as picture:
        done = subprocess.run(
            [COMMAND, "classify", "-"], stdin=picture, capture_output=True, text=True, check=True
        )
    assert done.stdout.startswith("-: 768 x 576")
    assert "dog" in done.stdout


def test_nothing_on_standard_input_is_one_sentence() -> None:
    done = subprocess.run(f"{COMMAND} classify - <&-", shell=True, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == "camclassify: -: Bad file descriptor\n"


def test_no_more_is_read_than_a_snapshot_may_have(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["classify", "/dev/zero"]) == 1
    assert "/dev/zero" in capsys.readouterr().err


def test_a_picture_that_is_too_large_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    large = tmp_path / "large.jpg"
    content = Path(DOG).read_bytes()
    large.write_bytes(content + bytes(MAX_SNAPSHOT_BYTES + 1 - len(content)))
    assert main(["classify", str(large)]) == 1
    assert str(large) in capsys.readouterr().err


def test_only_the_classes_that_were_asked_for_are_reported(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["classify", "--json", DOG, "--classes", "bicycle,animal"]) == 0
    (line,) = json_lines(capsys)
    assert {found["class"] for found in line["detections"]} == {"bicycle", "animal"}


def test_an_unknown_class_is_refused_with_those_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["classify", DOG, "--classes", "dog,gorilla"]) == 2
    said = capsys.readouterr().err
    assert "'gorilla'" in said
    assert "delivery_truck" in said


def test_the_score_that_counts_can_be_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    scores = []
    for least in ("0.05", "0.84"):
        assert main(["classify", "--json", DOG, "--min-score", least]) == 0
        (line,) = json_lines(capsys)
        scores.append([found["score"] for found in line["detections"]])
    many, few = scores
    assert 0.05 <= min(many) < 0.4
    assert [score for score in many if score >= 0.84] == few
    assert few


def test_draws_into_a_folder_under_the_pictures_own_names(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "new" / "boxes"
    assert main(["classify", "--json", COFFEE, str(folder), "--output", str(output)]) == 1
    told = [line.get("output") for line in json_lines(capsys)]
    drawn = [output / "coffee.png.jpg", output / "pictures/2.png.jpg"]
    drawn.append(output / "pictures/night/1.JPG")
    assert told == [str(drawn[0]), str(drawn[1]), None, str(drawn[2])]
    assert sorted(path for path in output.rglob("*") if path.is_file()) == sorted(drawn)
    assert all(path.read_bytes().startswith(JPEG) for path in drawn)


def test_draws_one_picture_into_a_file(tmp_path: Path) -> None:
    file = tmp_path / "boxes.jpg"
    assert main(["classify", DOG, "--output", str(file)]) == 0
    assert file.read_bytes().startswith(JPEG)
    assert file.read_bytes() != Path(DOG).read_bytes()


def test_draws_standard_input_into_a_folder(tmp_path: Path) -> None:
    with Path(DOG).open("rb") as picture:
        command = [str(COMMAND), "classify", "-", "--output", str(tmp_path)]
        subprocess.run(command, stdin=picture, stdout=subprocess.DEVNULL, check=True)
    assert (tmp_path / "stdin.jpg").read_bytes().startswith(JPEG)


def test_what_is_there_is_replaced_only_where_that_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "dog.jpg"
    file.write_text("dear to me")
    for output in (file, tmp_path):
        assert main(["classify", DOG, "--output", str(output)]) == 1
        captured = capsys.readouterr()
        assert captured.out == ""  # known before anything is classified
        assert str(file) in captured.err
        assert "--overwrite" in captured.err
        assert file.read_text() == "dear to me"
    assert main(["classify", DOG, "--output", str(tmp_path), "--overwrite"]) == 0
    assert file.read_bytes().startswith(JPEG)


def test_a_file_that_comes_meanwhile_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from camclassify_core import Engine

    class Slow(Engine):
        def draw_boxes(self, *arguments: object) -> bytes:
            (tmp_path / "dog.jpg").write_text("dear to me")
            return JPEG

    monkeypatch.setattr("camclassify_core.cli.classify.Engine", Slow)
    assert main(["classify", DOG, "--output", str(tmp_path)]) == 1
    assert (tmp_path / "dog.jpg").read_text() == "dear to me"
    assert "File exists" in capsys.readouterr().err


@pytest.mark.parametrize("way", ["folder", "file", "symbolic link", "hard link"])
def test_a_picture_that_is_classified_is_never_overwritten(
    way: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "porch.jpg"
    picture.write_bytes(Path(DOG).read_bytes())
    link = tmp_path / "link.jpg"
    if way == "symbolic link":
        link.symlink_to(picture)
    elif way == "hard link":
        link.hardlink_to(picture)
    output = {"folder": tmp_path, "file": picture}.get(way, link)
    assert main(["classify", str(picture), "--output", str(output), "--overwrite"]) == 1
    assert "never overwritten" in capsys.readouterr().err
    assert picture.read_bytes() == Path(DOG).read_bytes()


@pytest.mark.parametrize("within", ["boxes", "."])
def test_what_was_drawn_is_not_classified(
    within: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["classify", "--json", str(folder), "--output", str(folder / within), "--overwrite"]
    main(command)
    first = [line["file"] for line in json_lines(capsys)]
    main(command)
    assert [line["file"] for line in json_lines(capsys)] == first
