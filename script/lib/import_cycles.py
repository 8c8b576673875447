"""Fails if the parts of a folder, files or folders, import one another in a circle.

    import_cycles.py PACKAGE_FOLDER...

What only a type checker reads, or a function imports when it is called, counts as well.
"""

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path


def modules(package: Path) -> dict[str, Path]:
    """Return the files of a package by their dotted names; compiled modules by their stubs."""
    files = sorted([*package.rglob("*.py"), *package.rglob("*.pyi")])
    names = [".".join(each.relative_to(package.parent).with_suffix("").parts) for each in files]
    return {name.removesuffix(".__init__"): path for name, path in zip(names, files, strict=True)}


def imports(name: str, files: dict[str, Path]) -> Iterator[str]:
    """Yield the modules among `files` that one of them imports, anywhere in it."""
    path = files[name]
    inside = [*name.split("."), ""] if path.name == "__init__.py" else name.split(".")
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names if alias.name in files)
            case ast.ImportFrom():
                above = inside[: -node.level] if node.level else []
                origin = ".".join([*above, *([node.module] if node.module else [])])
                for alias in node.names:
                    if (module := f"{origin}.{alias.name}") in files:
                        yield module
                    elif origin in files:
                        yield origin


def parts(importer: list[str], imported: list[str]) -> tuple[str, str, str]:
    """Return the innermost folder of both, and the part of it to which each belongs."""
    depth = 0
    while importer[depth] == imported[depth]:
        depth += 1
    folder = ".".join(importer[:depth])
    return folder, f"{folder}.{importer[depth]}", f"{folder}.{imported[depth]}"


def circles(package: Path) -> Iterator[list[str]]:
    """Yield of each folder a circle of its parts: each is imported by the next, the last is the first."""
    files = modules(package)
    inside = {
        name: [*name.split("."), "__init__" if path.name == "__init__.py" else ""]
        for name, path in files.items()
    }
    folders: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for name in files:
        for module in set(imports(name, files)) - {name}:
            folder, importer, imported = parts(inside[name], inside[module])
            folders[folder][importer].add(imported)
    for graph in folders.values():
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            yield error.args[1]


if __name__ == "__main__":
    found = [names for folder in sys.argv[1:] for names in circles(Path(folder))]
    for names in found:
        print("Imported in a circle:", " <- ".join(names))
    sys.exit(bool(found))
