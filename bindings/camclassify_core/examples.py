"""What the user taught: marked objects, and what to expect of the classes learnt from them."""

from dataclasses import dataclass

from .results import Box, ClassInfo, Regime

PROPOSAL = "proposal"
"""What an example was found as that was not detected as anything, only seen to move."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class TaughtClass:
    """A class that the user taught, a class like all others, and what to expect of it in each light.

    Dusk counts as day. A light without examples is absent: the class is not recognised in it.
    """

    info: ClassInfo
    expectations: dict[Regime, Expectation]
