"""The default bundle's networks as graphs, and pictures for them."""

from pathlib import Path

import numpy as np
import pytest
from camclassify_core.bundles import onnx_file, pictures
from camclassify_core.bundles.default import OBJECT_INPUT, SCENE_INPUT
from camclassify_core.bundles.fusion import fuse
from camclassify_core.bundles.graph import Graph
from numpy.typing import NDArray

from ..whole_bundle import WHOLE_BUNDLE

TESTS = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def scene_picture() -> NDArray[np.uint8]:
    """dog.jpg, letterboxed."""
    return pictures.read(TESTS / "photographs" / "dog.jpg", SCENE_INPUT)


@pytest.fixture(scope="session")
def object_picture() -> NDArray[np.uint8]:
    """chelsea.png, stretched."""
    return pictures.read(TESTS / "photographs" / "chelsea.png", OBJECT_INPUT)


@pytest.fixture(scope="session")
def scene_graph() -> Graph:
    """The unfused scene network."""
    return onnx_file.read(WHOLE_BUNDLE / "scene.onnx")


@pytest.fixture(scope="session")
def object_graph() -> Graph:
    """The unfused object network."""
    return onnx_file.read(WHOLE_BUNDLE / "object.onnx")


@pytest.fixture(scope="session")
def single_ops(object_graph: Graph) -> Graph:
    """The object network, fused without blocks: what is quantised."""
    return fuse(object_graph, blocks=False)[0]
