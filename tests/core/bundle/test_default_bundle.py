"""The default bundle: its classes, and that its networks are the published ones."""

from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from camclassify_core.bundle import default
from camclassify_core.bundle.inspection import inspect
from camclassify_core.bundle.manifest import Manifest, ObjectEntry, SceneEntry
from camclassify_core.bundle.places import default_bundle
from camclassify_core.network.graph import Graph
from numpy.typing import NDArray

from ..sketch import onnxruntime_outputs
from ..whole_bundle import WHOLE_BUNDLE

DATA = Path(__file__).parents[2] / "data"


def test_manifest_is_what_the_recipe_writes() -> None:
    read = Manifest.read(default_bundle())
    written = default.manifest(read.scenes[0].files, read.objects[0].files)
    assert [each.name for each in read.classes] == [each.name for each in written.classes]
    assert read.scenes[0].heads == written.scenes[0].heads
    assert len(read.classes) == 22


def test_the_package_carries_the_int8_networks_of_the_whole_bundle_and_no_others() -> None:
    def in_int8[Network: (SceneEntry, ObjectEntry)](network: Network) -> Network:
        return replace(network, files=[each for each in network.files if each.precision == "int8"])

    whole, carried = Manifest.read(WHOLE_BUNDLE), Manifest.read(default_bundle())
    scenes, objects = [*map(in_int8, whole.scenes)], [*map(in_int8, whole.objects)]
    assert carried == replace(whole, scenes=scenes, objects=objects)
    named = {file.path for scene in scenes for file in scene.files}
    named |= {file.path for item in objects for file in item.files}
    assert {file.name for file in default_bundle().glob("*.onnx")} == named
    for name in named:
        assert (default_bundle() / name).read_bytes() == (WHOLE_BUNDLE / name).read_bytes()


def test_every_class_named_by_a_head_or_specialist_exists() -> None:
    manifest = Manifest.read(default_bundle())
    known = {"", *(each.name for each in manifest.classes)}
    named = chain(
        *(head.classes for scene in manifest.scenes for head in scene.heads),
        *(each.refines for item in manifest.objects for each in item.specialists),
        *(each.parents for each in manifest.classes),
        (
            kind.name
            for item in manifest.objects
            for each in item.specialists
            for kind in each.classes
        ),
    )
    assert set(named) <= known


@pytest.mark.parametrize(
    ("kinds", "kind", "words"),
    [
        (default.VEHICLE_KINDS, "minivan", ["minivan"]),
        (default.VEHICLE_KINDS, "pickup", ["pickup"]),
        (default.VEHICLE_KINDS, "suv", ["jeep"]),
        (default.VEHICLE_KINDS, "delivery_truck", ["moving van", "trailer truck"]),
        (default.VEHICLE_KINDS, "garbage_truck", ["garbage truck"]),
        (default.VEHICLE_KINDS, "bus", ["minibus", "trolleybus"]),
        (default.VEHICLE_KINDS, "school_bus", ["school bus"]),
        (default.VEHICLE_KINDS, "taxi", ["cab"]),
        (default.VEHICLE_KINDS, "emergency_vehicle", ["ambulance", "fire engine", "police van"]),
        (default.ANIMAL_KINDS, "squirrel", ["squirrel"]),
        (default.ANIMAL_KINDS, "fox", ["fox"]),
        (default.ANIMAL_KINDS, "bear", ["bear"]),
        (default.ANIMAL_KINDS, "cat", ["cat"]),
        (default.ANIMAL_KINDS, "deer", ["hartebeest", "impala", "gazelle"]),
    ],
)
def test_rows_of_a_kind_have_its_label(
    kinds: dict[str, list[int]], kind: str, words: list[str]
) -> None:
    labels = (DATA / "imagenet_labels.txt").read_text().splitlines()
    for row in kinds[kind]:
        assert any(word in labels[row].lower() for word in words), labels[row]


def test_no_row_stands_for_two_kinds() -> None:
    for kinds in (default.VEHICLE_KINDS, default.ANIMAL_KINDS):
        rows = list(chain(*kinds.values()))
        assert len(rows) == len(set(rows))


def test_scene_network_agrees_with_the_stock_file(
    scene_graph: Graph, scene_picture: NDArray[np.uint8]
) -> None:
    """references.npz was written by models/references.py from the stock file in plain ONNX Runtime."""
    references = np.load(DATA / "references.npz")
    found = onnxruntime_outputs(scene_graph, scene_picture)
    together = np.concatenate(
        [found[name][0] for name in ("boxes", "objectness", *default.HEADS)], 1
    )
    columns = [0, 1, 2, 3, 4, *(5 + column for head in default.HEADS.values() for column in head)]
    expected = references["scene"][:, columns]
    error = np.abs(together[references["scene_rows"]] - expected) / np.maximum(1, np.abs(expected))
    assert error.max() < 1e-3


def test_object_network_agrees_with_torch(
    object_graph: Graph, object_picture: NDArray[np.uint8]
) -> None:
    references = np.load(DATA / "references.npz")
    found = onnxruntime_outputs(object_graph, object_picture)
    for name in ("features", "logits"):
        expected = references[name]
        error = np.abs(found[name] - expected) / np.maximum(1, np.abs(expected))
        assert error.max() < 1e-3


def test_every_fused_file_is_fused_as_a_whole() -> None:
    complete = {file.path for file in inspect(WHOLE_BUNDLE).files if file.nodes.complete}
    assert complete == {
        f"{network}.{kind}.onnx" for network in ("scene", "object") for kind in ("fused", "int8")
    }
