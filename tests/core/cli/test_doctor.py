"""`camclassify doctor` says what is here, and fails if it does not work."""

import re
from pathlib import Path

import pytest
from camclassify_core.bench.twins import speeds_with_twin
from camclassify_core.bundle.places import default_bundle
from camclassify_core.cli import main, precisions
from camclassify_core.options import Precision

from ..whole_bundle import WHOLE_BUNDLE
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
        "precision",
        "self-test",
    } <= checks.keys()
    assert all(check["ok"] for check in checks.values())


def precision_told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["doctor", "--json", *arguments]) == 0
    (check,) = (each for each in json_lines(capsys) if each["check"] == "precision")
    return str(check["detail"])


def test_tells_what_fp32_would_take_where_there_is_int8_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = precision_told(capsys)
    for network in ("scene", "object"):
        assert re.search(rf"{network} in int8 [0-9.]+ ms, fp32 would take [0-9.]+", told)


def test_says_so_where_fp32_would_be_faster_and_is_not_installed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    faster = {Precision.INT8: 9.0, Precision.FP32: 5.0}
    monkeypatch.setattr(precisions, "speeds_with_twin", lambda *_: faster)
    assert (
        "scene in int8 9.00 ms, fp32 would take 5.00 (fp32 would be faster here, and the bundle has"
        in precision_told(capsys)
    )


def test_tells_both_figures_where_both_are_installed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    told = precision_told(capsys, "--bundle", str(WHOLE_BUNDLE))
    assert re.fullmatch(
        r"scene in \w+ [0-9.]+ ms, \w+ [0-9.]+; object in \w+ [0-9.]+ ms, \w+ [0-9.]+", told
    )


def test_says_nothing_of_speed_where_a_precision_is_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = ("--bundle", str(WHOLE_BUNDLE), "--precision", "fp32")
    assert precision_told(capsys, *asked) == "scene in fp32; object in fp32"


def test_a_twin_is_run_beside_its_network() -> None:
    speeds = speeds_with_twin(default_bundle() / "scene.int8.onnx", 1)
    assert speeds.keys() == {Precision.INT8, Precision.FP32}
    assert all(milliseconds > 0 for milliseconds in speeds.values())


def test_fails_without_a_bundle(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["doctor", "--bundle", str(tmp_path)]) == 1
    assert "FAILED  bundle" in capsys.readouterr().out
