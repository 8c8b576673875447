"""A stock client of Triton asks `camclassify serve` what is in photographs."""

import base64
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from camclassify_core import Engine, Request

from .running_server import Running, running

tritonclient = pytest.importorskip("tritonclient.http", reason="needs wheels that musl lacks")


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running("--lanes", "1") as server:
        yield server


def snapshot(picture: bytes, *, binary: bool) -> Any:
    given = tritonclient.InferInput("snapshot", [1], "BYTES")
    content = picture if binary else base64.b64encode(picture)
    given.set_data_from_numpy(np.array([content], dtype=np.object_), binary_data=binary)
    return given


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("file", ["dog.jpg", "person.jpg", "coffee.png", "motorcycle_left.png"])
def test_a_stock_client_sees_what_the_engine_sees(
    server: Running, engine: Engine, photograph: Callable[[str], bytes], file: str, binary: bool
) -> None:
    picture = photograph(file)
    client = tritonclient.InferenceServerClient(f"127.0.0.1:{server.port}")
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("camclassify")
    version = engine.info().bundle_version
    assert client.get_model_metadata("camclassify", version)["versions"] == [version]
    outputs = [
        tritonclient.InferRequestedOutput(name, binary_data=binary)
        for name in ("boxes", "scores", "classes")
    ]
    answer = client.infer(
        "camclassify",
        [snapshot(picture, binary=binary)],
        outputs=outputs,
        request_id="17",
        parameters={"min_score": 0.3},
    )
    expected = engine.classify(picture, Request(min_score=0.3)).detections
    names = [each.decode() if binary else each for each in answer.as_numpy("classes")]
    assert names == [each.name for each in expected]
    assert answer.as_numpy("scores").tolist() == [each.score for each in expected]
    boxes = [[each.box.x0, each.box.y0, each.box.x1, each.box.y1] for each in expected]
    assert answer.as_numpy("boxes").reshape(-1, 4).tolist() == boxes
    assert answer.get_response()["id"] == "17"
    client.close()


def test_a_stock_client_is_told_what_is_wrong(server: Running) -> None:
    client = tritonclient.InferenceServerClient(f"127.0.0.1:{server.port}")
    with pytest.raises(tritonclient.InferenceServerException, match="JPEG"):
        client.infer("camclassify", [snapshot(b"\xffno picture", binary=True)])
    assert not client.is_model_ready("nothing")
    client.close()
