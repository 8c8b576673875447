"""What the extension's engine promises to several threads, and tells about its networks."""

import json
import math
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from camclassify_core import MAX_SNAPSHOT_BYTES, CamClassifyError, SnapshotError
from camclassify_core.bundle.places import default_bundle
from camclassify_core.native import core
from camclassify_core.results import LIKENESS_BYTES

REGIONS = 8


def native_engine(bundle: Path, classes: tuple[str, ...] = ()) -> core.Engine:
    return core.Engine(
        bundle,
        runner="direct",
        precision="auto",
        fused=True,
        lanes=1,
        threads=1,
        classes=classes,
        speeds={},
    )


def native_request(**changes: object) -> core.Request:
    arguments: dict[str, object] = {
        "camera": "",
        "sun_elevation": None,
        "regions": [],
        "views": [],
        "masks": [],
        "use_gate": True,
        "features": False,
        "min_score": None,
        "effort": 1.0,
    }
    return core.Request(**(arguments | changes))  # type: ignore[arg-type]


@pytest.fixture
def edited_bundle(tmp_path: Path) -> Callable[[dict[str, object]], Path]:
    """The default bundle with other values at the top of its manifest."""

    def edit(changes: dict[str, object]) -> Path:
        for network in default_bundle().glob("*.onnx"):
            shutil.copyfile(network, tmp_path / network.name)
        manifest = json.loads((default_bundle() / "bundle.json").read_text())
        (tmp_path / "bundle.json").write_text(json.dumps(manifest | changes))
        return tmp_path

    return edit


def test_the_length_of_the_features_is_known_before_there_are_any(dog: bytes) -> None:
    engine = native_engine(default_bundle(), ("person",))
    assert engine.feature_length == 1280
    assert len(engine.features(dog, core.Box(0.1, 0.1, 0.5, 0.5), "day")) == 1280


def test_the_engine_takes_as_many_bytes_as_the_client_sends(dog: bytes) -> None:
    engine = native_engine(default_bundle())
    largest = dog + bytes(MAX_SNAPSHOT_BYTES - len(dog))
    assert engine.classify(largest, native_request()).detections
    with pytest.raises(SnapshotError, match="32000000"):
        engine.classify(largest + b"\0", native_request())


def test_a_bundle_without_an_object_network_has_no_features(
    edited_bundle: Callable[[dict[str, object]], Path],
) -> None:
    assert native_engine(edited_bundle({"objects": []})).feature_length == 0


def test_an_engine_tells_what_it_does_while_it_is_at_work(dog: bytes) -> None:
    engine = native_engine(default_bundle(), ("person",))
    regions = [core.Box(i / 16, 0.2, i / 16 + 0.4, 0.6) for i in range(REGIONS)]
    request = native_request(regions=regions)
    thread = threading.Thread(target=engine.classify, args=(dog, request))
    seen = [0]
    thread.start()
    while thread.is_alive():
        seen.append(engine.head_runs[0])
        assert engine.networks
    runs = engine.head_runs[0]
    assert runs > REGIONS
    assert [*seen, runs] == sorted([*seen, runs])


def test_a_box_that_is_no_part_of_the_frame_cannot_be_made() -> None:
    bad = [
        (math.nan, 0, 1, 1),
        (0, 0, math.inf, 1),
        (-0.1, 0, 1, 1),
        (0, 0.6, 1, 0.4),
        (0, 0, 0, 1),
    ]
    for corners in bad:
        with pytest.raises(CamClassifyError, match="not a part of the frame"):
            core.Box(*corners)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"masks": [[(math.nan, 0.1), (0.4, 0.9), (0.2, 0.2)]]}, id="mask"),
        pytest.param({"masks": [[(0.1, 0.1), (4.0, 0.9), (0.2, 0.2)]]}, id="mask out of the frame"),
        pytest.param(
            {
                "views": [
                    core.KnownView(
                        likeness=bytes(LIKENESS_BYTES), regions=[], masks=[[(0.1, math.nan)]]
                    )
                ]
            },
            id="mask of a view",
        ),
        pytest.param({"sun_elevation": math.nan}, id="sun"),
        pytest.param({"min_score": math.nan}, id="score"),
        pytest.param({"min_score": 1.5}, id="score above 1"),
        pytest.param({"effort": 0.0}, id="no effort"),
        pytest.param({"effort": math.inf}, id="effort"),
    ],
)
def test_a_request_that_is_out_of_range_is_refused_with_a_sentence(
    dog: bytes, changes: dict[str, object]
) -> None:
    engine = native_engine(default_bundle(), ("person",))
    with pytest.raises(CamClassifyError, match=r"^[A-Z].* 1\.$|degrees"):
        engine.classify(dog, native_request(camera="drive", **changes))
    assert engine.classify(dog, native_request(camera="drive")).changed


@pytest.mark.parametrize("threads", [-1, 0, 65])
def test_an_engine_takes_a_number_of_threads_that_there_can_be(threads: int) -> None:
    with pytest.raises(CamClassifyError, match="between 1 and 64"):
        core.Engine(
            default_bundle(),
            runner="auto",
            precision="auto",
            fused=True,
            lanes=1,
            threads=threads,
            classes=("person",),
            speeds={},
        )


def test_a_frame_or_a_size_without_pixels_is_refused() -> None:
    frame, whole = np.zeros((4, 4, 3), np.uint8), core.Box(0, 0, 1, 1)
    assert core.preprocess(frame, whole, (2, 2), "stretch", "rgb", 0).shape == (2, 2, 3)
    for size in [(0, 2), (2, 0), (-1, 2), (2, 65536)]:
        with pytest.raises(ValueError, match="from 1 to 65535"):
            core.preprocess(frame, whole, size, "letterbox", "rgb", 0)
    for shape in [(0, 4, 3), (4, 0, 3), (2**31, 0, 3)]:
        with pytest.raises(ValueError, match="height x width x 3"):
            core.ChangeGate().look(np.zeros(shape, np.uint8))
