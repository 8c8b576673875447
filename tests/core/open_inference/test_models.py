"""What goes to our models and comes from them is what it was before."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from camclassify_core import Box, Detection, Regime, Request, Result
from camclassify_core.errors import ProtocolViolation
from camclassify_core.open_inference import models
from camclassify_core.open_inference.inference import (
    InferAnswer,
    InferRequest,
    decode_answer,
    decode_request,
    encode_answer,
    encode_request,
)
from camclassify_core.open_inference.tensor import Tensor
from hypothesis import given
from hypothesis import strategies as st

from ..test_codec import boxes, numbers, requests, results

vectors = st.none() | st.tuples(numbers, numbers, numbers)
cameras = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=20)
BOX = Box(x0=0.25, y0=0.5, x1=0.75, y1=1.0)


def sent(asked: InferRequest) -> InferRequest:
    encoded = encode_request(asked)
    return decode_request(encoded.body, encoded.json_length)


def answered(answer: InferAnswer, *, binary: bool) -> InferAnswer:
    encoded = encode_answer(answer, InferRequest(binary=binary))
    return decode_answer(encoded.body, encoded.json_length)


@given(requests, cameras, st.binary(min_size=1).map(lambda some: b"\xff\xd8" + some))
def test_a_request_is_what_it_was(request: Request, camera: str, snapshot: bytes) -> None:
    request = replace(request, camera=camera)
    asked = sent(models.classify_request(snapshot, request, lessons="ab", request_id="7"))
    assert models.read_question(asked) == models.Question(
        snapshot=snapshot, request=request, lessons="ab"
    )
    assert models.camera_of(models.CLASSIFY, asked) == camera


@given(results, st.data(), st.booleans())
def test_a_result_is_what_it_was(result: Result, data: st.DataObject, binary: bool) -> None:
    detections = tuple(replace(each, features=data.draw(vectors)) for each in result.detections)
    result = replace(result, detections=detections)
    answer = answered(models.classify_answer(result), binary=binary)
    assert models.read_result(answer) == result


@given(boxes, st.lists(boxes), st.sampled_from(Regime), st.lists(numbers).map(tuple))
def test_the_other_models_get_and_give_what_they_should(
    box: Box, several: list[Box], regime: Regime, features: tuple[float, ...]
) -> None:
    snapshot = b"\xff\xd8\xff"
    asked = sent(models.features_request(snapshot, box, regime))
    assert models.read_features_request(asked) == (snapshot, box, regime)
    answer = answered(models.features_answer(features), binary=False)
    assert models.read_features(answer) == features
    asked = sent(models.draw_boxes_request(snapshot, several))
    assert models.read_draw_boxes_request(asked) == (snapshot, several)
    asked = sent(models.cut_out_request(snapshot, box, 320))
    assert models.read_cut_out_request(asked) == (snapshot, box, 320)
    answer = answered(models.picture_answer(models.CUT_OUT, b"\xff\xd9"), binary=True)
    assert models.read_picture(answer) == b"\xff\xd9"
    asked = sent(models.forget_request("drive"))
    assert models.camera_of(models.FORGET, asked) == "drive"


def test_a_snapshot_may_be_base64_as_json_needs(dog: bytes, photograph: Any) -> None:
    for picture in (dog, photograph("coffee.png"), b"RIFF\x24\x00\x00\x00WEBPVP8 "):
        for form in (picture, base64.b64encode(picture)):
            asked = InferRequest(inputs=(Tensor.of_bytes("snapshot", [form]),))
            assert models.read_question(asked).snapshot == picture


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"min_scor": 0.5}, "knows no parameter 'min_scor': it knows camera, effort"),
        ({"min_score": "0.5"}, "no float"),
        ({"min_score": True}, "no float"),
        ({"use_gate": 1}, "no bool"),
        ({"timeout": 0}, "give microseconds"),
        ({"regions": "[[0, 0, 1]]"}, "malformed"),
        ({"regions": "7"}, "malformed"),
        ({"regions": '[["a", 0, 1, 1]]'}, "malformed"),
        ({"masks": '[[[0, "a"]]]'}, "malformed"),
        ({"masks": "[[[0, NaN]]]"}, "malformed"),
        ({"views": "[{}]"}, "malformed"),
        ({"views": '[{"likeness": "%", "regions": [], "masks": []}]'}, "malformed"),
        ({"views": "["}, "malformed"),
    ],
)
def test_parameters_that_are_none_are_refused(parameters: dict[str, Any], sentence: str) -> None:
    asked = replace(models.classify_request(b"\xff", Request()), parameters=parameters)
    with pytest.raises(ProtocolViolation, match=sentence):
        models.read_question(asked)


@pytest.mark.parametrize("camera", ["x" * 201, "a\nb", 7, "\x1f"])
def test_a_camera_has_a_name_that_can_be_printed(camera: Any) -> None:
    asked = replace(models.classify_request(b"\xff", Request()), parameters={"camera": camera})
    with pytest.raises(ProtocolViolation):
        models.camera_of(models.CLASSIFY, asked)


@pytest.mark.parametrize(("timeout", "seconds"), [(None, 2.0), (500_000, 0.5), (9_000_000, 2.0)])
def test_nobody_waits_longer_than_two_seconds(timeout: int | None, seconds: float) -> None:
    parameters = {} if timeout is None else {"timeout": timeout}
    asked = replace(models.classify_request(b"\xff", Request()), parameters=parameters)
    assert models.read_question(asked).timeout == seconds


@pytest.mark.parametrize(
    "tensor",
    [
        Tensor.of_bytes("snapshot", []),
        Tensor.of_bytes("snapshot", [b"a", b"b"]),
        Tensor.of_bytes("picture", [b"a"]),
        Tensor.of_numbers("snapshot", "UINT8", (1,), [1]),
    ],
)
def test_a_request_without_a_picture_is_refused(tensor: Tensor) -> None:
    with pytest.raises(ProtocolViolation, match="snapshot"):
        models.read_question(InferRequest(inputs=(tensor,)))


@pytest.mark.parametrize(
    ("datatype", "shape", "values"),
    [
        ("FP64", (4,), [0.0] * 4),
        ("FP32", (1, 4), [0.0] * 4),
        ("FP32", (4,), [0, 0, 1, float("nan")]),
    ],
)
def test_a_box_that_is_none_is_refused(
    datatype: str, shape: tuple[int, ...], values: list[float]
) -> None:
    box = Tensor.of_numbers("box", datatype, shape, values)
    asked = models.cut_out_request(b"\xff", BOX, 100)
    with pytest.raises(ProtocolViolation, match=r"box|Box"):
        models.read_cut_out_request(replace(asked, inputs=(asked.inputs[0], box)))


def test_an_answer_without_what_a_result_has_is_no_result() -> None:
    found = Detection(name="dog", score=0.5, box=BOX)
    whole = models.classify_answer(
        Result(
            width=1,
            height=1,
            regime=Regime.DAY,
            changed=True,
            detections=(found,),
            timing=models.read_result(_empty()).timing,
        )
    )
    for missing in whole.outputs:
        rest = tuple(each for each in whole.outputs if each is not missing)
        with pytest.raises(ProtocolViolation, match=missing.name):
            models.read_result(replace(whole, outputs=rest))
    for name in whole.parameters:
        left = {key: value for key, value in whole.parameters.items() if key != name}
        with pytest.raises(ProtocolViolation, match="no result"):
            models.read_result(replace(whole, parameters=left))


def _empty() -> InferAnswer:
    none = json.dumps([])
    timing = json.dumps(dict.fromkeys(("decode", "gate", "scene", "object", "total"), 1.0))
    return InferAnswer(
        model_name="camclassify",
        parameters={
            "width": 1,
            "height": 1,
            "regime": "day",
            "changed": True,
            "timing_ms": timing,
            "windows": none,
            "proposals": none,
        },
        outputs=(
            Tensor.of_numbers("boxes", "FP32", (0, 4), []),
            Tensor.of_numbers("scores", "FP32", (0,), []),
            Tensor.of_bytes("classes", []),
        ),
    )


def test_lessons_are_named_by_what_they_are() -> None:
    body = models.lessons_body([], [])
    assert body == b'{"examples":[],"background":[]}'
    assert models.lessons_id(body) != models.lessons_id(body + b" ")
    assert len(models.lessons_id(body)) == 64
