"""Results, requests and options as JSON: one form for the command line and for the worker."""

import struct
from base64 import b64decode, b64encode
from dataclasses import asdict
from math import isfinite
from pathlib import Path
from typing import Any

from .errors import ExampleError
from .examples import Example, Expectation, TaughtClass
from .info import Confinement, EngineInfo, NetworkInfo
from .options import EngineOptions, KnownView, Precision, Request, Runner
from .results import (
    LIKENESS_BYTES,
    MOST_VIEWS,
    Appearance,
    Box,
    ClassInfo,
    Detection,
    Regime,
    Result,
    StreamFrame,
    Timing,
    View,
    Window,
)

type Json = dict[str, Any]

_MAX_HALF = 65504.0


def box_to_json(box: Box) -> list[float]:
    """`[x0, y0, x1, y1]`."""
    return [box.x0, box.y0, box.x1, box.y1]


def box_from_json(data: list[float]) -> Box:
    """The inverse of `box_to_json`. Raises `ValueError` and `TypeError` unless it is four numbers."""
    x0, y0, x1, y1 = map(_finite, data)
    return Box(x0=x0, y0=y0, x1=x1, y1=y1)


def detection_to_json(found: Detection) -> Json:
    """What was found; features are left out."""
    return {"class": found.name, "score": found.score, "box": box_to_json(found.box)} | (
        {"remembered": True} if found.remembered else {}
    )


def result_to_json(result: Result) -> Json:
    """What `camclassify classify --json` prints for a snapshot; features are left out."""
    return {
        "size": [result.width, result.height],
        "regime": result.regime,
        "changed": result.changed,
        "detections": [detection_to_json(found) for found in result.detections],
        "timing_ms": asdict(result.timing),
        "windows": [
            {"box": box_to_json(each.region), "size": [each.width, each.height]}
            for each in result.windows
        ],
        "proposals": [box_to_json(each) for each in result.proposals],
    } | _of_a_camera_to_json(result)


def _of_a_camera_to_json(result: Result) -> Json:
    view, appearance, frame = result.view, result.appearance, result.frame
    return (
        ({"view": _view_to_json(view)} if view else {})
        | ({"appearance": asdict(appearance)} if appearance else {})
        | ({"frame": frame_to_json(frame)} if frame else {})
    )


def result_from_json(data: Json, features: tuple[tuple[float, ...] | None, ...] = ()) -> Result:
    """The inverse of `result_to_json`; `features` holds one entry per detection, if any.

    Raises `LookupError`, `TypeError` and `ValueError` if it is no result.
    """
    found = data["detections"]
    width, height = data["size"]
    return Result(
        width=int(width),
        height=int(height),
        regime=Regime(data["regime"]),
        changed=bool(data["changed"]),
        detections=tuple(
            Detection(
                name=str(one["class"]),
                score=_finite(one["score"]),
                box=box_from_json(one["box"]),
                features=vector,
                remembered=bool(one.get("remembered", False)),
            )
            for one, vector in zip(found, features or (None,) * len(found), strict=True)
        ),
        timing=Timing(**{part: _finite(ms) for part, ms in data["timing_ms"].items()}),
        windows=tuple(_window_from_json(each) for each in data["windows"]),
        proposals=tuple(box_from_json(each) for each in data["proposals"]),
        view=_view_from_json(data["view"]) if "view" in data else None,
        appearance=(
            Appearance(**{part: _finite(share) for part, share in data["appearance"].items()})
            if "appearance" in data
            else None
        ),
        frame=frame_from_json(data["frame"]) if "frame" in data else None,
    )


def frame_to_json(frame: StreamFrame) -> Json:
    """A frame of a stream, by name."""
    return asdict(frame)


def frame_from_json(data: Json) -> StreamFrame:
    """The inverse of `frame_to_json`. Raises `LookupError`, `TypeError` and `ValueError`."""
    number = data["number"]
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        raise ValueError(f"{number!r} is no number of a frame")
    return StreamFrame(stream=str(data["stream"]), number=number, taken=_finite(data["taken"]))


def _window_from_json(data: Json) -> Window:
    width, height = data["size"]
    return Window(region=box_from_json(data["box"]), width=int(width), height=int(height))


def request_to_json(request: Request) -> Json:
    """A request, for the worker."""
    return {
        "camera": request.camera,
        "sun_elevation": request.sun_elevation,
        "use_gate": request.use_gate,
        "features": request.features,
        "min_score": request.min_score,
        "effort": request.effort,
        "views": [
            _parts_to_json(view) | {"likeness": b64encode(view.likeness).decode()}
            for view in request.views
        ],
    } | _parts_to_json(request)


def request_from_json(data: Json) -> Request:
    """The inverse of `request_to_json`."""
    return Request(
        camera=data["camera"],
        sun_elevation=data["sun_elevation"],
        use_gate=data["use_gate"],
        features=data["features"],
        min_score=data["min_score"],
        effort=data["effort"],
        views=tuple(
            KnownView(likeness=b64decode(view["likeness"], validate=True), **_parts_from_json(view))
            for view in data["views"]
        ),
        **_parts_from_json(data),
    )


def _parts_to_json(of: Request | KnownView) -> Json:
    return {"regions": [box_to_json(region) for region in of.regions], "masks": of.masks}


