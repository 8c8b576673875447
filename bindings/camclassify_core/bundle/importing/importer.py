"""Reads a model, makes it a scene network, writes the bundle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from camclassify_core.errors import BundleError
from camclassify_core.network import onnx_file, onnx_writer
from camclassify_core.network.fusion import FusionReport, fuse
from camclassify_core.network.graph import Array, Graph
from camclassify_core.network.picture_input import PICTURE, take_u8_nhwc
from camclassify_core.network.quantisation import Plan, calibrate, refine
from camclassify_core.onnxruntime_package import onnxruntime
from camclassify_core.progress import Progress
from camclassify_core.snapshot_files import snapshot_files

from .. import photographs, yolox
from ..manifest import ClassEntry, HeadEntry, InputEntry, Manifest, SceneEntry, check_is_new
from ..network_files import write_network
from . import layouts

# Of so many photographs one is held out, to judge int8 by; of too few, none can be spared.
_HELD_OUT = 4
_LEAST_TO_HOLD_OUT = 8
# Refining looks at no more: each of its hundreds of tries runs all of them.
_REFINED_ON = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """What a model's file does not say.

    `classes`: a text file with a class name per line, in the order of the scores.
    `width`, `height`: the input's size where the file leaves it open.
    `subtract`, `divide`: (x - subtract) / divide is what the model wants of a pixel 0..255; one
    number, or three in the order of its channels.
    `photographs`: a folder of snapshots; with it the bundle gets an int8 network too, if all of it is fused.
    """

    classes: Path
    width: int | None = None
    height: int | None = None
    order: Literal["rgb", "bgr"] = "rgb"
    fit: Literal["letterbox", "stretch"] = "letterbox"
    pad: int = 114
    subtract: Sequence[float] = (0,)
    divide: Sequence[float] = (255,)
    boxes: layouts.BoxOrder = "xyxy"
    threshold: float = 0.45
    photographs: Path | None = None


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What the model was taken for, and what became of its operators.

    `judged`: photographs on which int8 can be compared with fp32, as it was not calibrated on them; none
    without int8, or where there were too few.
    """

    layout: str
    fusion: FusionReport
    judged: tuple[Path, ...] = ()


def import_model(
    model: Path, directory: Path, options: ImportOptions, *, progress: Progress
) -> ImportReport:
    """Writes a bundle with one scene network into `directory`, which must be new or empty.

    Raises BundleError saying what to do; nothing is written then.
    """
    check_is_new(directory)
    progress("Reading the model", 0.0)
    names = _class_names(options.classes)
    _check_normalisation(options)
    graph = onnx_file.read_open(model, width=options.width, height=options.height)
    graph.rename("model/{}".format)  # its names may be those of a scene network's outputs
    channels_first = _check_input(graph)
    _, *shape = graph.types[graph.inputs[0]].shape
    height, width = shape[1:] if channels_first else shape[:2]
    progress("Looking at its outputs", 0.2)
    scene, layout = _scene_network(
        graph, (width, height), channels_first, len(names), model, options
    )
    wanted = InputEntry(
        name=PICTURE,
        width=width,
        height=height,
        fit=options.fit,
        order=options.order,
        pad=options.pad,
    )
    plan: Plan | None = None
    judged: list[Path] = []
    if options.photographs:
        shots, judged = _split(snapshot_files(options.photographs))
        plan = _plan(scene, [photographs.read(each, wanted) for each in shots], progress)
    progress("Writing the bundle", 0.9)
    directory.mkdir(parents=True, exist_ok=True)
    written = write_network(scene, directory, "scene", plan)
    entry = SceneEntry(
        name="scene",
        files=written.files,
        input=wanted,
        boxes=layouts.BOXES,
        objectness=layouts.OBJECTNESS,
        strides=layout.strides,
        heads=[HeadEntry(name="all", output=layouts.SCORES, classes=names)],
    )
    Manifest(
        name=model.stem,
        version="1",
        classes=[
            ClassEntry(name=name, threshold=options.threshold, on_by_default=True)
            for name in dict.fromkeys(names)
            if name
        ],
        scenes=[entry],
    ).write(directory)
    progress("Done", 1.0)
    return ImportReport(layout.name, written.fusion, tuple(judged))


