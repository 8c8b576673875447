import ast
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "custom_components" / "camclassify" / "presence"
SOURCES = sorted(PACKAGE.glob("*.py"))
FORBIDDEN = {"asyncio", "time", "datetime", "os", "pathlib", "random", "threading"}


def imported(source: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 1, f"{source.name} imports from outside its package"
    return names


def test_presence_knows_neither_home_assistant_nor_a_clock_nor_files() -> None:
    assert SOURCES
    for source in SOURCES:
        roots = {name.partition(".")[0] for name in imported(source)}
        assert not roots & ({"homeassistant"} | FORBIDDEN), source.name


def test_presence_needs_only_results_and_boxes() -> None:
    needed = {
        name
        for source in SOURCES
        for name in imported(source)
        if name.startswith("camclassify_core")
    }
    assert needed == {"camclassify_core.results", "camclassify_core.boxes"}
