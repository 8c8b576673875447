"""Messages between client and worker: a JSON header and a body of bytes, each with its length.

u32 header bytes | u32 body bytes | header, UTF-8 JSON object | body        (big endian)

An answer has the id of its question.
"""

import struct
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from camclassify_core.strict_json import json_object, json_text

PREFIX = struct.Struct(">II")
MAX_HEADER = 1024 * 1024
MAX_BODY = 128 * 1024 * 1024
# What takes its time: the worker does these in its lanes, several at a time, and answers in any order.
# Everything else it answers at once, and before it reads on.
LANE_OPS = ("classify", "features", "draw_boxes", "cut_out", "encode", "learn", "describe", "run")
_ids = count(1)


class ProtocolError(Exception):
    """Bytes that are no message, or a message that cannot be put into bytes."""


@dataclass(frozen=True, slots=True)
class Message:
    """One request or answer."""

    header: dict[str, Any]
    body: bytes | bytearray | memoryview = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """An operation that is asked of the worker, ready to be sent: `head` is all that precedes the body."""

    op: str
    id: int
    head: bytes = field(repr=False)
    body: bytes = field(repr=False)


def encode_call(op: str, args: Any = None, body: bytes = b"") -> Call:
    """A call with an id of its own. Raises `ProtocolError`."""
    number = next(_ids)
    message = Message({"id": number, "op": op, "args": args or {}}, body)
    return Call(op, number, encode_head(message), body)


def encode_head(message: Message) -> bytes:
    """Everything before the body, which is sent as it is and never copied.

    Raises `ProtocolError` if it is too long, or if the header holds what is not JSON: a number
    that is not finite, an object of another kind.
    """
    try:
        header = json_text(message.header)
    except ValueError as error:
        raise ProtocolError(f"A header cannot be written as JSON: {error}") from error
    if len(header) > MAX_HEADER or len(message.body) > MAX_BODY:
        raise ProtocolError(f"A message of {len(header)} + {len(message.body)} bytes is too long.")
    return PREFIX.pack(len(header), len(message.body)) + header


def decode_prefix(prefix: bytes) -> tuple[int, int]:
    """Bytes of header and body that follow. Raises `ProtocolError` if they exceed the limits."""
    header, body = PREFIX.unpack(prefix)
    if header > MAX_HEADER or body > MAX_BODY:
        raise ProtocolError(f"A message of {header} + {body} bytes was announced.")
    return header, body


def decode_header(data: bytes) -> dict[str, Any]:
    """The JSON object in `data`, all numbers finite. Raises `ProtocolError` if there is none."""
    try:
        return json_object(data)
    except ValueError as error:
        raise ProtocolError(f"A header is no JSON: {error}") from error
