"""Whatever is sent arrives as it was; what is no message is refused with a sentence."""

import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from camclassify_core.errors import ProtocolViolation
from camclassify_core.open_inference.inference import (
    MOST_JSON_BYTES,
    InferAnswer,
    InferRequest,
    decode_answer,
    decode_request,
    encode_answer,
    encode_request,
    read_json_length,
    wanted_outputs,
)
from camclassify_core.open_inference.tensor import Tensor
from hypothesis import given
from hypothesis import strategies as st

RANGES = {"UINT8": (0, 255), "INT16": (-(1 << 15), (1 << 15) - 1), "UINT64": (0, (1 << 64) - 1)}
sizes = st.lists(st.integers(0, 3), max_size=3)


@st.composite
def tensors(draw: st.DrawFn, name: str) -> Tensor:
    shape = tuple(draw(sizes))
    count = 1
    for each in shape:
        count *= each
    datatype = draw(st.sampled_from(["BYTES", "BOOL", "FP32", "FP64", *RANGES]))
    if datatype == "BYTES":
        elements = [
            each.encode() for each in draw(st.lists(st.text(), min_size=count, max_size=count))
        ]
        return Tensor(name, datatype, shape, Tensor.of_bytes(name, elements).content)
    values: st.SearchStrategy[float]
    if datatype == "BOOL":
        values = st.booleans()
    elif datatype in RANGES:
        values = st.integers(*RANGES[datatype])
    else:
        values = st.floats(
            allow_nan=False, allow_infinity=False, width=32 if datatype == "FP32" else 64
        )
    numbers = draw(st.lists(values, min_size=count, max_size=count))
    return Tensor.of_numbers(name, datatype, shape, numbers)


many_tensors = st.integers(0, 3).flatmap(lambda n: st.tuples(*(tensors(f"t{i}") for i in range(n))))
parameters = st.dictionaries(
    st.text(max_size=9).filter(lambda name: not name.startswith("binary_data")),
    st.booleans()
    | st.integers(-(1 << 62), 1 << 62)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    max_size=4,
)
requests = st.builds(
    InferRequest,
    id=st.text(max_size=20),
    parameters=parameters,
    inputs=many_tensors,
    outputs=st.dictionaries(st.text(max_size=9), st.booleans(), max_size=3),
    binary=st.booleans(),
)
answers = st.builds(
    InferAnswer,
    model_name=st.text(min_size=1, max_size=9),
    model_version=st.text(max_size=9),
    id=st.text(max_size=20),
    parameters=parameters,
    outputs=many_tensors,
)


@given(requests)
def test_a_request_arrives_as_it_was(request: InferRequest) -> None:
    encoded = encode_request(request)
    assert decode_request(encoded.body, encoded.json_length) == request


@given(answers, st.booleans(), st.sets(st.sampled_from(["t0", "t1", "t2"])))
def test_an_answer_arrives_as_it_was_in_either_form(
    answer: InferAnswer, binary: bool, others: set[str]
) -> None:
    asked = InferRequest(binary=binary, outputs=dict.fromkeys(others, not binary))
    encoded = encode_answer(answer, asked)
    assert decode_answer(encoded.body, encoded.json_length) == answer
    in_json = {
        each["name"]
        for each in json.loads(encoded.body[: encoded.json_length])["outputs"]
        if "data" in each
    }
    assert in_json == {each.name for each in answer.outputs if (each.name in others) == binary}


@given(requests, st.data())
def test_a_request_cut_or_changed_anywhere_is_refused_or_read(
    request: InferRequest, data: st.DataObject
) -> None:
    encoded = encode_request(request)
    body = bytearray(encoded.body)
    for _ in range(data.draw(st.integers(0, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(body[: data.draw(st.integers(0, len(body)))])
    length = data.draw(st.none() | st.integers(0, len(cut) + 2) | st.just(encoded.json_length))
    try:
        read = decode_request(cut, length)
    except ProtocolViolation:
        return
    again = encode_request(read)
    assert decode_request(again.body, again.json_length) == read


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["name", "data", "x"]), inner),
    max_leaves=8,
)
json_tensors = st.fixed_dictionaries(
    {},
    optional={
        "name": json_values,
        "shape": st.lists(st.integers(-1, 5)) | json_values,
        "datatype": st.sampled_from(["BYTES", "FP32", "BOOL"]) | json_values,
        "data": json_values,
        "parameters": st.dictionaries(st.just("binary_data_size"), json_values) | json_values,
    },
)
json_requests = st.fixed_dictionaries(
    {},
    optional={
        "id": json_values,
        "inputs": st.lists(json_tensors) | json_values,
        "outputs": st.lists(json_tensors) | json_values,
        "parameters": json_values,
    },
)


@given(json_requests, st.binary(max_size=20))
def test_json_of_any_form_is_refused_or_read(said: dict[str, Any], behind: bytes) -> None:
    text = json.dumps(said).encode()
    for read in (decode_request, decode_answer):
        for length in (None, len(text)):
            with suppress(ProtocolViolation):
                read(text + (behind if length else b""), length)


@given(st.binary())
def test_bytes_of_any_kind_are_refused(body: bytes) -> None:
    with pytest.raises(ProtocolViolation):
        decode_request(body, None)


def said(**changed: Any) -> dict[str, Any]:
    return {"name": "x", "shape": [2], "datatype": "UINT8", "data": [1, 2]} | changed


