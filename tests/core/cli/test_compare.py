"""`camclassify compare` says what two bundles see in the same snapshots."""

import shutil
from pathlib import Path

import pytest
from camclassify_core.cli import main
from PIL import Image

from ..whole_bundle import WHOLE_BUNDLE
from .conftest import COFFEE, DOG, json_lines


@pytest.fixture
def snapshots(tmp_path: Path) -> Path:
    folder = tmp_path / "snapshots"
    folder.mkdir()
    for file in (DOG, COFFEE):
        shutil.copy(file, folder)
    return folder


def test_prints_pairs_of_each_snapshot_and_a_summary(
    snapshots: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        main(
            [
                "compare",
                f"{WHOLE_BUNDLE}:fp32",
                "default:int8",
                "--json",
                "--snapshots",
                str(snapshots),
            ]
        )
        == 0
    )
    coffee, dog, last = json_lines(capsys)
    assert (coffee["file"], dog["file"]) == ("coffee.png", "dog.jpg")
    names = {pair["first"]["class"] for pair in dog["pairs"] if pair["first"]}
    assert {"dog", "bicycle"} <= names
    summary = last["summary"]
    assert summary["snapshots"] == 2
    assert summary["agreed"]["dog"] == 1
    assert all(0 < share <= 1 for share in summary["found_by_the_other"])
    assert all(each > 0 for each in summary["milliseconds"])


def test_a_bundle_agrees_with_itself_and_writes_no_sheet(
    snapshots: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = tmp_path / "sheet.jpg"
    words = ["compare", "default", "default", "--snapshots", str(snapshots), "--sheet", str(sheet)]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "default finds 100.0% of what default finds" in said
    assert not sheet.exists()


def test_a_sheet_shows_where_they_differ_and_is_never_overwritten(
    snapshots: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    narrow = tmp_path / "narrow"
    shutil.copytree(WHOLE_BUNDLE, narrow)
    manifest = narrow / "bundle.json"
    manifest.write_text(manifest.read_text().replace('"bicycle"', '"tricycle"'))
    sheet = tmp_path / "sheet.png"
    words = [
        "compare",
        "default",
        str(narrow),
        "--snapshots",
        str(snapshots),
        "--sheet",
        str(sheet),
    ]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "bicycle" in said
    assert f"They differ in 1 of 2: all are in {sheet}." in said
    with Image.open(sheet) as picture:
        assert picture.size == (400, 316)
    assert main(words) == 1
    assert "there already" in capsys.readouterr().err


def test_a_picture_that_cannot_be_read_stops_no_other(
    snapshots: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (snapshots / "broken.jpg").write_bytes(b"<html>")
    assert main(["compare", "default", "default", "--snapshots", str(snapshots)]) == 1
    said = capsys.readouterr()
    assert "broken.jpg" in said.err
    assert "2 snapshots." in said.out


def test_a_folder_without_pictures_and_an_unknown_bundle_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", "default", "default", "--snapshots", str(tmp_path)]) == 1
    assert "no JPEG" in capsys.readouterr().err
    assert main(["compare", "default", "nowhere", "--snapshots", str(tmp_path)]) == 1
    assert "nowhere" in capsys.readouterr().err
