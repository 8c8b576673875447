"""Any ONNX Runtime runs fused networks with the library of custom ops: same bytes as the direct runner."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import pytest
from camclassify_core import custom_ops_library
from camclassify_core.bundle import photographs
from camclassify_core.bundle.default import OBJECT_INPUT, SCENE_INPUT
from camclassify_core.native import core
from camclassify_core.onnxruntime_package import onnxruntime
from numpy.typing import NDArray

from .whole_bundle import WHOLE_BUNDLE

type Array = NDArray[np.generic]

PHOTOGRAPHS = ("dog.jpg", "person.jpg", "eagle.jpg", "coffee.png")
NETWORKS = ("scene.fused.onnx", "scene.int8.onnx", "object.fused.onnx", "object.int8.onnx")
THREADS = 8
RUNS = 6  # of each thread


@pytest.fixture(params=NETWORKS)
def network(request: pytest.FixtureRequest) -> Path:
    return WHOLE_BUNDLE / str(request.param)


@pytest.fixture
def pictures(network: Path) -> list[Array]:
    wanted = SCENE_INPUT if network.name.startswith("scene") else OBJECT_INPUT
    folder = Path(__file__).parents[1] / "photographs"
    return [photographs.read(folder / name, wanted) for name in PHOTOGRAPHS]


@pytest.fixture
def expected(network: Path, pictures: list[Array]) -> list[list[Array]]:
    """What the direct runner gives for each picture."""
    loaded = core.Network(network, runner="direct")

    def run(picture: Array) -> list[Array]:
        loaded.input(0)[:] = picture
        loaded.run()
        return [loaded.output(i).copy() for i in range(len(loaded.outputs))]

    return [run(picture) for picture in pictures]


def session(network: bytes | Path, threads: int = 1) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("camclassify.threads", str(threads))
    options.register_custom_ops_library(str(custom_ops_library()))
    return onnxruntime.InferenceSession(
        network if isinstance(network, bytes) else str(network), options
    )


def with_open_batch(network: Path) -> bytes:
    """The file, for any number of pictures at once, as docs/ops.md says."""
    model = onnx.load(network)
    for tensor in (*model.graph.input, *model.graph.output, *model.graph.value_info):
        tensor.type.tensor_type.shape.dim[0].dim_param = "batch"
    return model.SerializeToString()


def are_the_same(some: list[Array], others: list[Array]) -> bool:
    return all(a.tobytes() == b.tobytes() for a, b in zip(some, others, strict=True))


@pytest.mark.parametrize("threads", [1, 2])
def test_threads_that_share_a_session_get_the_bytes_of_the_direct_runner(
    network: Path, pictures: list[Array], expected: list[list[Array]], threads: int
) -> None:
    shared = session(network, threads)

    def ask(thread: int) -> bool:
        chosen = thread % len(pictures)
        return all(
            are_the_same(shared.run(None, {"picture": pictures[chosen]}), expected[chosen])
            for _ in range(RUNS)
        )

    with ThreadPoolExecutor(THREADS) as pool:
        assert all(pool.map(ask, range(THREADS)))


def test_a_session_takes_one_picture_or_four_at_once(
    network: Path, pictures: list[Array], expected: list[list[Array]]
) -> None:
    open_session = session(with_open_batch(network))
    together = [np.concatenate(outputs) for outputs in zip(*expected, strict=True)]
    for _ in range(2):
        assert are_the_same(open_session.run(None, {"picture": pictures[0]}), expected[0])
        four = open_session.run(None, {"picture": np.concatenate(pictures)})
        assert are_the_same(four, together)


def test_who_says_nothing_of_threads_gets_the_same_bytes(
    network: Path, pictures: list[Array], expected: list[list[Array]]
) -> None:
    options = onnxruntime.SessionOptions()
    options.register_custom_ops_library(str(custom_ops_library()))
    stock = onnxruntime.InferenceSession(str(network), options)
    assert are_the_same(stock.run(None, {"picture": pictures[0]}), expected[0])


def test_a_number_of_threads_that_cannot_be_is_refused() -> None:
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("camclassify.threads", "many")
    with pytest.raises(Exception, match=r"camclassify\.threads is 'many': it must be a number"):
        options.register_custom_ops_library(str(custom_ops_library()))