@pytest.mark.parametrize(
    ("message", "behind", "sentence"),
    [
        ([], b"", "no object"),
        ({}, b"", "'inputs' is no list"),
        ({"inputs": [said(), said()]}, b"", "Two tensors"),
        ({"inputs": [said(datatype="STRING")]}, b"", "use one of BOOL, BYTES"),
        ({"inputs": [said(shape=[3])]}, b"", "do not fit its shape"),
        ({"inputs": [said(shape=[-1])]}, b"", "is none"),
        ({"inputs": [said(shape=[True, 2])]}, b"", "is none"),
        ({"inputs": [said(shape=[1 << 20, 1 << 20])]}, b"", "too large"),
        ({"inputs": [said(shape=[20_000], datatype="BYTES")]}, b"", "too large"),
        ({"inputs": [said(shape=[1] * 9)]}, b"", "is none"),
        ({"inputs": [said(data=[1, 300])]}, b"", "not of datatype UINT8"),
        ({"inputs": [said(data=[1, True])]}, b"", "not all of datatype UINT8"),
        ({"inputs": [said(data=[1, 2.0])]}, b"", "not all of datatype UINT8"),
        ({"inputs": [said(data=[[[[[[[[[1, 2]]]]]]]]])]}, b"", "nested too deeply"),
        ({"inputs": [said(datatype="BYTES", data=["a", "\ud800"])]}, b"", "are no text"),
        ({"inputs": [said(parameters={"binary_data_size": 2})]}, b"ab", "and behind it"),
        ({"inputs": []}, b"ab", "belong to no tensor"),
        ({"inputs": [], "parameters": {"x": [1]}}, b"", "numbers, strings and booleans"),
        ({"inputs": [], "parameters": {"x": 1 << 70}}, b"", "numbers, strings and booleans"),
        ({"inputs": [], "parameters": {str(n): n for n in range(65)}}, b"", "more than 64"),
        ({"inputs": [], "id": "x" * 201}, b"", "at most 200"),
        ({"inputs": [], "id": 7}, b"", "is no string"),
        ({"inputs": [said(name=str(n)) for n in range(65)]}, b"", "more than 64"),
    ],
)
def test_what_is_wrong_is_said(message: Any, behind: bytes, sentence: str) -> None:
    text = json.dumps(message).encode()
    with pytest.raises(ProtocolViolation, match=sentence):
        decode_request(text + behind, len(text))


@pytest.mark.parametrize("size", [-1, 3, 1 << 40, True, 2.0, "2"])
def test_a_size_of_binary_data_that_is_none_is_refused(size: Any) -> None:
    one = said(parameters={"binary_data_size": size})
    del one["data"]
    text = json.dumps({"inputs": [one]}).encode()
    with pytest.raises(ProtocolViolation, match="binary"):
        decode_request(text + b"ab", len(text))


@pytest.mark.parametrize(
    "text",
    [
        b'{"inputs":[],"parameters":{"x":NaN}}',
        b'{"inputs":[],"parameters":{"x":1e999}}',
        b"[" * 100_000,
    ],
)
def test_json_beyond_the_standard_is_refused(text: bytes) -> None:
    with pytest.raises(ProtocolViolation, match="no JSON"):
        decode_request(text, None)


def test_json_that_would_fill_memory_is_not_read() -> None:
    with pytest.raises(ProtocolViolation, match="as binary data"):
        decode_request(b" " * (MOST_JSON_BYTES + 1), None)


@pytest.mark.parametrize(("header", "length"), [(None, None), ("0", 0), ("17", 17)])
def test_reads_the_length_of_the_json(header: str | None, length: int | None) -> None:
    assert read_json_length(header) == length


@pytest.mark.parametrize(
    "header", ["", "-1", "+1", " 1", "1.0", "0x10", "1_0", "९", "9" * 12, "one"]
)
def test_a_length_that_is_no_number_is_refused(header: str) -> None:
    with pytest.raises(ProtocolViolation):
        read_json_length(header)


def test_a_length_beyond_the_body_is_refused() -> None:
    with pytest.raises(ProtocolViolation, match="10 bytes"):
        decode_request(b'{"inputs":', 11)


@pytest.mark.parametrize("content", [b"\x01", b"\x05\0\0\0ab", b"\xff\xff\xff\xffab", b""])
def test_bytes_that_are_cut_off_are_no_tensor(content: bytes) -> None:
    with pytest.raises(ProtocolViolation):
        Tensor("x", "BYTES", (1,), content)


def test_what_json_cannot_say_is_left_to_binary_data() -> None:
    picture = InferAnswer(model_name="m", outputs=(Tensor.of_bytes("p", [b"\xff\xd8"]),))
    infinite = replace(picture, outputs=(Tensor.of_numbers("p", "FP32", (1,), [float("inf")]),))
    for answer in (picture, infinite):
        with pytest.raises(ProtocolViolation, match="as binary data"):
            encode_answer(answer, InferRequest())
        assert encode_answer(answer, InferRequest(binary=True)).json_length


def test_an_output_that_there_is_not_is_refused() -> None:
    there = (Tensor.of_bytes("a", []), Tensor.of_bytes("b", []))
    assert wanted_outputs(there, InferRequest()) == there
    assert wanted_outputs(there, InferRequest(outputs={"b": True})) == there[1:]
    with pytest.raises(ProtocolViolation, match="there are a, b"):
        wanted_outputs(there, InferRequest(outputs={"c": True}))
