"""Which machine this is: a profile holds for one only."""

import os
import platform
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What the speed of networks depends on."""

    processor: str
    cores: int
    instruction_set: str

    def __str__(self) -> str:
        return f"{self.processor}, {self.cores} cores, {self.instruction_set}"


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
