"""Reads designs from YAML; every mistake is named with its line, its key and what was expected."""

import difflib
from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import Path

import yaml

from camclassify_core.errors import CamClassifyError
from camclassify_core.options import Precision

from .designs import (
    PRECISIONS,
    Design,
    DesignRunner,
    Execution,
    Family,
    Grouping,
    Head,
    Resident,
    Trunk,
)

_REGIMES = ("day", "dusk", "night")


class DesignError(CamClassifyError):
    """A design file is wrong; the message says where and what was expected."""


def read_designs(path: Path) -> tuple[Design, ...]:
    """All designs of a file, in its order."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise DesignError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DesignError(f"{path}: is not UTF-8 text") from error
    return parse_designs(text, str(path))


def parse_designs(text: str, source: str = "designs") -> tuple[Design, ...]:
    """All designs of a YAML text; `source` names it in errors."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise DesignError(f"{source}: is not YAML: {error}") from error
    if node is None:
        raise DesignError(f"{source}: is empty; expected a list under the key 'designs'")
    top = _Mapping(node, source, "the file")
    shared = top.mapping("all")
    designs = tuple(_design(item, shared) for item in top.sequence("designs"))
    top.finish()
    names = [design.name for design in designs]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise DesignError(f"{source}: two designs are named {twice!r}; names must differ")
    return designs


def _design(item: _Mapping, shared: _Mapping | None) -> Design:
    read = item if shared is None else item.over(shared)
    design = Design(
        name=item.text("name"),
        trunk=_trunk(read.mapping("trunk")),
        heads=tuple(_head(head) for head in read.sequence("heads")),
        grouping=read.choice("grouping", Grouping, Grouping.ONE),
        regimes=int(read.number("regimes", 1, 1, 3, whole=True)),
        execution=read.choice("execution", Execution, Execution.SERIAL),
        gate_pass_rate=read.number("gate_pass_rate", 1, 0, 1),
        cameras=int(read.number("cameras", 1, 1, 1000, whole=True)),
        fps=read.number("fps", 15, 0.01, 1000),
        memory_mb=read.number("memory_mb", 0, 1, 1_000_000) if read.has("memory_mb") else None,
        threads=int(read.number("threads", 1, 1, 64, whole=True)),
        precision=read.choice("precision", PRECISIONS, Precision.FP32),
        runner=read.choice("runner", DesignRunner, DesignRunner.FUSED),
        resident=read.choice("resident", Resident, Resident.ACTIVE),
    )
    read.finish()
    _check(design, read)
    return design


def _check(design: Design, read: _Mapping) -> None:
    """Refuses what cannot go together."""
    own_networks = design.grouping in (Grouping.PER_GROUP, Grouping.BOTH)
    if own_networks and design.execution is Execution.FUSED:
        raise read.error("execution", "serial or parallel, where heads have networks", "fused")
    if design.execution is Execution.PARALLEL and design.threads < 2:
        raise read.error("execution", "threads of at least 2 beside parallel", "threads 1")
    plain = design.runner is DesignRunner.ONNXRUNTIME
    if design.execution is Execution.PARALLEL and plain and not own_networks:
        raise read.error("execution", "serial, where plain ONNX Runtime runs one trunk", "parallel")
    if design.trunk.bundles and design.execution is Execution.FUSED:
        raise read.error("execution", "serial or parallel, where the networks exist", "fused")
    if not own_networks and any(head.bundle for head in design.heads):
        raise read.error("heads", "heads of the trunk's bundle, where they share a trunk", "bundle")
    by_regime = design.grouping in (Grouping.PER_REGIME, Grouping.BOTH)
    if len(set(design.trunk.bundles)) > 1 and not by_regime:
        raise read.error(
            "trunk", "one bundle, where the grouping is not per_regime or both", "several"
        )
    names = [head.name for head in design.heads]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise read.error("heads", "a name of its own for each head", f"{twice} twice")
    if all(head.when for head in design.heads):
        raise read.error("heads", "at least one head without 'when'", "'when' in all")


def _trunk(read: _Mapping | None) -> Trunk:
    if read is None:
        return Trunk()
    if read.has("bundle"):
        bundles = _bundles(read)
        read.finish()
        return Trunk(bundles=bundles)
    trunk = Trunk(
        family=read.choice("family", Family, Family.INVERTED),
        width=read.number("width", 1, 0.25, 2),
        depth=read.number("depth", 1, 0.25, 3),
        resolution=int(read.number("resolution", 224, 32, 1024, whole=True)),
    )
    if trunk.resolution % 32:
        raise read.error("resolution", "a multiple of 32", str(trunk.resolution))
    read.finish()
    return trunk


def _bundles(read: _Mapping) -> tuple[str, ...]:
    """One name for all lighting conditions, or one for each."""
    if not read.is_mapping("bundle"):
        return (read.text("bundle"),) * len(_REGIMES)
    by_regime = read.mapping("bundle")
    assert by_regime is not None
    names = tuple(by_regime.text(regime) for regime in _REGIMES)
    by_regime.finish()
    return names


