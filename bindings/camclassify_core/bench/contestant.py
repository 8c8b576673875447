"""What takes part in a benchmark: something that does the same work again and again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

type Array = NDArray[Any]
type Feed = Mapping[str, Array]
type Outputs = dict[str, Array]

OURS = "camclassify_core.bench.ours"


@dataclass(frozen=True, slots=True)
class Contestant:
    """An engine with its work. `outputs` returns what the last `run` gave."""

    name: str
    precision: str
    run: Callable[[], object]
    outputs: Callable[[], Outputs]


@dataclass(frozen=True, slots=True)
class Entry:
    """How to open a contestant, in this process or in another one.

    `module` names the engine's adapter, which has
    `open_network(file, feed, threads, precision) -> Contestant`.
    """

    module: str
    file: Path
    precision: str
    feed: Feed

    @property
    def ours(self) -> bool:
        """Whether this is our own engine."""
        return self.module == OURS

    def open(self, threads: int) -> Contestant:
        """Loads the network. Raises ModuleNotFoundError if the engine is not installed."""
        adapter = import_module(self.module)
        opened: Contestant = adapter.open_network(self.file, self.feed, threads, self.precision)
        return opened
