"""What takes part in a benchmark: something that does the same work again and again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

type Feed = Mapping[str, NDArray[Any]]
type Outputs = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Contestant:
    """An engine with its work.

    `fill` comes before each `run` and is not timed: it gives the engine its inputs, where a run may
    write over them. `outputs` returns what the last `run` gave; `ours`: it is our own engine.
    """

    name: str
    precision: str
    run: Callable[[], object]
    outputs: Callable[[], Outputs]
    ours: bool = False
    fill: Callable[[], object] = lambda: None