def _head(read: _Mapping) -> Head:
    head = Head(
        name=read.text("name"),
        classes=int(read.number("classes", 1, 1, 10_000, whole=True)),
        layers=int(read.number("layers", 1, 0, 8, whole=True)),
        width=int(read.number("width", 64, 8, 1024, whole=True)),
        tap=int(read.number("tap", 5, 1, 5, whole=True)),
        activity=read.number("activity", 1, 0, 1),
        bundle=read.text("bundle") if read.has("bundle") else None,
        when=read.texts("when"),
    )
    read.finish()
    return head


class _Mapping:
    """A mapping of the file that knows where each value stands and which keys were asked for."""

    def __init__(self, node: yaml.Node, source: str, what: str) -> None:
        if not isinstance(node, yaml.MappingNode):
            raise DesignError(f"{_place(source, node)}: {what}: expected keys with values")
        self._source = source
        self._what = what
        self._values: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        self._known: dict[str, None] = {}
        for key, value in node.value:
            name = str(key.value)
            if name in self._values:
                raise DesignError(f"{_place(source, key)}: {name}: stands here for the second time")
            self._values[name] = (key, value)
        self._node = node

    def over(self, defaults: _Mapping) -> _Mapping:
        """This mapping, completed by the defaults' keys."""
        merged = _Mapping(self._node, self._source, self._what)
        merged._values = defaults._values | self._values
        merged._known = dict.fromkeys(["name"])
        return merged

    def has(self, key: str) -> bool:
        self._known[key] = None
        return key in self._values

    def text(self, key: str) -> str:
        if not self.has(key):
            raise DesignError(
                f"{_place(self._source, self._node)}: {self._what}: '{key}' is missing"
            )
        return str(self._scalar(key, "a name"))

    def number(
        self, key: str, absent: float, low: float, high: float, *, whole: bool = False
    ) -> float:
        if not self.has(key):
            return absent
        expected = f"a {'whole ' if whole else ''}number from {low:g} to {high:g}"
        written = self._scalar(key, expected)
        convert: Callable[[str], float] = int if whole else float
        try:
            value = convert(written)
        except ValueError:
            raise self.error(key, expected, written) from None
        if not low <= value <= high:
            raise self.error(key, expected, written)
        return value

    def choice[T: StrEnum](self, key: str, kinds: Iterable[T], absent: T) -> T:
        if not self.has(key):
            return absent
        by_name = {each.value: each for each in kinds}
        expected = "one of " + ", ".join(by_name)
        written = self._scalar(key, expected)
        if written not in by_name:
            raise self.error(key, expected, written)
        return by_name[written]

    def mapping(self, key: str) -> _Mapping | None:
        if not self.has(key):
            return None
        return _Mapping(self._values[key][1], self._source, key)

    def is_mapping(self, key: str) -> bool:
        return self.has(key) and isinstance(self._values[key][1], yaml.MappingNode)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of names; empty if the key is absent."""
        if not self.has(key):
            return ()
        node = self._values[key][1]
        if not isinstance(node, yaml.SequenceNode) or not all(
            isinstance(item, yaml.ScalarNode) for item in node.value
        ):
            raise self.error(key, "a list of names", _written(node))
        return tuple(str(item.value) for item in node.value)

    def sequence(self, key: str) -> list[_Mapping]:
        if not self.has(key):
            raise DesignError(
                f"{_place(self._source, self._node)}: {self._what}: '{key}' is missing;"
                " expected a list"
            )
        node = self._values[key][1]
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            raise self.error(key, "a list with at least one item", _written(node))
        return [_Mapping(item, self._source, key) for item in node.value]

    def finish(self) -> None:
        """Refuses keys that nobody asked for."""
        for name, (key, _) in self._values.items():
            if name not in self._known:
                near = difflib.get_close_matches(name, list(self._known), 1)
                hint = (
                    f"did you mean '{near[0]}'?" if near else f"expected {', '.join(self._known)}"
                )
                raise DesignError(f"{_place(self._source, key)}: {name}: is not known here; {hint}")

    def error(self, key: str, expected: str, written: str) -> DesignError:
        """A mistake in the value of `key`."""
        place = _place(self._source, self._values[key][1])
        return DesignError(f"{place}: {key}: expected {expected}, got {written!r}")

    def _scalar(self, key: str, expected: str) -> str:
        node = self._values[key][1]
        if not isinstance(node, yaml.ScalarNode):
            raise self.error(key, expected, _written(node))
        return str(node.value)


def _place(source: str, node: yaml.Node) -> str:
    return f"{source}, line {node.start_mark.line + 1}"


def _written(node: yaml.Node) -> str:
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    return "keys with values" if isinstance(node, yaml.MappingNode) else "a list"
