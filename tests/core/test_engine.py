"""The engine in process: what it returns, what it refuses, what it remembers."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from camclassify_core import (
    Box,
    BundleError,
    CamClassifyError,
    Engine,
    EngineOptions,
    Precision,
    Regime,
    Request,
    SnapshotError,
)
from camclassify_core.sample import sample_snapshot

from .snapshots import corrupt, decompression_bomb, png_that_claims


def test_a_result_describes_the_snapshot(engine: Engine, dog: bytes) -> None:
    result = engine.classify(dog)
    assert (result.width, result.height) == (768, 576)
    assert result.regime is Regime.DAY
    assert result.changed
    assert result.timing.total >= result.timing.scene > 0
    for found in result.detections:
        assert 0 <= found.box.x0 < found.box.x1 <= 1
        assert 0 <= found.box.y0 < found.box.y1 <= 1
        assert 0 < found.score <= 1


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_takes_anything_with_the_buffer_protocol(
    engine: Engine, dog: bytes, kind: Callable[[bytes], bytes]
) -> None:
    assert engine.classify(kind(dog)).detections == engine.classify(dog).detections


def test_refuses_what_is_no_buffer(engine: Engine) -> None:
    with pytest.raises(TypeError):
        engine.classify("dog.jpg")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "snapshot",
    [
        pytest.param(lambda dog: b"", id="0 bytes"),
        pytest.param(lambda dog: dog[: len(dog) // 2], id="truncated JPEG"),
        pytest.param(lambda dog: dog[:100], id="JPEG without picture"),
        pytest.param(corrupt, id="corrupt JPEG"),
        pytest.param(lambda dog: b"<!DOCTYPE html><title>Login</title>", id="HTML"),
        pytest.param(lambda dog: sample_snapshot(64, 64)[:300], id="truncated PNG"),
        pytest.param(lambda dog: png_that_claims(10_000, 6_000), id="60 megapixels"),
        pytest.param(lambda dog: png_that_claims(2**31 - 1, 2**31 - 1), id="gigantic PNG"),
        pytest.param(lambda dog: decompression_bomb(), id="decompression bomb"),
    ],
)
def test_refuses_bad_snapshots_and_goes_on(
    engine: Engine, dog: bytes, snapshot: Callable[[bytes], bytes]
) -> None:
    with pytest.raises(SnapshotError, match=r"\w+ .+"):
        engine.classify(snapshot(dog))
    assert engine.classify(dog).detections


def test_memory_does_not_grow(engine: Engine, dog: bytes) -> None:
    bad = [b"", dog[:20_000], corrupt(dog), png_that_claims(10_000, 6_000), decompression_bomb()]

    def rounds(count: int) -> None:
        for _ in range(count):
            engine.classify(dog, Request(camera="memory", use_gate=False, features=True))
            engine.draw_boxes(dog, [Box(x0=0.1, y0=0.1, x1=0.5, y1=0.5)])
            for snapshot in bad:
                with pytest.raises(SnapshotError):
                    engine.classify(snapshot)

    rounds(10)
    before = resident_mib()
    rounds(30)
    assert resident_mib() - before < 8


MOST_SEARCHED = 16  # looks after which the whole of a picture was looked at


def resident_mib() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20


def test_heads_of_unselected_classes_are_not_run(dog: bytes) -> None:
    engine = Engine(EngineOptions(classes=("person",)))
    result = engine.classify(dog)
    assert engine.head_runs() == {"scene/people": len(result.windows)}
    assert result.detections == ()


def test_the_gate_stops_what_has_not_changed(
    engine: Engine, dog: bytes, photograph: Callable[[str], bytes]
) -> None:
    request = Request(camera="gate")
    assert engine.classify(dog, request).changed
    looks = [engine.classify(dog, request) for _ in range(MOST_SEARCHED)]
    first, second = looks[-2:]
    assert not second.changed
    assert second.detections == first.detections
    assert second.windows == ()
    assert second.timing.scene == 0
    assert engine.classify(photograph("person.jpg"), request).changed
    assert engine.classify(dog, request).changed


def test_forgets_a_camera(engine: Engine, dog: bytes) -> None:
    request = Request(camera="forgotten")
    engine.classify(dog, request)
    engine.forget("forgotten")
    assert engine.classify(dog, request).changed


def test_masks_hide_what_is_under_them(engine: Engine, dog: bytes) -> None:
    everything = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    assert engine.classify(dog, Request(masks=(everything,))).detections == ()


def test_a_low_score_shows_more(engine: Engine, dog: bytes) -> None:
    more = engine.classify(dog, Request(min_score=0.05)).detections
    assert len(more) > len(engine.classify(dog).detections)


def test_features_are_those_of_the_object(engine: Engine, dog: bytes) -> None:
    found = engine.classify(dog, Request(features=True)).detections
    assert found[0].features is not None
    assert engine.features(dog, found[0].box, Regime.DAY) == pytest.approx(
        found[0].features, rel=0.05, abs=0.05
    )


def test_draws_a_jpeg_of_the_same_size(engine: Engine, dog: bytes) -> None:
    drawn = engine.draw_boxes(dog, [Box(x0=0.1, y0=0.1, x1=0.5, y1=0.5)])
    assert drawn.startswith(b"\xff\xd8")
    assert engine.classify(drawn).width == 768


def test_cuts_an_object_out(engine: Engine, dog: bytes) -> None:
    found = engine.classify(dog).detections[0]
    picture = engine.cut_out(dog, found.box, 96)
    assert picture.startswith(b"\xff\xd8")
    seen = engine.classify(picture)
    assert max(seen.width, seen.height) == 96


def test_two_threads_see_the_same(engine: Engine, dog: bytes) -> None:
    assert (
        Engine(EngineOptions(threads=2)).classify(dog).detections == engine.classify(dog).detections
    )


def test_other_python_threads_run_meanwhile(engine: Engine, dog: bytes) -> None:
    done = threading.Event()
    counted = 0

    def classify() -> None:
        engine.classify(dog)
        done.set()

    worker = threading.Thread(target=classify)
    worker.start()
    while not done.is_set():
        counted += 1
        done.wait(0.0005)
    worker.join()
    assert counted > 3


@pytest.mark.parametrize("lanes", [1, 3])
def test_more_threads_than_lanes_may_share_an_engine(
    engine: Engine, dog: bytes, lanes: int
) -> None:
    expected = engine.classify(dog).detections
    shared = Engine(EngineOptions(lanes=lanes))
    assert shared.info().lanes == lanes
    results: list[object] = []
    threads = [
        threading.Thread(target=lambda: results.append(shared.classify(dog).detections))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [expected] * 4


def test_tells_how_it_runs(engine: Engine) -> None:
    info = engine.info()
    assert info.bundle_name == "default"
    assert {"person", "vehicle", "animal", "delivery_truck"} <= {one.name for one in info.classes}
    truck = next(one for one in info.classes if one.name == "delivery_truck")
    assert truck.on_by_default
    assert truck.parents == ("vehicle",)
    assert set(truck.threshold) == set(Regime)
    assert "scene/people" in info.heads
    assert {network.name for network in info.networks} >= {"scene", "object"}
    assert info.instruction_set


def test_a_missing_bundle_is_named(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=str(tmp_path)):
        Engine(EngineOptions(bundle=tmp_path))


def test_an_unknown_class_is_refused() -> None:
    with pytest.raises(CamClassifyError, match="unicorn"):
        Engine(EngineOptions(classes=("unicorn",)))


def test_a_precision_that_the_bundle_lacks_is_named_with_the_remedy() -> None:
    for options in (EngineOptions(precision=Precision.FP32), EngineOptions(fused=False)):
        with pytest.raises(BundleError, match="'camclassify bundle build DIR' writes all"):
            Engine(options)
