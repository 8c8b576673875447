"""`camclassify doctor` says what is here, and fails if it does not work."""

from pathlib import Path

import pytest
from camclassify_core.cli import main

from .conftest import json_lines


def test_finds_nothing_wrong_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 0
    checks = {check["check"]: check for check in json_lines(capsys)}
    assert {
        "machine",
        "streams",
        "instruction set",
        "onnxruntime",
        "bundle",
        "self-test",
    } <= checks.keys()
    assert all(check["ok"] for check in checks.values())


def test_fails_without_a_bundle(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["doctor", "--bundle", str(tmp_path)]) == 1
    assert "FAILED  bundle" in capsys.readouterr().out
