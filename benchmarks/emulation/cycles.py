"""What llvm-mca says that blocks of instructions take on a processor."""

import json
import subprocess
from collections.abc import Mapping, Sequence, Set
from typing import Any

from .blocks import Block, Executions

ITERATIONS = 100
_ARCHITECTURE = "-mattr=+v8.2a,+dotprod,+lse,+crc"
_REPLACED = {
    "nop": (
        (0xFFFFF01F, 0xD503201F),  # hints, which other processors may heed
        (0x3B200C00, 0x38200000),  # atomic operations, of which llvm-mca does not know all
        (0x3FA07C00, 0x08A07C00),  # compare and swap
    ),
    "b #4": (
        (0xFC000000, 0x94000000),  # BL: llvm-mca would add a guess of what is called
        (0xFE000000, 0xD6000000),  # BR, BLR, RET
    ),
}
"""What stands for instructions that a mask leaves so much of."""


def cycles_of(executions: Executions, processor: str) -> float:
    """Cycles of all executions of all blocks, each as if it followed itself."""
    return weigh(executions, block_cycles(list(executions), processor))


def weigh(executions: Executions, cycles: Mapping[Block, float]) -> float:
    """Cycles of all blocks, from those of one execution of each."""
    return sum(count * cycles[block] for block, count in executions.items())


def block_cycles(blocks: Sequence[Block], processor: str) -> dict[Block, float]:
    """Cycles of one execution of each block, of many in a row."""
    texts = disassemble({instruction for block in blocks for instruction in block})
    source = "".join(
        f"# LLVM-MCA-BEGIN {number}\n"
        + "".join(f"{texts[instruction]}\n" for instruction in block)
        + f"# LLVM-MCA-END {number}\n"
        for number, block in enumerate(blocks)
    )
    command = ["llvm-mca", "-mtriple=aarch64", f"-mcpu={processor}", _ARCHITECTURE, "-json"]
    command += [f"-iterations={ITERATIONS}", "-instruction-info=0", "-resource-pressure=0"]
    found = parse(json.loads(_run(command, source)))
    return {block: found[number] for number, block in enumerate(blocks)}


def parse(report: Mapping[str, Any]) -> dict[int, float]:
    """Cycles of one iteration of each region of llvm-mca's JSON, by its name, a number."""
    regions = ((region["Name"], region["SummaryView"]) for region in report["CodeRegions"])
    return {int(name): view["TotalCycles"] / view["Iterations"] for name, view in regions}


def disassemble(instructions: Set[int]) -> dict[int, str]:
    """Instructions as llvm-mca reads them, or what stands for them."""
    texts = {
        word: text
        for word in instructions
        for text, patterns in _REPLACED.items()
        if any(word & mask == kept for mask, kept in patterns)
    }
    words = sorted(set(instructions) - texts.keys())
    source = "".join(
        " ".join(f"{byte:#04x}" for byte in word.to_bytes(4, "little")) + "\n" for word in words
    )
    command = ["llvm-mc", "--disassemble", "-triple=aarch64", _ARCHITECTURE]
    lines = [line.strip() for line in _run(command, source).splitlines()]
    texts |= zip(words, (line for line in lines if line and not line.startswith(".")), strict=True)
    return texts


def _run(command: Sequence[str], source: str) -> str:
    done = subprocess.run(command, input=source, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = "\n".join(done.stderr.splitlines()[-3:])
        raise RuntimeError(f"{command[0]} failed:\n{last}")
    return done.stdout
