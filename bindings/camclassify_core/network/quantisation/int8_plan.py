"""How each value of a network is stored in int8: what calibration finds, kept as JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from camclassify_core.strict_json import json_text

from ..graph import Array

_DTYPES: Mapping[str, np.dtype[Any]] = {
    "u8": np.dtype(np.uint8),
    "i16": np.dtype(np.int16),
    "f32": np.dtype(np.float32),
}


@dataclass(frozen=True, slots=True)
class Quantity:
    """real = (stored - zero) * scale; f32 is stored as it is."""

    scale: float
    zero: int
    type: str

    @property
    def dtype(self) -> np.dtype[Any]:
        """The stored type."""
        return _DTYPES[self.type]

    def store(self, real: Array) -> Array:
        """Rounded to nearest even and saturated."""
        limits = np.iinfo(self.dtype)
        stored = np.rint(np.asarray(real, np.float64) / self.scale) + self.zero
        return np.asarray(np.clip(stored, limits.min, limits.max), self.dtype)

    def real(self, stored: Array) -> NDArray[np.float64]:
        """The numbers that stored values stand for."""
        return (stored.astype(np.float64) - self.zero) * self.scale


@dataclass(frozen=True, slots=True)
class ValuePlan:
    """A value: how it is stored; how a table's index is; how it is before a residual is added.

    `mean` is the mean of each channel in fp32, which bias correction needs.
    """

    stored: Quantity
    mean: tuple[float, ...]
    index: Quantity | None = None
    inner: Quantity | None = None


type Plan = Mapping[str, ValuePlan]


def write_plan(plan: Plan, path: Path) -> None:
    """Writes a plan, a value per line."""
    lines = [
        f"{json_text(name).decode()}:{json_text(asdict(each)).decode()}"
        for name, each in plan.items()
    ]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def read_plan(path: Path) -> Plan:
    """Reads a plan."""
    content = json.loads(path.read_text())
    return {
        name: ValuePlan(
            Quantity(**each["stored"]),
            tuple(each["mean"]),
            Quantity(**each["index"]) if each["index"] else None,
            Quantity(**each["inner"]) if each["inner"] else None,
        )
        for name, each in content.items()
    }
