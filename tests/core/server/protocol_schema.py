"""What the answers of the Open Inference Protocol are, written down from its specification as JSON Schema.

The binary extension takes the place of a tensor's `data`.
"""

from typing import Any

import jsonschema
from camclassify_core.open_inference.tensor import DATATYPES

from .served import Reply

_TEXT = {"type": "string"}
_PARAMETERS = {"type": "object", "additionalProperties": {"type": ["number", "string", "boolean"]}}
_DATATYPE = {"enum": sorted(DATATYPES)}
_DATA = {
    "type": "array",
    "items": {"anyOf": [{"type": ["number", "string", "boolean"]}, {"$ref": "#/$defs/data"}]},
}


def _object(needed: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": needed | (optional or {}),
        "required": list(needed),
        "additionalProperties": False,
        "$defs": {"data": _DATA},
    }


def _list_of(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _shape(lowest: int) -> dict[str, Any]:
    return _list_of({"type": "integer", "minimum": lowest})


_METADATA_TENSOR = _object({"name": _TEXT, "datatype": _DATATYPE, "shape": _shape(-1)})
_TENSOR = {"name": _TEXT, "datatype": _DATATYPE, "shape": _shape(0)}
_OUTPUT = {
    "anyOf": [
        _object(_TENSOR | {"data": _DATA}, {"parameters": _PARAMETERS}),
        _object(
            _TENSOR
            | {"parameters": _object({"binary_data_size": {"type": "integer", "minimum": 0}})}
        ),
    ]
}

SERVER = _object({"name": _TEXT, "version": _TEXT, "extensions": _list_of(_TEXT)})
MODEL = _object(
    {
        "name": _TEXT,
        "platform": _TEXT,
        "inputs": _list_of(_METADATA_TENSOR),
        "outputs": _list_of(_METADATA_TENSOR),
    },
    {"versions": _list_of(_TEXT)},
)
LIVE = _object({"live": {"type": "boolean"}})
MODEL_READY = _object({"name": _TEXT, "ready": {"type": "boolean"}})
INFERENCE = _object(
    {"model_name": _TEXT, "outputs": _list_of(_OUTPUT)},
    {"model_version": _TEXT, "id": _TEXT, "parameters": _PARAMETERS},
)
ERROR = _object({"error": _TEXT})


def check(reply: Reply, schema: dict[str, Any]) -> dict[str, Any]:
    """The JSON of an answer, if it is what it should be."""
    said = reply.json
    jsonschema.validate(said, schema)
    binary = sum(
        each.get("parameters", {}).get("binary_data_size", 0) for each in said.get("outputs", [])
    )
    text = int(reply.headers.get("inference-header-content-length", len(reply.body)))
    assert len(reply.body) == text + binary
    return said
