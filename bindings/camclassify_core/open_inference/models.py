"""The models that a CamClassify server has, as messages of the Open Inference Protocol, and back.

Beside these, a server has the networks of its bundle, whose tensors go in and come out as they are.
"""

from binascii import Error as NoBase64
from binascii import a2b_base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import batched, chain
from typing import Any

from camclassify_core.codec import (
    box_from_json,
    box_to_json,
    example_to_json,
    request_from_json,
    request_to_json,
    result_from_json,
    result_to_json,
)
from camclassify_core.errors import ProtocolViolation
from camclassify_core.examples import Example
from camclassify_core.options import Request
from camclassify_core.results import Box, Regime, Result
from camclassify_core.strict_json import json_text, json_value

from .inference import InferAnswer, InferRequest, Parameters
from .tensor import Tensor

CLASSIFY = "camclassify"
FEATURES = "features"
DRAW_BOXES = "draw_boxes"
CUT_OUT = "cut_out"
FORGET = "forget"

LONGEST_WAIT = 2.0  # seconds that a picture may be old when it is answered
LONGEST_CAMERA = 200  # characters
PLATFORM = "camclassify"

_JSON_PARAMETERS = ("regions", "masks", "views")
_ANSWERED_AS_JSON = ("timing_ms", "windows", "proposals", "view", "appearance")
_KINDS: Mapping[str, tuple[type, ...]] = {
    "camera": (str,),
    "sun_elevation": (int, float),
    "use_gate": (bool,),
    "features": (bool,),
    "min_score": (int, float),
    "effort": (int, float),
    "lessons": (str,),
    "timeout": (int,),
    "regime": (str,),
    "side": (int,),
    **dict.fromkeys(_JSON_PARAMETERS, (str,)),
}


@dataclass(frozen=True, slots=True)
class TensorMetadata:
    """A tensor of a model; -1 stands for a size that varies."""

    name: str
    datatype: str
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ModelMetadata:
    """What a model takes and gives."""

    inputs: tuple[TensorMetadata, ...]
    outputs: tuple[TensorMetadata, ...]


_SNAPSHOT = TensorMetadata("snapshot", "BYTES", (1,))
_BOX = TensorMetadata("box", "FP32", (4,))
_BOXES = TensorMetadata("boxes", "FP32", (-1, 4))
_PICTURE = TensorMetadata("picture", "BYTES", (1,))

