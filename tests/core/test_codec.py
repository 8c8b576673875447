"""Whatever is sent to the worker and back stays what it was."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from camclassify_core import (
    Appearance,
    Box,
    ClassInfo,
    Detection,
    EngineInfo,
    EngineOptions,
    KnownView,
    NetworkInfo,
    Precision,
    Regime,
    Request,
    Result,
    Runner,
    Timing,
    View,
    Window,
    codec,
)
from camclassify_core.results import LIKENESS_BYTES
from hypothesis import given
from hypothesis import strategies as st

numbers = st.floats(allow_nan=False, allow_infinity=False, width=32)
boxes = st.builds(Box, x0=numbers, y0=numbers, x1=numbers, y1=numbers)
results = st.builds(
    Result,
    width=st.integers(1, 10_000),
    height=st.integers(1, 10_000),
    regime=st.sampled_from(Regime),
    changed=st.booleans(),
    detections=st.lists(
        st.builds(
            Detection,
            name=st.text(),
            score=numbers,
            box=boxes,
            features=st.none(),
            remembered=st.booleans(),
        )
    ).map(tuple),
    timing=st.builds(
        Timing, decode=numbers, gate=numbers, scene=numbers, object=numbers, total=numbers
    ),
    windows=st.lists(
        st.builds(Window, region=boxes, width=st.integers(1, 4096), height=st.integers(1, 4096))
    ).map(tuple),
    proposals=st.lists(boxes).map(tuple),
    view=st.none()
    | st.builds(
        View,
        known=st.none() | st.integers(0, 15),
        moved=st.booleans(),
        likeness=st.none() | st.binary(min_size=LIKENESS_BYTES, max_size=LIKENESS_BYTES),
    ),
    appearance=st.none() | st.builds(Appearance, differing=numbers, black=numbers, grey=numbers),
)
masks = st.lists(st.lists(st.tuples(numbers, numbers)).map(tuple)).map(tuple)
regions = st.lists(boxes).map(tuple)
requests = st.builds(
    Request,
    camera=st.text(),
    sun_elevation=st.none() | numbers,
    regions=regions,
    masks=masks,
    use_gate=st.booleans(),
    features=st.booleans(),
    min_score=st.none() | numbers,
    effort=numbers,
    views=st.lists(
        st.builds(
            KnownView, likeness=st.binary(max_size=LIKENESS_BYTES), regions=regions, masks=masks
        ),
        max_size=16,
    ).map(tuple),
)
options = st.builds(
    EngineOptions,
    bundle=st.none() | st.just(Path("/bundles/mine")),
    runner=st.sampled_from(Runner),
    precision=st.sampled_from(Precision),
    fused=st.booleans(),
    lanes=st.integers(1, 64),
    threads=st.integers(1, 64),
    classes=st.lists(st.text()).map(tuple),
)


def through_json(data: Any) -> Any:
    return json.loads(json.dumps(data))


@given(results)
def test_results(result: Result) -> None:
    assert codec.result_from_json(through_json(codec.result_to_json(result))) == result


@given(results, st.lists(numbers, min_size=1).map(tuple))
def test_features_go_to_their_detections(result: Result, vector: tuple[float, ...]) -> None:
    expected = replace(
        result, detections=tuple(replace(one, features=vector) for one in result.detections)
    )
    vectors = (vector,) * len(result.detections)
    assert codec.result_from_json(codec.result_to_json(result), vectors) == expected


@given(requests)
def test_requests(request: Request) -> None:
    assert codec.request_from_json(through_json(codec.request_to_json(request))) == request


@given(options)
def test_options(chosen: EngineOptions) -> None:
    assert codec.options_from_json(through_json(codec.options_to_json(chosen))) == chosen


def test_info() -> None:
    info = EngineInfo(
        version="1",
        bundle_name="default",
        bundle_version="2",
        classes=(
            ClassInfo(
                name="car",
                parents=("vehicle",),
                on_by_default=False,
                threshold={Regime.DAY: 0.5, Regime.DUSK: 0.5, Regime.NIGHT: 0.625},
            ),
        ),
        heads=("scene/vehicles",),
        networks=(
            NetworkInfo(
                name="scene",
                runner=Runner.DIRECT,
                precision=Precision.INT8,
                fused=True,
                speeds={Precision.INT8: 1.5, Precision.FP32: 4.5},
            ),
        ),
        instruction_set="avx2",
        lanes=3,
        threads=2,
        feature_length=1280,
        onnxruntime="",
        pid=1,
    )
    assert codec.info_from_json(through_json(codec.info_to_json(info))) == info
