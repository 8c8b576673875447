"""A network as a list of nodes over named values: what the passes read and rewrite."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

type Array = NDArray[Any]
type Attribute = int | float | str | list[int] | list[float] | Array
type Shape = tuple[int, ...]

STANDARD = ""
CAMCLASSIFY = "camclassify"


@dataclass(frozen=True, slots=True)
class ValueType:
    """Element type and static shape of a value."""

    dtype: np.dtype[np.generic]
    shape: Shape


@dataclass(eq=False, slots=True)
class Node:
    """One operation. An absent optional input is the empty string."""

    op: str
    inputs: list[str]
    outputs: list[str]
    attributes: dict[str, Attribute] = field(default_factory=dict)
    domain: str = STANDARD
    name: str = ""

    @property
    def output(self) -> str:
        """The first output, the only one of most operations."""
        return self.outputs[0]

    def integer(self, key: str, absent: int) -> int:
        """An integer attribute."""
        value = self.attributes.get(key, absent)
        if not isinstance(value, int):
            raise TypeError(f"{self.op} {self.output}: attribute {key} is not an integer")
        return value

    def real(self, key: str, absent: float) -> float:
        """A number attribute."""
        value = self.attributes.get(key, absent)
        if not isinstance(value, int | float):
            raise TypeError(f"{self.op} {self.output}: attribute {key} is not a number")
        return float(value)

    def integers(self, key: str, absent: Iterable[int] = ()) -> list[int]:
        """A list-of-integers attribute."""
        value = self.attributes.get(key, list(absent))
        if not isinstance(value, list):
            raise TypeError(f"{self.op} {self.output}: attribute {key} is not a list")
        return [int(item) for item in value]

    def text(self, key: str, absent: str) -> str:
        """A text attribute."""
        value = self.attributes.get(key, absent)
        if not isinstance(value, str):
            raise TypeError(f"{self.op} {self.output}: attribute {key} is not a text")
        return value


@dataclass(eq=False, slots=True)
class Graph:
    """Nodes in the order of execution, each value written once.

    `types` covers inputs, outputs and every value whose shape is known.
    """

    inputs: list[str]
    outputs: list[str]
    nodes: list[Node]
    constants: dict[str, Array]
    types: dict[str, ValueType]
    opset: int = 17
    _serial: int = 0

    def copy(self) -> Graph:
        """A graph that can be rewritten without touching this one; constants are shared."""
        nodes = [
            replace(
                node,
                inputs=list(node.inputs),
                outputs=list(node.outputs),
                attributes=dict(node.attributes),
            )
            for node in self.nodes
        ]
        return replace(
            self,
            inputs=list(self.inputs),
            outputs=list(self.outputs),
            nodes=nodes,
            constants=dict(self.constants),
            types=dict(self.types),
        )

    def rename(self, new: Callable[[str], str]) -> None:
        """Gives every value and node another name, each a different one. Absent inputs stay absent."""

        def renamed(names: Iterable[str]) -> list[str]:
            return [new(name) if name else "" for name in names]

        self.inputs, self.outputs = renamed(self.inputs), renamed(self.outputs)
        for node in self.nodes:
            node.inputs, node.outputs = renamed(node.inputs), renamed(node.outputs)
            node.name = new(node.name) if node.name else ""
        self.constants = {new(name): content for name, content in self.constants.items()}
        self.types = {new(name): kind for name, kind in self.types.items()}

    def producer(self, value: str) -> Node | None:
        """The node that writes `value`; none for inputs and constants."""
        return next((node for node in self.nodes if value in node.outputs), None)

    def consumers(self, value: str) -> list[Node]:
        """The nodes that read `value`."""
        return [node for node in self.nodes if value in node.inputs]

    def sole_consumer(self, value: str) -> Node | None:
        """The one node that reads `value`, if there is just one and it is no output."""
        consumers = self.consumers(value)
        return consumers[0] if len(consumers) == 1 and value not in self.outputs else None

    def constant(self, value: str) -> Array | None:
        """The content of a constant value."""
        return self.constants.get(value)

    def shape(self, value: str) -> Shape | None:
        """The shape of a value, where known."""
        known = self.types.get(value)
        return known.shape if known else None

    def fresh(self, stem: str) -> str:
        """A value name that nobody uses."""
        taken = self._names()
        while f"{stem}_{self._serial}" in taken:
            self._serial += 1
        self._serial += 1
        return f"{stem}_{self._serial - 1}"

    def add_constant(self, stem: str, content: Array) -> str:
        """Adds a constant and returns its name."""
        name = stem if stem not in self._names() else self.fresh(stem)
        self.constants[name] = content
        return name

    def substitute(self, old: Iterable[Node], new: Iterable[Node]) -> None:
        """Puts `new` where the last of `old` stood, and takes `old` out."""
        gone = list(old)
        last = max(self.nodes.index(node) for node in gone)
        self.nodes[last + 1 : last + 1] = list(new)
        self.nodes = [node for node in self.nodes if not any(node is each for each in gone)]

    def prune(self) -> None:
        """Takes out nodes and constants that no output depends on."""
        needed = set(self.outputs)
        kept: list[Node] = []
        for node in reversed(self.nodes):
            if needed.intersection(node.outputs):
                needed.update(node.inputs)
                kept.append(node)
        self.nodes = kept[::-1]
        self.constants = {name: it for name, it in self.constants.items() if name in needed}

    def sort(self) -> None:
        """Puts producers before consumers, otherwise keeping the order."""
        ready = {"", *self.inputs, *self.constants}
        waiting, self.nodes = self.nodes, []
        while waiting:
            later: list[Node] = []
            for node in waiting:
                if ready.issuperset(node.inputs):
                    ready.update(node.outputs)
                    self.nodes.append(node)
                else:
                    later.append(node)
            if len(later) == len(waiting):
                raise ValueError(f"no producer for the inputs of {later[0].op} {later[0].output}")
            waiting = later

    def _names(self) -> set[str]:
        names = {*self.inputs, *self.constants}
        for node in self.nodes:
            names.update(node.outputs)
        return names
