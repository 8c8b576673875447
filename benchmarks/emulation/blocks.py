"""Blocks of ARM64 instructions with how often each was executed."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

type Block = tuple[int, ...]
"""Instructions one after the other, of which only the last may be a branch."""

type Executions = Mapping[Block, int]

_SIZE = 4  # bytes of an instruction


@dataclass(frozen=True, slots=True)
class _Piece:
    """What the emulator executes at once; it ends where a page does, also in the middle of a loop."""

    address: int
    instructions: Block

    @property
    def end(self) -> int:
        return self.address + _SIZE * len(self.instructions)


def read_blocks(lines: Iterable[str]) -> Executions:
    """The lines that executed_blocks.c writes. Pieces of one block are joined again."""
    pieces: Counter[_Piece] = Counter()
    for line in lines:
        count, address, *words = line.split()
        pieces[_Piece(int(address, 16), tuple(int(word, 16) for word in words))] += int(count)
    return _join(pieces)


def instructions_of(executions: Executions) -> int:
    """How many instructions were executed."""
    return sum(count * len(block) for block, count in executions.items())


def is_branch(instruction: int) -> bool:
    """Whether another instruction than the next one may follow."""
    immediate = instruction & 0x7C000000 == 0x14000000  # B, BL
    conditional = instruction & 0xFE000000 == 0x54000000  # B.cond, BC.cond
    tested = instruction & 0x7C000000 == 0x34000000  # CBZ, CBNZ, TBZ, TBNZ
    register = instruction & 0xFE000000 == 0xD6000000  # BR, BLR, RET
    exception = instruction & 0xFF000000 == 0xD4000000  # SVC
    return immediate or conditional or tested or register or exception


def _join(pieces: Counter[_Piece]) -> Executions:
    """Joins each piece that ends without a branch with what lies behind it."""
    behind = {piece.address: piece for piece in pieces}
    executions: Counter[Block] = Counter()
    for piece in sorted(pieces, key=lambda piece: piece.address):
        count = pieces[piece]
        block, end = piece.instructions, piece.end
        while count > 0 and not is_branch(block[-1]) and (following := behind.get(end)):
            if pieces[following] < count:
                break
            pieces[following] -= count
            block, end = block + following.instructions, following.end
        if count > 0:
            executions[block] += count
    return executions
