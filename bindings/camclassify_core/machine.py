"""Which machine this is: a profile holds for one only."""

import os
import platform
from dataclasses import dataclass
from pathlib import Path

# Bytes, where the system does not say: what most small processors have.
_USUAL = {1: 32 << 10, 2: 512 << 10, 3: 4 << 20}
_UNITS = {"K": 1 << 10, "M": 1 << 20}


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What the speed of networks depends on."""

    processor: str
    cores: int
    instruction_set: str

    def __str__(self) -> str:
        return f"{self.processor}, {self.cores} cores, {self.instruction_set}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caches:
    """Bytes of the caches: those of a core, and the last one, which cores may share."""

    first: int
    second: int
    last: int


def caches() -> Caches:
    """Those of this machine, as the system describes them."""
    sizes = dict(_USUAL)
    for index in Path("/sys/devices/system/cpu/cpu0/cache").glob("index*"):
        try:
            kind = Path(index, "type").read_text(encoding="ascii").strip()
            level = int(Path(index, "level").read_text(encoding="ascii"))
            size = Path(index, "size").read_text(encoding="ascii").strip()
        except OSError, ValueError:
            continue
        if kind != "Instruction" and size[-1] in _UNITS:
            sizes[level] = int(size[:-1]) * _UNITS[size[-1]]
    return Caches(first=sizes[1], second=sizes[2], last=max(sizes[2], sizes[3]))


def this_machine(instruction_set: str) -> Machine:
    """The machine that this runs on."""
    return Machine(
        processor=_processor_name(), cores=os.cpu_count() or 1, instruction_set=instruction_set
    )


def _processor_name() -> str:
    """As /proc/cpuinfo names it: the model, on ARM the board or the part numbers."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    fields = {
        key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)
    }
    name = fields.get("model name") or fields.get("Model")
    part = f"{fields.get('CPU implementer', '?')}/{fields.get('CPU part', '?')}"
    return name or f"{platform.machine()} {part}"
