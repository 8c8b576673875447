"""Fails if two modules, wherever they lie in the folders, share a name: a name should lead to one file.

    module_names.py FOLDER...

`__init__` and `__main__` are what Python calls them, and count for none.
"""

import sys
from collections import defaultdict
from pathlib import Path

_OF_EVERY_PACKAGE = {"__init__", "__main__"}


def shared(folders: list[Path]) -> dict[str, list[Path]]:
    """Return the files of every name that several modules have; a compiled module's is its stub."""
    files: dict[str, list[Path]] = defaultdict(list)
    for folder in folders:
        for file in sorted([*folder.rglob("*.py"), *folder.rglob("*.pyi")]):
            files[file.stem].append(file)
    return {
        name: found
        for name, found in files.items()
        if len(found) > 1 and name not in _OF_EVERY_PACKAGE
    }


if __name__ == "__main__":
    found = shared([Path(folder) for folder in sys.argv[1:]])
    for name, paths in found.items():
        print(f"Several modules are called {name}:", *paths)
    sys.exit(bool(found))
