"""Messages between client and worker: a JSON header and a body of bytes, each with its length.

u32 header bytes | u32 body bytes | header, UTF-8 JSON object | body        (big endian)
"""

import json
import struct
from dataclasses import dataclass, field
from typing import Any

PREFIX = struct.Struct(">II")
MAX_HEADER = 1024 * 1024
MAX_BODY = 128 * 1024 * 1024


class ProtocolError(Exception):
    """The other side sent bytes that are no message."""


@dataclass(frozen=True, slots=True)
class Message:
    """One request or answer."""

    header: dict[str, Any]
    body: bytes | bytearray | memoryview = field(default=b"", repr=False)


def encode_head(message: Message) -> bytes:
    """Everything before the body, which is sent as it is and never copied."""
    header = json.dumps(message.header, separators=(",", ":"), allow_nan=False).encode()
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
    """The JSON object in `data`. Raises `ProtocolError` if there is none."""
    try:
        header = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"A header is not JSON: {error}") from error
    if not isinstance(header, dict):
        raise ProtocolError("A header is not a JSON object.")
    return header
