"""Fails if the parts of a folder of C++, files or folders, include one another in a circle.

    include_cycles.py FOLDER...

Includes are written from the folder that is given; what lies elsewhere is passed over. A header and the
source of its name are one part.
"""

import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path, PurePosixPath

INCLUDE = re.compile(r'^#include "(.+)"', re.MULTILINE)


def parts(includer: PurePosixPath, included: PurePosixPath) -> tuple[str, str, str]:
    """Return the innermost folder of two different files, and the part of it to which each belongs."""
    depth = 0
    while includer.parts[depth] == included.parts[depth]:
        depth += 1
    folder = "/".join(includer.parts[:depth])
    return folder, "/".join(includer.parts[: depth + 1]), "/".join(included.parts[: depth + 1])


def circles(root: Path) -> Iterator[list[str]]:
    """Yield of each folder a circle of its parts: each is included by the next, the last is the first."""
    folders: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for path in sorted([*root.rglob("*.cpp"), *root.rglob("*.hpp")]):
        includer = PurePosixPath(path.relative_to(root)).with_suffix("")
        for name in INCLUDE.findall(path.read_text()):
            included = PurePosixPath(name).with_suffix("")
            if included != includer and (root / name).exists():
                folder, one, other = parts(includer, included)
                folders[folder][one].add(other)
    for graph in folders.values():
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            yield error.args[1]


if __name__ == "__main__":
    found = [names for folder in sys.argv[1:] for names in circles(Path(folder))]
    for names in found:
        print("Included in a circle:", " <- ".join(names))
    sys.exit(bool(found))
