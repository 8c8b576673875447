"""Which precision runs faster is measured once: on this machine, with this bundle, with these options."""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from camclassify_core import Engine, EngineClient, EngineOptions
from camclassify_core.info import EngineInfo
from camclassify_core.options import Precision
from camclassify_core.speeds import Speeds, recall, remember

from .whole_bundle import WHOLE_BUNDLE

OPTIONS = EngineOptions(bundle=WHOLE_BUNDLE)
# No network is that fast: what says so was remembered.
FP32_FASTER = {Precision.INT8: 0.002, Precision.FP32: 0.001}


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where speeds are kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "camclassify" / "speeds.json"


@pytest.fixture(scope="module")
def info() -> EngineInfo:
    """What an engine with all precisions says."""
    return Engine(replace(OPTIONS, precision=Precision.INT8)).info()


def saying(info: EngineInfo, speeds: Speeds) -> EngineInfo:
    """As if this had been measured of all networks."""
    return replace(info, networks=tuple(replace(each, speeds=speeds) for each in info.networks))


def precisions(info: EngineInfo) -> set[Precision]:
    """Those that networks run in."""
    return {each.precision for each in info.networks}


def measured(info: EngineInfo) -> Mapping[str, Speeds]:
    """What an engine says was measured."""
    return {each.name: each.speeds for each in info.networks}


def test_what_was_measured_is_told_and_kept(kept: Path) -> None:
    info = Engine(OPTIONS).info()
    assert {each.name for each in info.networks} == {"scene", "object"}
    for network in info.networks:
        assert network.speeds.keys() == {Precision.INT8, Precision.FP32}
        assert network.precision is min(network.speeds, key=lambda each: network.speeds[each])
    assert recall(OPTIONS) == measured(info)
    assert [file.name for file in kept.parent.iterdir()] == [kept.name]


def test_what_is_remembered_is_not_measured_again(info: EngineInfo) -> None:
    remember(OPTIONS, saying(info, FP32_FASTER))
    again = Engine(OPTIONS).info()
    assert precisions(again) == {Precision.FP32}
    assert measured(again) == dict.fromkeys(("scene", "object"), FP32_FASTER)


def test_a_precision_that_is_asked_for_is_taken_whatever_is_faster(info: EngineInfo) -> None:
    remember(OPTIONS, saying(info, FP32_FASTER))
    assert precisions(Engine(replace(OPTIONS, precision=Precision.INT8)).info()) == {Precision.INT8}


async def test_a_worker_which_may_write_nothing_remembers_too(info: EngineInfo) -> None:
    async def ask() -> EngineInfo:
        client = EngineClient(OPTIONS)
        await client.start()
        try:
            return await client.info()
        finally:
            await client.stop()

    first = await ask()
    assert recall(OPTIONS) == measured(first)
    assert measured(await ask()) == measured(first)
    remember(OPTIONS, saying(info, FP32_FASTER))
    assert precisions(await ask()) == {Precision.FP32}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe{}",
        b"[]",
        b'{"%b": []}',
        b'{"%b": {"scene": 7}}',
        b'{"%b": {"scene": {"fp16": 1}}}',
        b'{"%b": {"scene": {"fp32": "fast", "int8": 1}}}',
        b'{"%b": {"scene": {"fp32": 0, "int8": 1}}}',
        b'{"%b": {"scene": {"fp32": NaN, "int8": 1}}}',
        b'{"%b": {"scene": {"fp32": 1%b, "int8": 1}}}',
    ],
)
def test_a_damaged_file_is_measured_anew(kept: Path, info: EngineInfo, content: bytes) -> None:
    remember(OPTIONS, saying(info, FP32_FASTER))
    (key,) = json.loads(kept.read_bytes())
    kept.write_bytes(content.replace(b"%b", key.encode(), 1).replace(b"%b", b"0" * 400))
    assert recall(OPTIONS) == {}
    again = Engine(OPTIONS).info()
    assert all(ms > 0.01 for each in again.networks for ms in each.speeds.values())
    assert recall(OPTIONS) == measured(again)


def test_works_where_nothing_can_be_written(kept: Path) -> None:
    kept.parent.parent.write_text("no folder")
    assert Engine(OPTIONS).info().networks
    assert recall(OPTIONS) == {}


def test_works_without_a_home(info: EngineInfo, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> Path:
        raise RuntimeError

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", nobody)
    remember(OPTIONS, saying(info, FP32_FASTER))
    assert recall(OPTIONS) == {}


def test_holds_for_these_options_this_bundle_and_this_machine_only(
    info: EngineInfo, tmp_path: Path
) -> None:
    bundle = tmp_path / "mine"
    shutil.copytree(WHOLE_BUNDLE, bundle)
    options = replace(OPTIONS, bundle=bundle)
    remember(options, saying(info, FP32_FASTER))
    assert recall(options).keys() == {"scene", "object"}
    for other in (
        replace(options, threads=2),
        replace(options, classes=("person",)),
        replace(options, fused=False),
        OPTIONS,
    ):
        assert recall(other) == {}
    os.utime(bundle / "scene.int8.onnx", ns=(1, 1))
    assert recall(options) == {}
    remember(options, saying(replace(info, instruction_set="another"), FP32_FASTER))
    assert recall(options) == {}


def test_the_number_of_bundles_that_are_remembered_has_a_limit(
    kept: Path, info: EngineInfo
) -> None:
    for threads in range(1, 41):
        remember(replace(OPTIONS, threads=threads), saying(info, FP32_FASTER))
    assert len(json.loads(kept.read_bytes())) == 32
    assert recall(replace(OPTIONS, threads=8)) == {}
    assert recall(replace(OPTIONS, threads=9))
