"""Inference requests and answers of the Open Inference Protocol, to and from the bytes of HTTP.

JSON alone, or JSON and behind it the data of tensors as they are (the binary extension): the header
`Inference-Header-Content-Length` then says where the JSON ends.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from camclassify_core.errors import ProtocolViolation
from camclassify_core.strict_json import json_object, json_text

from .tensor import Tensor, data_to_json, tensor_from_json

JSON_LENGTH = "Inference-Header-Content-Length"
MOST_JSON_BYTES = 4 * 1024 * 1024
MOST_TENSORS = 64
MOST_PARAMETERS = 64
LONGEST_ID = 200

type Parameters = Mapping[str, bool | int | float | str]


@dataclass(frozen=True, slots=True, kw_only=True)
class InferRequest:
    """What a model is asked.

    `outputs`: names of those wanted, all if empty, and whether each is wanted as binary data;
    `binary`: whether those are that are not named.
    """

    id: str = ""
    parameters: Parameters = field(default_factory=dict)
    inputs: tuple[Tensor, ...] = ()
    outputs: Mapping[str, bool] = field(default_factory=dict)
    binary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InferAnswer:
    """What a model answers."""

    model_name: str
    model_version: str = ""
    id: str = ""
    parameters: Parameters = field(default_factory=dict)
    outputs: tuple[Tensor, ...] = ()


@dataclass(frozen=True, slots=True)
class Encoded:
    """The body of a message; `json_length` belongs into the header of that name, unless it is none."""

    body: bytes = field(repr=False)
    json_length: int | None

    @property
    def headers(self) -> dict[str, str]:
        """What HTTP has to say of the body."""
        if self.json_length is None:
            return {"Content-Type": "application/json"}
        return {"Content-Type": "application/octet-stream", JSON_LENGTH: str(self.json_length)}


def read_json_length(header: str | None) -> int | None:
    """The length that the header says; none without one. Raises `ProtocolViolation` if it is no number."""
    if header is None:
        return None
    if not (header.isascii() and header.isdecimal() and len(header) < 12):
        raise ProtocolViolation(f"{JSON_LENGTH} is no length.")
    return int(header)


def encode_request(request: InferRequest) -> Encoded:
    """A request whose tensors are binary data. Raises `ProtocolViolation`."""
    said = (
        _said(request.id, request.parameters)
        | {"inputs": [_binary_to_json(each) for each in request.inputs]}
        | (
            {
                "outputs": [
                    {"name": name, "parameters": {"binary_data": binary}}
                    for name, binary in request.outputs.items()
                ]
            }
            if request.outputs
            else {}
        )
    )
    if request.binary:
        said["parameters"] = {**request.parameters, "binary_data_output": True}
    return _joined(said, [each.content for each in request.inputs])


def decode_request(body: bytes, json_length: int | None) -> InferRequest:
    """The inverse of `encode_request`, for requests in JSON alone too. Raises `ProtocolViolation`."""
    said, binary = _split(body, json_length)
    parameters = dict(_parameters(said))
    wants_binary = parameters.pop("binary_data_output", False)
    outputs: dict[str, bool] = {}
    for each in _objects(said, "outputs", needed=False):
        wanted = _parameters(each).get("binary_data", wants_binary)
        outputs[_text(each, "name")] = wanted is True
    return InferRequest(
        id=_id(said),
        parameters=parameters,
        inputs=_tensors(_objects(said, "inputs"), binary),
        outputs=outputs,
        binary=wants_binary is True,
    )


def encode_answer(answer: InferAnswer, request: InferRequest) -> Encoded:
    """An answer in the form that the request wants. Raises `ProtocolViolation`."""
    outputs, contents = [], []
    for tensor in answer.outputs:
        if request.outputs.get(tensor.name, request.binary):
            outputs.append(_binary_to_json(tensor))
            contents.append(tensor.content)
        else:
            outputs.append(_tensor_to_json(tensor) | {"data": data_to_json(tensor)})
    said = {"model_name": answer.model_name, "model_version": answer.model_version}
    return _joined(
        {key: value for key, value in said.items() if value}
        | _said(answer.id, answer.parameters)
        | {"outputs": outputs},
        contents,
    )


def decode_answer(body: bytes, json_length: int | None) -> InferAnswer:
    """The inverse of `encode_answer`. Raises `ProtocolViolation`."""
    said, binary = _split(body, json_length)
    return InferAnswer(
        model_name=_text(said, "model_name"),
        model_version=_text(said, "model_version") if "model_version" in said else "",
        id=_id(said),
        parameters=_parameters(said),
        outputs=_tensors(_objects(said, "outputs"), binary),
    )


def wanted_outputs(outputs: Sequence[Tensor], request: InferRequest) -> tuple[Tensor, ...]:
    """Those that the request wants. Raises `ProtocolViolation` if it wants one that there is not."""
    names = {each.name for each in outputs}
    if unknown := [name for name in request.outputs if name not in names]:
        raise ProtocolViolation(
            f"There is no output {unknown[0]!r}: there are {', '.join(sorted(names)) or 'none'}."
        )
    return tuple(each for each in outputs if not request.outputs or each.name in request.outputs)


def read_json(text: bytes) -> dict[str, Any]:
    """The JSON object in it, all numbers finite. Raises `ProtocolViolation`."""
    if len(text) > MOST_JSON_BYTES:
        raise ProtocolViolation(
            f"The JSON has {len(text):,} bytes, at most {MOST_JSON_BYTES:,} are read:"
            " send tensors as binary data."
        )
    try:
        return json_object(text)
    except ValueError as error:
        raise ProtocolViolation(f"The message is no JSON: {error}.") from error


def write_json(said: Any) -> bytes:
    """As JSON. Raises `ProtocolViolation` for what JSON cannot say."""
    try:
        return json_text(said)
    except ValueError as error:
        raise ProtocolViolation(f"A message cannot be written as JSON: {error}.") from error


def _split(body: bytes, json_length: int | None) -> tuple[dict[str, Any], memoryview]:
    if json_length is None:
        return read_json(body), memoryview(b"")
    if json_length > len(body):
        raise ProtocolViolation(
            f"{JSON_LENGTH} says {json_length:,}, but the body has {len(body):,} bytes."
        )
    return read_json(body[:json_length]), memoryview(body)[json_length:]


def _joined(said: dict[str, Any], contents: list[bytes]) -> Encoded:
    text = write_json(said)
    if not contents:
        return Encoded(text, None)
    return Encoded(b"".join((text, *contents)), len(text))


def _said(request_id: str, parameters: Parameters) -> dict[str, Any]:
    return ({"id": request_id} if request_id else {}) | (
        {"parameters": dict(parameters)} if parameters else {}
    )


def _tensor_to_json(tensor: Tensor) -> dict[str, Any]:
    return {"name": tensor.name, "datatype": tensor.datatype, "shape": list(tensor.shape)}


def _binary_to_json(tensor: Tensor) -> dict[str, Any]:
    return _tensor_to_json(tensor) | {"parameters": {"binary_data_size": len(tensor.content)}}


def _tensors(said: list[dict[str, Any]], binary: memoryview) -> tuple[Tensor, ...]:
    """Those that are in the JSON, and those whose data come behind it, in their order."""
    tensors, start = [], 0
    for each in said:
        name, datatype, shape = _text(each, "name"), _text(each, "datatype"), each.get("shape")
        if not isinstance(shape, list):
            raise ProtocolViolation(f"{name!r} has no shape.")
        size = _parameters(each).get("binary_data_size")
        if size is None:
            tensors.append(tensor_from_json(name, datatype, tuple(shape), each.get("data")))
            continue
        if "data" in each:
            raise ProtocolViolation(f"{name!r} has data in the JSON and behind it.")
        if isinstance(size, bool) or not isinstance(size, int) or size < 0:
            raise ProtocolViolation(f"The binary_data_size of {name!r} is no size.")
        if size > len(binary) - start:
            raise ProtocolViolation(f"The binary data end before those of {name!r}.")
        tensors.append(Tensor(name, datatype, tuple(shape), bytes(binary[start : start + size])))
        start += size
    if start != len(binary):
        raise ProtocolViolation(
            f"{len(binary) - start:,} bytes of binary data belong to no tensor."
        )
    if len({each.name for each in tensors}) < len(tensors):
        raise ProtocolViolation("Two tensors have one name.")
    return tuple(tensors)


def _objects(said: dict[str, Any], key: str, *, needed: bool = True) -> list[dict[str, Any]]:
    objects = said.get(key, None if needed else [])
    if not isinstance(objects, list) or not all(isinstance(each, dict) for each in objects):
        raise ProtocolViolation(f"{key!r} is no list of objects.")
    if len(objects) > MOST_TENSORS:
        raise ProtocolViolation(f"There are more than {MOST_TENSORS} {key}.")
    return objects


def _parameters(said: dict[str, Any]) -> Parameters:
    parameters = said.get("parameters", {})
    if not isinstance(parameters, dict) or not all(
        isinstance(each, bool | float | str) or (isinstance(each, int) and abs(each) < 1 << 63)
        for each in parameters.values()
    ):
        raise ProtocolViolation("'parameters' holds more than numbers, strings and booleans.")
    if len(parameters) > MOST_PARAMETERS:
        raise ProtocolViolation(f"There are more than {MOST_PARAMETERS} parameters.")
    return parameters


def _id(said: dict[str, Any]) -> str:
    return _text(said, "id", longest=LONGEST_ID) if "id" in said else ""


def _text(said: dict[str, Any], key: str, *, longest: int = 1000) -> str:
    text = said.get(key)
    if not isinstance(text, str) or len(text) > longest:
        raise ProtocolViolation(f"{key!r} is no string of at most {longest} characters.")
    return text