def _parts_from_json(data: Json) -> Json:
    return {
        "regions": tuple(box_from_json(region) for region in data["regions"]),
        "masks": tuple(tuple((_finite(x), _finite(y)) for x, y in mask) for mask in data["masks"]),
    }


def options_to_json(options: EngineOptions) -> Json:
    """Engine options, for the worker."""
    return asdict(options) | {"bundle": str(options.bundle) if options.bundle else None}


def options_from_json(data: Json) -> EngineOptions:
    """The inverse of `options_to_json`."""
    return EngineOptions(
        bundle=Path(data["bundle"]) if data["bundle"] else None,
        runner=Runner(data["runner"]),
        precision=Precision(data["precision"]),
        fused=data["fused"],
        lanes=data["lanes"],
        threads=data["threads"],
        classes=tuple(data["classes"]),
    )


def info_to_json(info: EngineInfo) -> Json:
    """What an engine says about itself."""
    return asdict(info)


def info_from_json(data: Json) -> EngineInfo:
    """The inverse of `info_to_json`."""
    return EngineInfo(
        version=data["version"],
        bundle_name=data["bundle_name"],
        bundle_version=data["bundle_version"],
        classes=tuple(_class_from_json(one) for one in data["classes"]),
        heads=tuple(data["heads"]),
        networks=tuple(_network_from_json(one) for one in data["networks"]),
        instruction_set=data["instruction_set"],
        lanes=data["lanes"],
        threads=data["threads"],
        feature_length=data["feature_length"],
        onnxruntime=data["onnxruntime"],
        pid=data["pid"],
        confinement=Confinement(**confinement) if (confinement := data["confinement"]) else None,
    )


def example_to_json(example: Example) -> Json:
    """An example as it is stored and exported; features are little-endian half floats in base64.

    Of features only the direction counts, so those beyond the range of half floats are scaled into it.
    Raises `ExampleError` if they are not finite.
    """
    peak = max(map(abs, example.features), default=0.0)
    if not isfinite(sum(map(abs, example.features))):
        raise ExampleError(
            "The features of this object are not finite: mark it in another snapshot."
        )
    scale = min(1.0, _MAX_HALF / peak) if peak else 1.0
    packed = struct.pack(f"<{len(example.features)}e", *(each * scale for each in example.features))
    return {
        "id": example.id,
        "name": example.name,
        "camera": example.camera,
        "box": box_to_json(example.box),
        "regime": example.regime,
        "found_as": list(example.found_as),
        "features": b64encode(packed).decode(),
    }


def example_from_json(data: Json) -> Example:
    """The inverse of `example_to_json`. Raises `ExampleError`: people import what others exported."""
    try:
        packed = b64decode(data["features"], validate=True)
        found_as = tuple(str(each) for each in data["found_as"])
        features = struct.unpack(f"<{len(packed) // 2}e", packed)
        if not (features and found_as):
            raise ValueError("it is empty")
        if not all(map(isfinite, features)):
            raise ValueError("its features are not finite")
        return Example(
            id=str(data["id"]),
            name=None if data["name"] is None else str(data["name"]),
            camera=str(data["camera"]),
            box=box_from_json(data["box"]),
            regime=Regime(data["regime"]),
            found_as=found_as,
            features=features,
        )
    except (
        LookupError,
        TypeError,
        ValueError,
        ArithmeticError,
        AttributeError,
        struct.error,
    ) as error:
        raise ExampleError(
            f"This is not an exported example ({error!r}): export the examples again."
        ) from error


def taught_to_json(taught: TaughtClass) -> Json:
    """A taught class, for the client."""
    return asdict(taught)


def taught_from_json(data: Json) -> TaughtClass:
    """The inverse of `taught_to_json`."""
    return TaughtClass(
        info=_class_from_json(data["info"]),
        expectations={
            Regime(light): Expectation(**expectation)
            for light, expectation in data["expectations"].items()
        },
    )


def _view_to_json(view: View) -> Json:
    likeness = view.likeness
    return asdict(view) | {"likeness": None if likeness is None else b64encode(likeness).decode()}


def _view_from_json(data: Json) -> View:
    known, likeness = data["known"], data["likeness"]
    if known is not None and known not in range(MOST_VIEWS):
        raise ValueError(f"{known!r} is no view")
    if (
        likeness is not None
        and len(likeness := b64decode(likeness, validate=True)) != LIKENESS_BYTES
    ):
        raise ValueError("a likeness is cut off")
    return View(
        known=known,
        moved=bool(data["moved"]),
        likeness=likeness,
    )


def _finite(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no number")
    if not isfinite(value):
        raise ValueError(f"{value!r} is not finite")
    return float(value)


def _class_from_json(data: Json) -> ClassInfo:
    return ClassInfo(
        name=data["name"],
        parents=tuple(data["parents"]),
        on_by_default=data["on_by_default"],
        threshold={Regime(name): score for name, score in data["threshold"].items()},
    )


def _network_from_json(data: Json) -> NetworkInfo:
    return NetworkInfo(
        name=data["name"],
        runner=Runner(data["runner"]),
        precision=Precision(data["precision"]),
        fused=data["fused"],
        speeds={Precision(name): _finite(time) for name, time in data.get("speeds", {}).items()},
    )
