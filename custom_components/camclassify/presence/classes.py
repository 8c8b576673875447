"""The hierarchy of classes: a fine class implies its parents."""

from collections.abc import Iterable

from camclassify_core.results import ClassInfo

LIVING = frozenset({"person", "animal"})  # root classes of what moves by itself, and seldom stays


class Classes:
    """Looks up what a class implies. A class that nobody described is a root of its own."""

    def __init__(self, infos: Iterable[ClassInfo] = ()) -> None:
        """Take a bundle's classes, and taught ones, which are classes like all others."""
        self._parents = {info.name: info.parents for info in infos}

    def implied(self, name: str) -> tuple[str, ...]:
        """Return the class and its parents, nearest first: ("delivery_truck", "vehicle")."""
        return name, *self._parents.get(name, ())

    def root(self, name: str) -> str:
        """Return what an object stays while its fine class is in doubt: "vehicle"."""
        return self.implied(name)[-1]

    def has_kinds(self, name: str) -> bool:
        """Tell whether there are finer classes that imply this one."""
        return any(name in parents for parents in self._parents.values())
