"""What the user taught: marked objects, and what to expect of a class learnt from them. No NumPy here."""

import struct
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import TypedDict

from .codec import box_from_json, box_to_json
from .errors import CamClassifyError
from .results import Box, Regime


class ExampleError(CamClassifyError):
    """An example, or a set of them, that nothing can be learnt from."""


class ExampleJson(TypedDict):
    """An example as it is stored and exported; `features` are little-endian half floats in base64."""

    id: str
    name: str | None
    camera: str
    box: list[float]
    regime: str
    found_as: list[str]
    features: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One object that the user marked.

    `name`: the class it was given; none for "this is nothing". `found_as`: what it was detected as, then
    the classes that implies, nearest first. `features`: of the object network.
    """

    id: str
    name: str | None
    camera: str
    box: Box
    regime: Regime
    found_as: tuple[str, ...]
    features: tuple[float, ...]

    def to_json(self) -> ExampleJson:
        """The example as JSON values."""
        packed = struct.pack(f"<{len(self.features)}e", *self.features)
        return {
            "id": self.id,
            "name": self.name,
            "camera": self.camera,
            "box": box_to_json(self.box),
            "regime": self.regime.value,
            "found_as": list(self.found_as),
            "features": b64encode(packed).decode(),
        }

    @classmethod
    def from_json(cls, data: ExampleJson) -> Example:
        """The inverse of `to_json`. Raises `ExampleError`, since people import what others exported."""
        try:
            packed = b64decode(data["features"], validate=True)
            return cls(
                id=str(data["id"]),
                name=None if data["name"] is None else str(data["name"]),
                camera=str(data["camera"]),
                box=box_from_json([float(each) for each in data["box"]]),
                regime=Regime(data["regime"]),
                found_as=tuple(str(each) for each in data["found_as"]),
                features=struct.unpack(f"<{len(packed) // 2}e", packed),
            )
        except (KeyError, TypeError, ValueError, AttributeError, struct.error) as error:
            raise ExampleError(
                f"This is not an exported example ({error!r}): export the examples again."
            ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What leave-one-out says of a taught class.

    Each example was judged by what was learnt from all others. `right`: of the class, and recognised.
    `wrong`: not of the class, yet taken for it. `missed`: of the class, and not recognised. `precision`
    is the share of `right` in all that was taken for the class, with its 95% interval `low` to `high`.
    """

    right: int
    wrong: int
    missed: int
    precision: float
    low: float
    high: float
