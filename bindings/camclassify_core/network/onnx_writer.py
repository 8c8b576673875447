"""Graphs to ONNX files, without the onnx package: the part of the format that our graphs use.

Fields are numbered as in onnx/onnx.proto, and stand in the order of their numbers.
"""

import struct
from pathlib import Path

import numpy as np

from .graph import CAMCLASSIFY, STANDARD, Array, Attribute, Graph, Node, ValueType

# The oldest file format that holds what we write: most engines read it.
IR_VERSION = 8
DOMAIN_VERSION = 1

_ELEMENT_TYPES = {
    np.dtype(kind): number
    for number, kind in (
        (1, np.float32),
        (2, np.uint8),
        (3, np.int8),
        (4, np.uint16),
        (5, np.int16),
        (6, np.int32),
        (7, np.int64),
        (9, np.bool_),
        (10, np.float16),
        (11, np.float64),
        (12, np.uint32),
        (13, np.uint64),
    )
}


def write(graph: Graph, path: Path) -> None:
    """Writes a graph as an ONNX file; the same graph gives the same bytes."""
    path.write_bytes(to_bytes(graph))


def to_bytes(graph: Graph) -> bytes:
    """The ONNX file's content. Every input and output needs a type."""
    opsets = [(STANDARD, graph.opset)]
    if any(node.domain == CAMCLASSIFY for node in graph.nodes):
        opsets.append((CAMCLASSIFY, DOMAIN_VERSION))
    return b"".join(
        (
            _number(1, IR_VERSION),
            _bytes(2, b"camclassify"),
            _bytes(7, _graph(graph)),
            *(_bytes(8, _text(1, domain) + _number(2, version)) for domain, version in opsets),
        )
    )


def _graph(graph: Graph) -> bytes:
    inner = [
        name
        for node in graph.nodes
        if node.domain == CAMCLASSIFY
        for name in node.outputs
        if name in graph.types and name not in graph.outputs
    ]
    return b"".join(
        (
            *(_bytes(1, _node(node)) for node in graph.nodes),
            _text(2, "camclassify"),
            *(
                _bytes(5, _tensor(np.ascontiguousarray(content), name))
                for name, content in graph.constants.items()
            ),
            *(_bytes(11, _value(name, graph.types[name])) for name in graph.inputs),
            *(_bytes(12, _value(name, graph.types[name])) for name in graph.outputs),
            *(_bytes(13, _value(name, graph.types[name])) for name in inner),
        )
    )


def _node(node: Node) -> bytes:
    return b"".join(
        (
            *(_text(1, name) for name in node.inputs),
            *(_text(2, name) for name in node.outputs),
            _text(3, node.name or node.output),
            _text(4, node.op),
            *(_bytes(5, _attribute(*item)) for item in sorted(node.attributes.items())),
            _text(7, node.domain),
        )
    )


def _attribute(key: str, value: Attribute) -> bytes:
    match value:
        case np.ndarray():
            kind, content = 4, _bytes(5, _tensor(value, ""))
        case int():
            kind, content = 2, _number(3, value)
        case float():
            kind, content = 1, _real(2, value)
        case str():
            kind, content = 3, _text(4, value)
        case [float(), *_]:
            kind, content = 6, b"".join(_real(7, each) for each in value)
        case _:
            kind, content = 7, b"".join(_number(8, int(each)) for each in value)
    return _text(1, key) + content + _number(20, kind)


def _tensor(content: Array, name: str) -> bytes:
    little = content.dtype.newbyteorder("<")
    return b"".join(
        (
            *(_number(1, extent) for extent in content.shape),
            _number(2, _ELEMENT_TYPES[content.dtype]),
            _text(8, name) if name else b"",
            _bytes(9, content.astype(little, copy=False).tobytes()),
        )
    )


def _value(name: str, kind: ValueType) -> bytes:
    shape = b"".join(_bytes(1, _number(1, extent)) for extent in kind.shape)
    tensor = _number(1, _ELEMENT_TYPES[kind.dtype]) + _bytes(2, shape)
    return _text(1, name) + _bytes(2, _bytes(1, tensor))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value & (1 << 64) - 1)


def _real(field: int, value: float) -> bytes:
    return _varint(field << 3 | 5) + struct.pack("<f", value)


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())


def _bytes(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    digits = bytearray()
    while value > 127:
        digits.append(value & 127 | 128)
        value >>= 7
    digits.append(value)
    return bytes(digits)