MODELS: Mapping[str, ModelMetadata] = {
    CLASSIFY: ModelMetadata(
        (_SNAPSHOT,),
        (
            _BOXES,
            TensorMetadata("scores", "FP32", (-1,)),
            TensorMetadata("classes", "BYTES", (-1,)),
            TensorMetadata("features", "FP32", (-1, -1)),
        ),
    ),
    FEATURES: ModelMetadata((_SNAPSHOT, _BOX), (TensorMetadata("features", "FP32", (-1,)),)),
    DRAW_BOXES: ModelMetadata((_SNAPSHOT, _BOXES), (_PICTURE,)),
    CUT_OUT: ModelMetadata((_SNAPSHOT, _BOX), (_PICTURE,)),
    FORGET: ModelMetadata((TensorMetadata("camera", "BYTES", (1,)),), ()),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What `camclassify` is asked: `lessons` is the ID of what was taught, `timeout` is in seconds."""

    snapshot: bytes
    request: Request
    lessons: str = ""
    timeout: float = LONGEST_WAIT


def lessons_body(examples: Sequence[Example], background: Sequence[Example]) -> bytes:
    """What a server is told that a home was taught. Raises `ExampleError`."""
    return json_text(
        {
            "examples": [example_to_json(each) for each in examples],
            "background": [example_to_json(each) for each in background],
        }
    )


def lessons_id(body: bytes) -> str:
    """What names these lessons, and no others."""
    return sha256(body).hexdigest()


def classify_request(
    snapshot: bytes, request: Request, *, lessons: str = "", request_id: str = ""
) -> InferRequest:
    """Asks what is in a snapshot."""
    said = request_to_json(request)
    parameters = {
        key: value
        for key, value in said.items()
        if key not in _JSON_PARAMETERS and value is not None
    }
    for key in _JSON_PARAMETERS:
        if said[key]:
            parameters[key] = json_text(said[key]).decode()
    if lessons:
        parameters["lessons"] = lessons
    return InferRequest(
        id=request_id, parameters=parameters, inputs=(_snapshot(snapshot),), binary=True
    )


def read_question(asked: InferRequest) -> Question:
    """The inverse of `classify_request`. Raises `ProtocolViolation`."""
    parameters = _checked(asked.parameters, *request_to_json(Request()), "lessons", "timeout")
    timeout = parameters.pop("timeout", None)
    lessons = parameters.pop("lessons", "")
    if timeout is not None and timeout <= 0:
        raise ProtocolViolation("The parameter timeout is no time: give microseconds.")
    try:
        for key in _JSON_PARAMETERS:
            if key in parameters:
                parameters[key] = json_value(parameters[key])
        request = request_from_json(request_to_json(Request()) | parameters)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise ProtocolViolation(
            f"The parameters of this request are malformed: {error}."
        ) from error
    return Question(
        snapshot=_snapshot_of(asked),
        request=request,
        lessons=lessons,
        timeout=min(LONGEST_WAIT, timeout / 1e6) if timeout else LONGEST_WAIT,
    )


def classify_answer(result: Result) -> InferAnswer:
    """What is in a snapshot."""
    said = result_to_json(result)
    found = result.detections
    parameters: dict[str, bool | int | float | str] = {
        "width": result.width,
        "height": result.height,
        "regime": result.regime.value,
        "changed": result.changed,
    }
    for key in _ANSWERED_AS_JSON:
        if key in said:
            parameters[key] = json_text(said[key]).decode()
    outputs = [
        _boxes([each.box for each in found]),
        Tensor.of_numbers("scores", "FP32", (len(found),), [each.score for each in found]),
        Tensor.of_bytes("classes", [each.name.encode() for each in found]),
    ]
    if remembered := [place for place, each in enumerate(found) if each.remembered]:
        parameters["remembered"] = json_text(remembered).decode()
    if length := max((len(each.features or ()) for each in found), default=0):
        rows = [each.features or (0.0,) * length for each in found]
        outputs.append(
            Tensor.of_numbers(
                "features", "FP32", (len(rows), length), list(chain.from_iterable(rows))
            )
        )
        if lacking := [place for place, each in enumerate(found) if each.features is None]:
            parameters["without_features"] = json_text(lacking).decode()
    return InferAnswer(model_name=CLASSIFY, parameters=parameters, outputs=tuple(outputs))


def read_result(answer: InferAnswer) -> Result:
    """The inverse of `classify_answer`. Raises `ProtocolViolation`."""
    parameters = answer.parameters
    try:
        boxes, scores, classes = (
            _tensor(answer.outputs, name) for name in ("boxes", "scores", "classes")
        )
        said = {
            key: json_value(str(parameters[key]))
            for key in (*_ANSWERED_AS_JSON, "remembered", "without_features")
            if key in parameters
        }
        lacking = said.pop("without_features", [])
        remembered = said.pop("remembered", [])
        detections = [
            {
                "class": name.decode(),
                "score": score,
                "box": list(corners),
                "remembered": place in remembered,
            }
            for place, (name, score, corners) in enumerate(
                zip(
                    classes.elements(),
                    scores.numbers(),
                    batched(boxes.numbers(), 4, strict=True),
                    strict=True,
                )
            )
        ]
        vectors: tuple[tuple[float, ...] | None, ...] = ()
        if rows := [each for each in answer.outputs if each.name == "features"]:
            _, length = rows[0].shape
            vectors = tuple(
                None if place in lacking else values
                for place, values in enumerate(batched(rows[0].numbers(), length, strict=True))
            )
        return result_from_json(
            {
                "size": [parameters["width"], parameters["height"]],
                "regime": parameters["regime"],
                "changed": parameters["changed"],
                "detections": detections,
                **said,
            },
            vectors,
        )
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise ProtocolViolation(f"The answer is no result: {error!r}.") from error


def features_request(snapshot: bytes, box: Box, regime: Regime) -> InferRequest:
    """Asks for the features of an object."""
    return InferRequest(
        parameters={"regime": regime.value}, inputs=(_snapshot(snapshot), _box(box)), binary=True
    )


def read_features_request(asked: InferRequest) -> tuple[bytes, Box, Regime]:
    """The inverse of `features_request`. Raises `ProtocolViolation`."""
    regime = _needed(_checked(asked.parameters, "regime"), "regime")
    if regime not in list(Regime):
        raise ProtocolViolation(f"The regime is {', '.join(Regime)}, not {regime!r}.")
    return _snapshot_of(asked), _box_of(asked), Regime(regime)


def features_answer(features: Sequence[float]) -> InferAnswer:
    """The features of an object."""
    output = Tensor.of_numbers("features", "FP32", (len(features),), features)
    return InferAnswer(model_name=FEATURES, outputs=(output,))


def read_features(answer: InferAnswer) -> tuple[float, ...]:
    """The inverse of `features_answer`. Raises `ProtocolViolation`."""
    return _tensor(answer.outputs, "features").numbers()


def draw_boxes_request(snapshot: bytes, boxes: Sequence[Box]) -> InferRequest:
    """Asks for the snapshot with its boxes drawn."""
    return InferRequest(inputs=(_snapshot(snapshot), _boxes(boxes)), binary=True)


def read_draw_boxes_request(asked: InferRequest) -> tuple[bytes, list[Box]]:
    """The inverse of `draw_boxes_request`. Raises `ProtocolViolation`."""
    _checked(asked.parameters)
    return _snapshot_of(asked), _boxes_in(_tensor(asked.inputs, "boxes"))


def cut_out_request(snapshot: bytes, box: Box, side: int) -> InferRequest:
    """Asks for a picture of what is in a box."""
    return InferRequest(
        parameters={"side": side}, inputs=(_snapshot(snapshot), _box(box)), binary=True
    )


def read_cut_out_request(asked: InferRequest) -> tuple[bytes, Box, int]:
    """The inverse of `cut_out_request`. Raises `ProtocolViolation`."""
    side = _needed(_checked(asked.parameters, "side"), "side")
    return _snapshot_of(asked), _box_of(asked), side


def picture_answer(model: str, picture: bytes) -> InferAnswer:
    """A JPEG."""
    return InferAnswer(model_name=model, outputs=(Tensor.of_bytes("picture", [picture]),))


def read_picture(answer: InferAnswer) -> bytes:
    """The inverse of `picture_answer`. Raises `ProtocolViolation`."""
    return _only(_tensor(answer.outputs, "picture"))


def forget_request(camera: str) -> InferRequest:
    """Asks that what is remembered of a camera be dropped."""
    return InferRequest(inputs=(Tensor.of_bytes("camera", [camera.encode()]),))


def read_forget_request(asked: InferRequest) -> str:
    """The inverse of `forget_request`. Raises `ProtocolViolation`."""
    _checked(asked.parameters)
    try:
        return _checked_camera(_only(_tensor(asked.inputs, "camera")).decode())
    except UnicodeDecodeError as error:
        raise ProtocolViolation("'camera' is no text.") from error


def read_batch(asked: InferRequest, wanted: TensorMetadata) -> bytes:
    """The tensor that a network takes. Raises `ProtocolViolation`."""
    _checked(asked.parameters)
    given = _tensor(asked.inputs, wanted.name)
    if given.datatype != wanted.datatype or given.shape[1:] != wanted.shape[1:]:
        raise ProtocolViolation(
            f"{wanted.name!r} is to be {wanted.datatype} of shape {list(wanted.shape)}."
        )
    return given.content


def camera_of(model: str, asked: InferRequest) -> str:
    """The camera that a request is about, empty if none. Raises `ProtocolViolation`."""
    if model == FORGET:
        return read_forget_request(asked)
    camera = asked.parameters.get("camera", "")
    if not isinstance(camera, str):
        raise ProtocolViolation("The parameter camera is no string.")
    return _checked_camera(camera)


def _checked_camera(camera: str) -> str:
    if len(camera) > LONGEST_CAMERA or not camera.isprintable():
        raise ProtocolViolation(
            f"A camera's name has at most {LONGEST_CAMERA} characters, all of which can be printed."
        )
    return camera


def _checked(parameters: Parameters, *known: str) -> dict[str, Any]:
    """The parameters, if the model knows them all and each is of its kind."""
    for name, value in parameters.items():
        if name not in known:
            knows = f"it knows {', '.join(sorted(known))}" if known else "it knows none"
            raise ProtocolViolation(f"The model knows no parameter {name!r}: {knows}.")
        if type(value) not in _KINDS[name]:
            kind = _KINDS[name][-1].__name__
            raise ProtocolViolation(f"The parameter {name} is {value!r}, which is no {kind}.")
    return dict(parameters)


def _needed(parameters: dict[str, Any], name: str) -> Any:
    if name not in parameters:
        raise ProtocolViolation(f"The parameter {name} is missing.")
    return parameters[name]


def _tensor(tensors: Sequence[Tensor], name: str) -> Tensor:
    for each in tensors:
        if each.name == name:
            return each
    raise ProtocolViolation(f"The tensor {name!r} is missing.")


def _only(tensor: Tensor) -> bytes:
    elements = tensor.elements()
    if len(elements) != 1:
        raise ProtocolViolation(f"{tensor.name!r} is to be BYTES of shape [1].")
    return elements[0]


def _snapshot(snapshot: bytes) -> Tensor:
    return Tensor.of_bytes("snapshot", [snapshot])


def _snapshot_of(asked: InferRequest) -> bytes:
    """The picture: as it is, or in base64, as JSON cannot hold it otherwise."""
    snapshot = _only(_tensor(asked.inputs, "snapshot"))
    try:
        return a2b_base64(snapshot, strict_mode=True)
    except NoBase64:  # at the first byte of what is a picture
        return snapshot


def _box(box: Box) -> Tensor:
    return Tensor.of_numbers("box", "FP32", (4,), box_to_json(box))


def _boxes(boxes: Sequence[Box]) -> Tensor:
    corners = [corner for each in boxes for corner in box_to_json(each)]
    return Tensor.of_numbers("boxes", "FP32", (len(boxes), 4), corners)


def _box_of(asked: InferRequest) -> Box:
    tensor = _tensor(asked.inputs, "box")
    if tensor.datatype != "FP32" or tensor.shape != (4,):
        raise ProtocolViolation("'box' is to be FP32 of shape [4].")
    return _box_from(tensor.numbers())


def _boxes_in(tensor: Tensor) -> list[Box]:
    if tensor.datatype != "FP32" or len(tensor.shape) != 2 or tensor.shape[1] != 4:
        raise ProtocolViolation("'boxes' is to be FP32 of shape [n, 4].")
    return [_box_from(each) for each in batched(tensor.numbers(), 4, strict=True)]


def _box_from(corners: Sequence[float]) -> Box:
    try:
        return box_from_json(list(corners))
    except ValueError as error:
        raise ProtocolViolation("A box is four finite numbers.") from error
