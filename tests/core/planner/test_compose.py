"""Composed bundles run in the engine, and see what the networks that they are made of see."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from camclassify_core import Engine, EngineOptions, Precision, Request, Result, Runner
from camclassify_core.bundle.manifest import FileEntry, HeadEntry, Manifest
from camclassify_core.cli import main
from camclassify_core.errors import BundleError
from camclassify_core.network import onnx_file, onnx_writer
from camclassify_core.network.graph import Node, ValueType
from camclassify_core.planner.compose import compose
from camclassify_core.planner.design_file import parse_designs

from ..whole_bundle import WHOLE_BUNDLE

PHOTOGRAPHS = ("dog.jpg", "person.jpg", "eagle.jpg", "coffee.png")
GROUPS = "[{name: people}, {name: vehicles}, {name: animals}]"
SHARED = f"{{name: shared, trunk: {{bundle: default}}, heads: {GROUPS}}}"


def composed(directory: Path, design: str, **bundles: Path) -> Manifest:
    (read,) = parse_designs(f"designs: [{design}]")
    return compose(read, directory, bundles)


def detections(result: Result) -> list[tuple[str, float, tuple[float, ...]]]:
    return sorted(
        (
            found.name,
            round(found.score, 4),
            (found.box.x0, found.box.y0, found.box.x1, found.box.y1),
        )
        for found in result.detections
    )


def assert_sees_the_same(
    directory: Path, engine: Engine, photograph: Callable[[str], bytes], threads: int = 1
) -> Engine:
    other = Engine(EngineOptions(bundle=directory, threads=threads))
    for name in PHOTOGRAPHS:
        expected = detections(engine.classify(photograph(name)))
        assert detections(other.classify(photograph(name))) == expected, name
    return other


@pytest.mark.parametrize(
    ("design", "words"),
    [
        (SHARED, "shared trunk with heads"),
        (
            f"{{name: side by side, trunk: {{bundle: default}}, heads: {GROUPS},"
            " execution: parallel, threads: 2}",
            "shared trunk with heads",
        ),
        (
            f"{{name: groups, trunk: {{bundle: default}}, heads: {GROUPS}, grouping: per_group}}",
            "class-group networks",
        ),
        (
            f"{{name: timed, trunk: {{bundle: default}}, heads: {GROUPS}, grouping: per_regime,"
            " regimes: 3}",
            "time-of-day networks",
        ),
        (
            f"{{name: both, trunk: {{bundle: default}}, heads: {GROUPS}, grouping: both,"
            " regimes: 3, resident: active}",
            "class-group and time-of-day networks",
        ),
    ],
)
def test_every_architecture_sees_what_the_default_bundle_sees(
    tmp_path: Path,
    engine: Engine,
    photograph: Callable[[str], bytes],
    design: str,
    words: str,
) -> None:
    assert composed(tmp_path / "bundle", design).architecture == words
    assert_sees_the_same(tmp_path / "bundle", engine, photograph, threads=2)


def test_one_network_for_all_classes_sees_the_same(
    tmp_path: Path, engine: Engine, photograph: Callable[[str], bytes]
) -> None:
    one_head_bundle(tmp_path / "one")
    composed(
        tmp_path / "bundle",
        "{name: one, trunk: {bundle: one}, heads: [{name: everything}]}",
        one=tmp_path / "one",
    )
    plain = EngineOptions(
        bundle=WHOLE_BUNDLE, precision=Precision.FP32, runner=Runner.ONNXRUNTIME, fused=False
    )
    expected = Engine(plain)
    found = Engine(replace(plain, bundle=tmp_path / "bundle"))
    assert found.head_runs().keys() >= {"scene/everything"}
    for name in PHOTOGRAPHS:
        assert detections(found.classify(photograph(name))) == detections(
            expected.classify(photograph(name))
        )


def test_a_head_that_waits_runs_only_where_something_was_found(
    tmp_path: Path, photograph: Callable[[str], bytes]
) -> None:
    heads = "[{name: people}, {name: vehicles}, {name: animals, when: [person]}]"
    manifest = composed(
        tmp_path / "bundle", f"{{name: gated, trunk: {{bundle: default}}, heads: {heads}}}"
    )
    assert manifest.architecture == "shared trunk with heads, gated"
    gated = Engine(EngineOptions(bundle=tmp_path / "bundle"))
    assert "bird" not in names(gated.classify(photograph("eagle.jpg")))
    assert gated.head_runs()["scene/animals"] == 0
    assert {"dog", "person"} <= names(gated.classify(photograph("person.jpg")))
    assert gated.head_runs()["scene/animals"] >= 1


def test_a_group_network_that_waits_runs_only_where_something_was_found(
    tmp_path: Path, photograph: Callable[[str], bytes]
) -> None:
    heads = "[{name: people}, {name: animals, when: [person]}]"
    composed(
        tmp_path / "bundle",
        f"{{name: gated, trunk: {{bundle: default}}, heads: {heads}, grouping: per_group}}",
    )
    gated = Engine(EngineOptions(bundle=tmp_path / "bundle"))
    gated.classify(photograph("eagle.jpg"))
    assert gated.head_runs()["animals/animals"] == 0
    assert {"dog", "person"} <= names(gated.classify(photograph("person.jpg")))


def test_another_light_brings_its_own_network_without_a_stall(
    tmp_path: Path, photograph: Callable[[str], bytes]
) -> None:
    bright_bundle(tmp_path / "bright")
    composed(
        tmp_path / "bundle",
        "{name: timed, trunk: {bundle: {day: default, dusk: default, night: bright}},"
        f" heads: {GROUPS}, grouping: per_regime, regimes: 3, resident: active}}",
        bright=tmp_path / "bright",
    )
    timed = Engine(EngineOptions(bundle=tmp_path / "bundle"))
    dog = photograph("dog.jpg")

    def look(elevation: float) -> set[str]:
        timed.classify(dog, Request(camera="drive", sun_elevation=elevation, use_gate=False))
        return {network.name for network in timed.info().networks if "scene" in network.name}

    assert look(40) == {"scene_day"}
    day_runs = timed.head_runs()["scene_day/people"]
    look(-20)
    assert timed.head_runs()["scene_day/people"] > day_runs
    frames = next(count for count in range(1000) if "scene_night" in look(-20))
    assert frames < 999
    assert next(count for count in range(1000) if look(-20) == {"scene_night"}) < 999


def test_a_bundle_of_its_own_for_each_group(tmp_path: Path) -> None:
    manifest = composed(
        tmp_path / "bundle",
        "{name: mixed, grouping: per_group, trunk: {bundle: default},"
        " heads: [{name: people}, {name: animals, bundle: other}]}",
        other=WHOLE_BUNDLE,
    )
    assert [scene.name for scene in manifest.scenes] == ["people", "animals"]
    assert "delivery_truck" not in {each.name for each in manifest.classes}


@pytest.mark.parametrize(
    ("design", "message"),
    [
        ("{name: a, heads: [{name: people}]}", "networks that do not exist"),
        (
            "{name: a, trunk: {bundle: mine}, heads: [{name: people}]}",
            r"no bundle 'mine'.*--bundle mine=DIR",
        ),
        (
            "{name: a, trunk: {bundle: default}, heads: [{name: fish}]}",
            "no head 'fish', but people, vehicles, animals",
        ),
        (
            "{name: a, trunk: {bundle: default}, heads: [{name: people, classes: 3}]}",
            "has 1 classes, not 3",
        ),
        (
            "{name: a, trunk: {bundle: default},"
            " heads: [{name: people}, {name: animals, when: [unicorn]}]}",
            "waits for the class 'unicorn'",
        ),
        (
            "{name: a, trunk: {bundle: default}, grouping: per_group,"
            " heads: [{name: people, when: [dog]}, {name: animals}]}",
            "'people', cannot wait",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused(tmp_path: Path, design: str, message: str) -> None:
    with pytest.raises(BundleError, match=message):
        composed(tmp_path / "bundle", design)
    assert not (tmp_path / "bundle").exists()


def test_bundles_that_disagree_on_a_class_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "other"
    copy_bundle(other)
    manifest = Manifest.read(other)
    classes = [
        replace(each, parents=()) if each.name == "dog" else each for each in manifest.classes
    ]
    replace(manifest, classes=classes).write(other)
    with pytest.raises(BundleError, match="do not agree on the parents of the class 'dog'"):
        composed(
            tmp_path / "bundle",
            "{name: a, trunk: {bundle: default}, grouping: per_group,"
            " heads: [{name: people}, {name: animals, bundle: other}]}",
            other=other,
        )


def test_an_existing_directory_is_kept(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(BundleError, match="is not empty"):
        composed(tmp_path, SHARED)


def test_the_command_says_what_it_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    designs = tmp_path / "designs.yaml"
    designs.write_text(f"designs: [{SHARED}]")
    assert main(["bundle", "compose", str(designs), str(tmp_path / "bundle"), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["architecture"] == "shared trunk with heads"
    assert "scene/people" in said["heads"]


def test_the_command_asks_which_of_several_designs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    designs = tmp_path / "designs.yaml"
    designs.write_text(f"designs: [{SHARED}, {SHARED.replace('shared', 'other')}]")
    assert main(["bundle", "compose", str(designs), str(tmp_path / "bundle")]) == 1
    assert "choose with --design among 'shared', 'other'" in capsys.readouterr().err


def names(result: Result) -> set[str]:
    return {found.name for found in result.detections}


def copy_bundle(directory: Path) -> None:
    directory.mkdir()
    for file in WHOLE_BUNDLE.iterdir():
        (directory / file.name).write_bytes(file.read_bytes())


def one_head_bundle(directory: Path) -> None:
    """The default bundle with all class scores in one output."""
    copy_bundle(directory)
    manifest = Manifest.read(directory)
    (scene,) = manifest.scenes
    graph = onnx_file.read(directory / "scene.onnx")
    parts = [head.output for head in scene.heads]
    classes = [name for head in scene.heads for name in head.classes]
    anchors = graph.types[parts[0]].shape[1]
    graph.nodes.append(Node("Concat", parts, ["everything"], {"axis": 2}))
    graph.outputs = [scene.boxes, scene.objectness, "everything"]
    graph.types["everything"] = ValueType(np.dtype(np.float32), (1, anchors, len(classes)))
    onnx_writer.write(graph, directory / "scene.onnx")
    one = replace(
        scene,
        files=[FileEntry(precision="fp32", fused=False, path="scene.onnx")],
        heads=[HeadEntry(name="everything", output="everything", classes=classes)],
    )
    replace(manifest, scenes=[one]).write(directory)


def bright_bundle(directory: Path) -> None:
    """The default bundle for pictures half as bright: its first convolution has doubled weights."""
    copy_bundle(directory)
    manifest = Manifest.read(directory)
    (scene,) = manifest.scenes
    graph = onnx_file.read(directory / "scene.fused.onnx")
    stem = next(node for node in graph.nodes if node.op == "Stem")
    graph.constants[stem.inputs[1]] = graph.constants[stem.inputs[1]] * np.float32(2)
    onnx_writer.write(graph, directory / "scene.fused.onnx")
    fused = [FileEntry(precision="fp32", fused=True, path="scene.fused.onnx")]
    replace(manifest, scenes=[replace(scene, files=fused)]).write(directory)
