"""`camclassify bundle` says what it found, and ends with 1 where it cannot."""

import json
from pathlib import Path

import pytest
from camclassify_core.cli import main


def test_inspect_lists_the_files_and_classes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bundle", "inspect"]) == 0
    said = capsys.readouterr().out
    assert "scene.int8.onnx" in said
    assert "delivery_truck" in said


def test_inspect_speaks_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bundle", "inspect", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert len(found["manifest"]["classes"]) == 22
    assert {file["precision"] for file in found["files"]} == {"int8"}


def test_inspect_of_no_bundle_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bundle", "inspect", str(tmp_path)]) == 1
    assert "bundle.json cannot be read" in capsys.readouterr().err


def test_import_of_no_model_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "names.txt").write_text("person\n")
    (tmp_path / "model.onnx").write_bytes(b"<html>")
    paths = [str(tmp_path / "model.onnx"), str(tmp_path / "bundle")]
    assert main(["bundle", "import", *paths, "--class-names", str(tmp_path / "names.txt")]) == 1
    assert "not a valid ONNX network" in capsys.readouterr().err
    assert not (tmp_path / "bundle").exists()
