"""`camclassify bundle build` makes a bundle that the engine runs out of weights as they are published.

The networks are small, in the formats of the real ones: what they see is no matter here.
"""

import hashlib
import json
import zipfile
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from camclassify_core import BundleError, CamClassifyError, Engine, EngineOptions
from camclassify_core.bundle import default, efficientnet, state_dict
from camclassify_core.bundle.build import build
from camclassify_core.bundle.packages import PackagedFile
from camclassify_core.cli import main
from camclassify_core.network import onnx_file
from camclassify_core.options import Precision, Runner
from camclassify_core.results import Box, Regime

from ..sketch import onnxruntime_outputs
from . import published

TESTS = Path(__file__).parents[2]
WHOLE = Box(x0=0, y0=0, x1=1, y1=1)


def package(file: PackagedFile, content: bytes, downloads: Path) -> PackagedFile:
    """Put a file into a wheel of its package, and say how it is known."""
    wheel = f"{file.package.replace('-', '_')}-{file.version}-py3-none-any.whl"
    with zipfile.ZipFile(downloads / wheel, "w") as archive:
        archive.writestr(file.member, content)
    return replace(file, size=len(content), sha256=hashlib.sha256(content).hexdigest())


@dataclass(frozen=True)
class Built:
    """The bundle, and what the command printed."""

    directory: Path
    said: dict[str, Any]


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Packages that are on this machine already."""
    folder = tmp_path_factory.mktemp("downloads")
    weights = published.state_dict(published.efficientnet_lite0())
    with pytest.MonkeyPatch.context() as patch:
        for name, content in (("YOLOX_NANO", published.yolox()), ("EFFICIENTNET_LITE0", weights)):
            patch.setattr(default, name, package(getattr(default, name), content, folder))
        for name in ("SCENE_INPUT", "OBJECT_INPUT"):
            small = replace(getattr(default, name), width=published.SIZE, height=published.SIZE)
            patch.setattr(default, name, small)
        patch.setattr(efficientnet, "RESOLUTION", published.SIZE)
        yield folder


@pytest.fixture(scope="module")
def built(downloads: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Calibrated anew on two photographs: the plans that come with the package are the real networks'."""
    photographs = tmp_path_factory.mktemp("photographs")
    for name in ("dog.jpg", "eagle.jpg"):
        (photographs / name).symlink_to(TESTS / "photographs" / name)
    directory = tmp_path_factory.mktemp("built") / "bundle"
    output = StringIO()
    with redirect_stdout(output), pytest.MonkeyPatch.context() as patch:
        # What takes the longest, and is tested where quantisation is.
        patch.setattr("camclassify_core.bundle.build.refine", lambda _fused, plan, *_: plan)
        patch.setattr("camclassify_core.bundle.build._COMPARED", 1)
        folders = ["--downloads", str(downloads), "--photographs", str(photographs)]
        assert main(["bundle", "build", str(directory), *folders, "--json"]) == 0
    return Built(directory, json.loads(output.getvalue()))


@pytest.mark.parametrize("runner", [Runner.DIRECT, Runner.ONNXRUNTIME])
@pytest.mark.parametrize("precision", [Precision.FP32, Precision.INT8])
def test_the_engine_runs_what_was_built(
    built: Built, dog: bytes, runner: Runner, precision: Precision
) -> None:
    engine = Engine(EngineOptions(bundle=built.directory, runner=runner, precision=precision))
    assert {each.precision for each in engine.info().networks} == {precision}
    assert engine.classify(dog).detections == ()
    features = engine.features(dog, WHOLE, Regime.DAY)
    assert len(features) == 1280
    assert max(features) > 0


def test_what_became_of_each_network_is_told(built: Built) -> None:
    scene, objects = built.said["networks"]
    assert (scene["name"], objects["name"]) == ("scene", "object")
    for network in (scene, objects):
        assert network["fusion"]["standard"] == {}
        assert min(cost["signal_to_noise_db"] for cost in network["costs"]) > 0


def test_the_plans_of_a_new_calibration_are_kept(built: Built) -> None:
    for name in ("scene", "object"):
        assert json.loads((built.directory / f"{name}.plan.json").read_text())


def test_the_networks_are_the_published_ones(built: Built) -> None:
    """Columns of the classes that the bundle names, as the stock network has them."""
    stock = onnx_file.read(published.yolox())
    ours = onnx_file.read(built.directory / "scene.onnx")
    picture = np.random.default_rng(0).integers(
        0, 256, (1, published.SIZE, published.SIZE, 3), np.uint8
    )
    fed = picture.astype(np.float32).transpose(0, 3, 1, 2)
    (expected,) = onnxruntime_outputs(stock, fed).values()
    found = onnxruntime_outputs(ours, picture)
    np.testing.assert_allclose(found["boxes"], expected[..., :4], rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(found["objectness"], expected[..., 4:5], atol=1e-4)
    for head, columns in default.HEADS.items():
        wanted = expected[..., [5 + column for column in columns]]
        np.testing.assert_allclose(found[head], wanted, atol=1e-4)


def test_five_of_the_object_networks_layers_halve_the_picture(built: Built) -> None:
    """As TensorFlow pads: by one pixel more at the end where it does not come out even."""
    graph = onnx_file.read(built.directory / "object.onnx")
    pool = next(node for node in graph.nodes if node.op == "GlobalAveragePool")
    assert graph.shape(pool.inputs[0]) == (1, 1280, published.SIZE // 32, published.SIZE // 32)


def test_a_folder_that_is_not_empty_is_left_alone(built: Built, downloads: Path) -> None:
    before = sorted(built.directory.iterdir())
    with pytest.raises(BundleError, match="empty"):
        build(built.directory, downloads=downloads, progress=lambda _step, _share: None)
    assert sorted(built.directory.iterdir()) == before


def test_photographs_that_are_none_are_named(downloads: Path, tmp_path: Path) -> None:
    photographs = tmp_path / "photographs"
    photographs.mkdir()
    progress = lambda _step, _share: None  # noqa: E731
    with pytest.raises(CamClassifyError, match="no JPEG, PNG or WebP"):
        build(tmp_path / "one", downloads=downloads, photographs=photographs, progress=progress)
    (photographs / "a.jpg").write_text("no picture")
    with pytest.raises(BundleError, match=r"a\.jpg is not a picture"):
        build(tmp_path / "other", downloads=downloads, photographs=photographs, progress=progress)


def test_a_state_dict_is_read_as_it_was_written() -> None:
    tensors = {
        "weight": np.arange(12, dtype=np.float32).reshape(3, 4).T,
        "bias": np.array([1.5, -2], np.float32),
    }
    found = state_dict.read(published.state_dict(tensors))
    assert list(found) == ["weight", "bias"]
    for name, tensor in tensors.items():
        np.testing.assert_array_equal(found[name], tensor, strict=True)
