"""How much memory ONNX Runtime touches for the tensors of a network.

It takes them from an arena (onnxruntime/core/framework/bfc_arena.cc): regions of doubling size, cut into
chunks, of which the smallest that fits is taken. The first run takes every tensor from it by itself; from
what it saw, a plan is made (mem_pattern_planner.h), and each later run takes one block for all tensors that
are planned, and what operators need while they run beside it. What the first run touched stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass

_UNIT = 256
_FIRST_REGION = 1 << 20
_MOST_WASTE = 128 << 20


type _Span = tuple[int, int]  # start, end


@dataclass(frozen=True, slots=True)
class Op:
    """What an operator reads and writes by name, the bytes it writes, and those it needs while it runs.

    `in_place`: the tensor whose memory it writes to, if nothing reads that later.
    """

    reads: tuple[str, ...]
    writes: str
    size: int
    scratch: tuple[int, ...] = ()
    in_place: str | None = None


def touched_bytes(ops: Sequence[Op]) -> int:
    """Bytes that a first and later runs touch."""
    arena = _Arena()
    last = _last_uses(ops)
    plan = _Plan()
    held: dict[str, _Chunk] = {}
    planned: dict[str, _Span] = {}
    for index, op in enumerate(ops):
        if op.in_place and last[op.in_place] == index:
            held[op.writes] = held.pop(op.in_place)
            planned.pop(op.in_place, None)  # the plan never hears that this memory is free again
        else:
            held[op.writes] = arena.take(op.size)
            planned[op.writes] = plan.take(op.size)
        _run(arena, op)
        for name in [name for name in held if last.get(name, index) <= index]:
            arena.give_back(held.pop(name))
            if name in planned:
                plan.give_back(planned.pop(name))
    arena.take(plan.size)
    for op in ops:
        _run(arena, op)
    return arena.touched


def peak_bytes(ops: Sequence[Op]) -> int:
    """Bytes of the tensors that are alive at once, at the most."""
    last = _last_uses(ops)
    alive: dict[str, int] = {}
    peak = 0
    for index, op in enumerate(ops):
        alive[op.writes] = op.size
        peak = max(peak, sum(alive.values()))
        for name in [name for name in alive if last.get(name, index) <= index]:
            del alive[name]
    return peak


def _last_uses(ops: Sequence[Op]) -> dict[str, int]:
    return {name: index for index, op in enumerate(ops) for name in op.reads}


def _run(arena: _Arena, op: Op) -> None:
    for chunk in [arena.take(size) for size in op.scratch]:
        arena.give_back(chunk)


@dataclass(slots=True, eq=False)
class _Chunk:
    offset: int
    size: int
    free: bool = True


@dataclass(slots=True, eq=False)
class _Region:
    """Chunks in their order, and the spans that were written."""

    chunks: list[_Chunk]
    written: list[_Span]


class _Arena:
    def __init__(self) -> None:
        self._regions: list[_Region] = []
        self._next_region = _FIRST_REGION

    @property
    def touched(self) -> int:
        """Bytes that were written at least once."""
        return sum(_covered(region.written) for region in self._regions)

    def take(self, size: int) -> _Chunk:
        """The smallest free chunk that holds `size` bytes, cut to size if much would be left over.

        Of several, that at the lowest address: in the latest region, as the system maps downwards.
        """
        wanted = _rounded(size)
        fitting = [
            (chunk.size, -number, index)
            for number, region in enumerate(self._regions)
            for index, chunk in enumerate(region.chunks)
            if chunk.free and chunk.size >= wanted
        ]
        if not fitting:
            self._extend(wanted)
            fitting = [(0, 1 - len(self._regions), 0)]
        _, number, index = min(fitting)
        region = self._regions[-number]
        chunk = region.chunks[index]
        left = chunk.size - wanted
        if left >= min(wanted, _MOST_WASTE):
            region.chunks.insert(index + 1, _Chunk(chunk.offset + wanted, left))
            chunk.size = wanted
        chunk.free = False
        region.written.append((chunk.offset, chunk.offset + size))
        return chunk

    def give_back(self, chunk: _Chunk) -> None:
        """Frees it, and joins it with free neighbours."""
        chunk.free = True
        region = next(each for each in self._regions if chunk in each.chunks)
        joined: list[_Chunk] = []
        for each in region.chunks:
            if joined and joined[-1].free and each.free:
                joined[-1].size += each.size
            else:
                joined.append(each)
        region.chunks = joined

    def _extend(self, wanted: int) -> None:
        size = self._next_region
        while size < wanted:
            size *= 2
        self._next_region = 2 * size if size == self._next_region else size
        self._regions.append(_Region([_Chunk(0, size)], []))


class _Plan:
    """Places tensors in one block: each in the tightest gap between those that are alive."""

    def __init__(self) -> None:
        self.size = 0
        self._alive: list[_Span] = []

    def take(self, size: int) -> _Span:
        """Where a tensor of so many bytes is placed."""
        wanted = _rounded(size)
        gaps: list[tuple[int, int]] = []  # bytes left over, start
        end = 0
        for span in [*self._alive, (self.size, self.size)]:
            if span[0] - end >= wanted:
                gaps.append((span[0] - end - wanted, end))
            end = max(end, span[1])
        start = min(gaps)[1] if gaps else max((span[1] for span in self._alive), default=0)
        placed = (start, start + wanted)
        self.size = max(self.size, placed[1])
        self._alive = sorted([*self._alive, placed])
        return placed

    def give_back(self, span: _Span) -> None:
        """The tensor is read no more."""
        self._alive.remove(span)


def _rounded(size: int) -> int:
    return max(1, -(-size // _UNIT)) * _UNIT


def _covered(spans: Sequence[_Span]) -> int:
    covered = end = 0
    for start, stop in sorted(spans):
        covered += max(0, stop - max(start, end))
        end = max(end, stop)
    return covered
