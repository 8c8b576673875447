"""JSON as it is exchanged with other processes: all numbers finite."""

import json
from math import isfinite
from typing import Any, NoReturn


def json_object(text: bytes | str) -> dict[str, Any]:
    """The object in it. Raises `ValueError` if there is none."""
    data = json_value(text)
    if not isinstance(data, dict):
        raise ValueError("it is no object")
    return data


def json_value(text: bytes | str) -> Any:
    """What is in it. Raises `ValueError` if that is nothing."""
    try:
        return json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def json_text(data: Any) -> bytes:
    """As compact JSON. Raises `ValueError` for what JSON cannot say."""
    try:
        return json.dumps(data, separators=(",", ":"), allow_nan=False).encode()
    except (TypeError, RecursionError) as error:
        raise ValueError(str(error)) from error


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


def _finite(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        raise ValueError(f"{text[:40]} is too large")
    return value
