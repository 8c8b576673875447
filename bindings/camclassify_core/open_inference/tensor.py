"""Tensors as the Open Inference Protocol has them, between bytes and Python's numbers and strings."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from math import isfinite, prod
from typing import Any, Self

from camclassify_core.errors import ProtocolViolation

MOST_DIMENSIONS = 8
MOST_ELEMENTS = 1 << 27
MOST_STRINGS = 10_000  # elements of BYTES
_LENGTH = struct.Struct("<I")  # before each element of BYTES
_FORMATS = {
    "BOOL": "?",
    "UINT8": "B",
    "UINT16": "H",
    "UINT32": "I",
    "UINT64": "Q",
    "INT8": "b",
    "INT16": "h",
    "INT32": "i",
    "INT64": "q",
    "FP16": "e",
    "FP32": "f",
    "FP64": "d",
}
_BYTES = "BYTES"
DATATYPES = frozenset((*_FORMATS, _BYTES))


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor; `content` is as the binary extension has it.

    Little endian and row by row; of BYTES, each element after its length of four bytes. Raises
    `ProtocolViolation` unless there is as much of it as `shape` and `datatype` say.
    """

    name: str
    datatype: str
    shape: tuple[int, ...]
    content: bytes = field(repr=False)

    def __post_init__(self) -> None:
        count = elements_of(self.name, self.datatype, self.shape)
        if self.datatype == _BYTES:
            fits = sum(1 for _ in islice(self._spans(), count + 1)) == count
        else:
            fits = len(self.content) == count * _size_of(self.datatype)
        if not fits:
            raise ProtocolViolation(
                f"The data of {self.name!r} do not fit its shape {list(self.shape)} of {self.datatype}."
            )

    @classmethod
    def of_numbers(
        cls, name: str, datatype: str, shape: Sequence[int], values: Sequence[float]
    ) -> Self:
        """From numbers, row by row. Raises `ProtocolViolation` if one does not fit the datatype."""
        try:
            content = struct.pack(f"<{len(values)}{_FORMATS[datatype]}", *values)
        except (struct.error, OverflowError) as error:
            raise ProtocolViolation(
                f"The data of {name!r} are not of datatype {datatype}: {error}."
            ) from error
        return cls(name, datatype, tuple(shape), content)

    @classmethod
    def of_bytes(cls, name: str, elements: Sequence[bytes]) -> Self:
        """Of datatype BYTES, in one dimension."""
        return cls(name, _BYTES, (len(elements),), _content_of(elements))

    def numbers(self) -> tuple[float, ...]:
        """The numbers in it, row by row. Raises `ProtocolViolation` for BYTES."""
        if self.datatype == _BYTES:
            raise ProtocolViolation(f"{self.name!r} holds bytes, not numbers.")
        return struct.unpack(f"<{prod(self.shape)}{_FORMATS[self.datatype]}", self.content)

    def elements(self) -> tuple[bytes, ...]:
        """The elements of BYTES. Raises `ProtocolViolation` for numbers."""
        if self.datatype != _BYTES:
            raise ProtocolViolation(f"{self.name!r} holds numbers, not bytes.")
        return tuple(self.content[start:end] for start, end in self._spans())

    def _spans(self) -> Iterator[tuple[int, int]]:
        """Where each element of BYTES starts and ends."""
        end = 0
        while end < len(self.content):
            start = end + _LENGTH.size
            if start <= len(self.content):
                end = start + _LENGTH.unpack_from(self.content, end)[0]
            if start > len(self.content) or end > len(self.content):
                raise ProtocolViolation(f"The data of {self.name!r} are cut off.")
            yield start, end


def elements_of(name: str, datatype: str, shape: Sequence[int]) -> int:
    """How many elements there are. Raises `ProtocolViolation` for no datatype, no shape, or too many."""
    if datatype not in DATATYPES:
        known = ", ".join(sorted(DATATYPES))
        raise ProtocolViolation(f"The datatype of {name!r} is {datatype!r}: use one of {known}.")
    if len(shape) > MOST_DIMENSIONS or not all(type(each) is int and each >= 0 for each in shape):
        raise ProtocolViolation(f"The shape of {name!r} is none.")
    count = prod(shape)
    if count > (MOST_STRINGS if datatype == _BYTES else MOST_ELEMENTS):
        raise ProtocolViolation(f"{name!r} is too large.")
    return count


def data_to_json(tensor: Tensor) -> list[float] | list[str]:
    """What stands as `data` in JSON: bytes as the text that they are.

    Raises `ProtocolViolation` for what JSON cannot say: a number that is not finite, bytes that are no text.
    """
    if tensor.datatype == _BYTES:
        try:
            return [each.decode() for each in tensor.elements()]
        except UnicodeDecodeError as error:
            raise ProtocolViolation(
                f"{tensor.name!r} holds bytes that are no text: ask for it as binary data."
            ) from error
    numbers = tensor.numbers()
    if not all(map(isfinite, numbers)):
        raise ProtocolViolation(
            f"{tensor.name!r} holds what is no number: ask for it as binary data."
        )
    return list(numbers)


def tensor_from_json(name: str, datatype: str, shape: tuple[int, ...], data: Any) -> Tensor:
    """The inverse of `data_to_json`; lists in lists are read row by row. Raises `ProtocolViolation`."""
    if not isinstance(data, list):
        raise ProtocolViolation(f"The data of {name!r} are no list.")
    elements_of(name, datatype, shape)
    flat = list(_flat(name, data, MOST_DIMENSIONS))
    if not all(type(each) in _kinds_of(datatype) for each in flat):
        raise ProtocolViolation(f"The data of {name!r} are not all of datatype {datatype}.")
    if datatype != _BYTES:
        return Tensor.of_numbers(name, datatype, shape, flat)
    try:
        elements = [each.encode() for each in flat]
    except UnicodeEncodeError as error:
        raise ProtocolViolation(f"The data of {name!r} are no text: {error}.") from error
    return Tensor(name, datatype, shape, _content_of(elements))


def _content_of(elements: Sequence[bytes]) -> bytes:
    return b"".join(part for each in elements for part in (_LENGTH.pack(len(each)), each))


def _size_of(datatype: str) -> int:
    return struct.calcsize(f"<{_FORMATS[datatype]}")


def _kinds_of(datatype: str) -> tuple[type, ...]:
    """What may stand in JSON."""
    match datatype:
        case "BYTES":
            return (str,)
        case "BOOL":
            return (bool,)
        case "FP16" | "FP32" | "FP64":
            return (int, float)
    return (int,)


def _flat(name: str, data: list[Any], levels: int) -> Iterator[Any]:
    if levels == 0:
        raise ProtocolViolation(f"The data of {name!r} are nested too deeply.")
    for each in data:
        if isinstance(each, list):
            yield from _flat(name, each, levels - 1)
        else:
            yield each
