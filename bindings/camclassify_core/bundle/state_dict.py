"""Reads the tensors of a PyTorch state dict (format of torch < 1.6) without torch.

Such a file is five pickles (magic, protocol, machine, tensors by reference, storage keys) and
then the storages: an int64 count of elements and the elements, little-endian. Unpickling allows
nothing but the three names that a state dict of floats and integers needs.
"""

import io
import pickle
from collections import OrderedDict
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from camclassify_core.errors import BundleError
from camclassify_core.network.graph import Array

MAGIC = 0x1950A86A20F9469CFC6C


@dataclass(frozen=True, slots=True)
class _Reference:
    """A tensor's place in its storage; offset and strides count elements."""

    key: str
    dtype: np.dtype[np.generic]
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def view(self, storage: Array) -> Array:
        """The tensor. Raises ValueError where it would reach outside of the storage."""
        last = self.offset + sum(
            (length - 1) * stride for length, stride in zip(self.shape, self.strides, strict=True)
        )
        if min((self.offset, *self.strides)) < 0 or last >= storage.size or 0 in self.shape:
            raise ValueError("a tensor reaches outside of its storage")
        steps = tuple(stride * storage.itemsize for stride in self.strides)
        return np.lib.stride_tricks.as_strided(storage[self.offset :], self.shape, steps)


type _Storage = tuple[str, np.dtype[np.generic], str, str, int, None]


def _rebuild_tensor(
    storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: object
) -> _Reference:
    return _Reference(storage[2], storage[1], offset, shape, strides)


class _Unpickler(pickle.Unpickler):
    ALLOWED: ClassVar[dict[tuple[str, str], object]] = {
        ("collections", "OrderedDict"): OrderedDict,
        ("torch._utils", "_rebuild_tensor_v2"): _rebuild_tensor,
        ("torch", "FloatStorage"): np.dtype("<f4"),
        ("torch", "LongStorage"): np.dtype("<i8"),
    }

    def find_class(self, module: str, name: str) -> object:
        try:
            return self.ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"{module}.{name} is not allowed here") from None

    def persistent_load(self, identifier: _Storage) -> _Storage:
        return identifier


def read(content: bytes) -> dict[str, Array]:
    """Tensors by name. Raises BundleError for anything but a state dict."""
    stream = io.BytesIO(content)
    try:
        if _Unpickler(stream).load() != MAGIC:
            raise pickle.UnpicklingError("wrong magic number")
        _Unpickler(stream).load()
        _Unpickler(stream).load()
        references: dict[str, _Reference] = _Unpickler(stream).load()
        keys: list[str] = _Unpickler(stream).load()
        dtypes = {each.key: each.dtype for each in references.values()}
        storages: dict[str, Array] = {}
        for key in keys:
            count = int(np.frombuffer(stream.read(8), "<i8")[0])
            dtype = dtypes[key]
            storages[key] = np.frombuffer(stream.read(count * dtype.itemsize), dtype, count)
        return {name: each.view(storages[each.key]) for name, each in references.items()}
    except (
        pickle.UnpicklingError,
        EOFError,
        LookupError,
        ValueError,
        OverflowError,
        TypeError,
        AttributeError,
        MemoryError,  # a length that no file has
    ) as error:
        raise BundleError(f"not a PyTorch state dict of the old format: {error}") from error
