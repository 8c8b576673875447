"""What two engines find in the same snapshots: what both see, and what only one of them does."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from .boxes import iou
from .results import Detection, Result

OVERLAP = 0.5  # intersection over union of boxes around one thing


@dataclass(frozen=True, slots=True)
class Pair:
    """One thing as the first and the second engine see it; none is what it does not see."""

    first: Detection | None
    second: Detection | None

    @property
    def agrees(self) -> bool:
        """Whether both see it and call it the same."""
        return bool(self.first and self.second and self.first.name == self.second.name)


def pairs(first: Sequence[Detection], second: Sequence[Detection]) -> Iterator[Pair]:
    """Each detection once, with the one of the other engine that overlaps it most, of its own class first."""
    near = [(iou(a.box, b.box), a, b) for a in first for b in second]
    near = [each for each in near if each[0] >= OVERLAP]
    near.sort(key=lambda each: (each[1].name == each[2].name, each[0]), reverse=True)
    taken: set[int] = set()
    for _, a, b in near:
        if not {id(a), id(b)} & taken:
            taken |= {id(a), id(b)}
            yield Pair(a, b)
    yield from (Pair(each, None) for each in first if id(each) not in taken)
    yield from (Pair(None, each) for each in second if id(each) not in taken)


@dataclass(slots=True)
class Tally:
    """Counts over snapshots, by class; `renamed` by the two names. `milliseconds`: of both, all together."""

    snapshots: int = 0
    agreed: Counter[str] = field(default_factory=Counter)
    renamed: Counter[tuple[str, str]] = field(default_factory=Counter)
    only_first: Counter[str] = field(default_factory=Counter)
    only_second: Counter[str] = field(default_factory=Counter)
    milliseconds: tuple[float, float] = (0.0, 0.0)

    def add(self, results: tuple[Result, Result]) -> list[Pair]:
        """Adds one snapshot's; returns what was paired."""
        found = list(pairs(*(result.detections for result in results)))
        for pair in found:
            match pair:
                case Pair(Detection(name=one), Detection(name=other)) if one != other:
                    self.renamed[one, other] += 1
                case Pair(Detection(name=one), Detection()):
                    self.agreed[one] += 1
                case Pair(Detection(name=one), None):
                    self.only_first[one] += 1
                case Pair(None, Detection(name=other)):
                    self.only_second[other] += 1
        self.snapshots += 1
        first, second = (result.timing.total for result in results)
        self.milliseconds = (self.milliseconds[0] + first, self.milliseconds[1] + second)
        return found

    @property
    def found(self) -> int:
        """All things that either of them found."""
        counts = (self.agreed, self.renamed, self.only_first, self.only_second)
        return sum(each.total() for each in counts)

    def share(self, which: int) -> float:
        """How much of what engine 0 or 1 finds the other finds too, 0..1; 1 if that is nothing."""
        both = self.agreed.total()
        alone = (self.only_first, self.only_second)[which].total() + self.renamed.total()
        return both / (both + alone) if both + alone else 1.0