def _split(files: list[Path]) -> tuple[list[Path], list[Path]]:
    """Photographs to calibrate on, and to judge by."""
    if len(files) < _LEAST_TO_HOLD_OUT:
        return files, []
    judged = files[_HELD_OUT - 1 :: _HELD_OUT]
    return [each for each in files if each not in judged], judged


def _plan(scene: Graph, shots: list[Array], progress: Progress) -> Plan:
    fused = fuse(scene, blocks=False)[0]
    plan = calibrate(fused, shots, progress)
    return refine(fused, plan, shots[:: -(-len(shots) // _REFINED_ON)], _scores, progress)


def _scores(outputs: Mapping[str, Array]) -> NDArray[np.float32]:
    return np.asarray(outputs[layouts.OBJECTNESS][0] * outputs[layouts.SCORES][0])


def _scene_network(
    graph: Graph,
    size: tuple[int, int],
    channels_first: bool,
    classes: int,
    model: Path,
    options: ImportOptions,
) -> tuple[Graph, layouts.Layout]:
    width, height = size
    probe = _probe(graph)
    columns = {layouts.SCORES: range(classes)}
    if len(probe) == 1 and layouts.is_yolox(probe[graph.outputs[0]].shape, size, classes):
        try:
            scene = yolox.cut(
                model.read_bytes(),
                width=width,
                height=height,
                groups=columns,
                subtract=options.subtract,
                divide=options.divide,
            )
        except BundleError:
            pass
        else:
            return scene, layouts.Layout("YOLOX", layouts.YOLOX_STRIDES)
    layout = layouts.adapt(graph, size, classes, probe, options.boxes)
    take_u8_nhwc(
        graph,
        graph.inputs[0],
        subtract=options.subtract,
        divide=options.divide,
        channels_first=channels_first,
    )
    graph.prune()
    graph.sort()
    onnx_file.infer_types(graph)
    return graph, layout


def _class_names(path: Path) -> list[str]:
    """A name per line; Home Assistant's kind of name: lower case, underscores. May be empty."""
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BundleError(f"the class names {path} cannot be read: {error}") from error
    names = ["_".join(line.lower().split()) for line in lines]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise BundleError(f"{path} holds no class names: write one per line")
    return names


def _check_normalisation(options: ImportOptions) -> None:
    for key, numbers in (("subtract", options.subtract), ("divide", options.divide)):
        if len(numbers) not in (1, 3):
            raise BundleError(f"{key} takes one number or three, not {len(numbers)}")
    if 0 in options.divide:
        raise BundleError("divide must not be 0")


def _check_input(graph: Graph) -> bool:
    """Whether the channels come first. Raises BundleError for what is no picture."""
    if len(graph.inputs) == 1 and graph.inputs[0] in graph.types:
        kind = graph.types[graph.inputs[0]]
        if kind.dtype == np.float32 and len(kind.shape) == 4 and kind.shape[0] == 1:
            if kind.shape[1] == 3:
                return True
            if kind.shape[3] == 3:
                return False
    raise BundleError(
        "the model must have one input, f32 1x3xHxW or 1xHxWx3: a batch of one RGB or BGR picture"
    )


def _probe(graph: Graph) -> dict[str, Array]:
    """The outputs for noise, as ONNX Runtime computes them."""
    name = graph.inputs[0]
    noise = np.random.default_rng(0).random(graph.types[name].shape, np.float32)
    try:
        session = onnxruntime.InferenceSession(onnx_writer.to_bytes(graph))
        values = session.run(graph.outputs, {name: noise})
    except Exception as error:  # its exceptions have no common class of their own
        raise BundleError(f"ONNX Runtime cannot run the model: {error}") from error
    return dict(zip(graph.outputs, values, strict=True))
