"""The default bundle's networks as graphs, and pictures for them."""

from pathlib import Path

import numpy as np
import pytest
from camclassify_core.bundle import photographs
from camclassify_core.bundle.default import OBJECT_INPUT, SCENE_INPUT
from camclassify_core.network import onnx_file
from camclassify_core.network.graph import Graph
from numpy.typing import NDArray

from .whole_bundle import WHOLE_BUNDLE

TESTS = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def scene_picture() -> NDArray[np.uint8]:
    """dog.jpg, letterboxed."""
    return photographs.read(TESTS / "photographs" / "dog.jpg", SCENE_INPUT)


@pytest.fixture(scope="session")
def object_picture() -> NDArray[np.uint8]:
    """chelsea.png, stretched."""
    return photographs.read(TESTS / "photographs" / "chelsea.png", OBJECT_INPUT)


@pytest.fixture(scope="session")
def scene_graph() -> Graph:
    """The unfused scene network."""
    return onnx_file.read(WHOLE_BUNDLE / "scene.onnx")


@pytest.fixture(scope="session")
def object_graph() -> Graph:
    """The unfused object network."""
    return onnx_file.read(WHOLE_BUNDLE / "object.onnx")
