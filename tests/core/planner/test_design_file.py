"""Designs are read as written, and every mistake is named with its place."""

import contextlib
from pathlib import Path

import pytest
from camclassify_core import planner
from camclassify_core.options import Precision
from camclassify_core.planner.design_file import DesignError, parse_designs, read_designs
from camclassify_core.planner.designs import Execution, Grouping
from hypothesis import given
from hypothesis import strategies as st

EXAMPLES = sorted(Path(planner.__path__[0], "examples").glob("*.yaml"))
HEADS = "heads: [{name: people, classes: 1}]"


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_every_shipped_example_is_valid(file: Path) -> None:
    assert len(read_designs(file)) >= 5


def test_the_questions_options_are_all_shipped() -> None:
    designs = read_designs(next(file for file in EXAMPLES if file.stem == "question"))
    assert {design.grouping for design in designs} == set(Grouping)
    assert {design.execution for design in designs} == set(Execution)


def test_what_stands_under_all_holds_for_every_design_that_says_nothing_else() -> None:
    designs = parse_designs(
        f"""
all:
  precision: int8
  {HEADS}
designs:
  - name: a
  - name: b
    precision: fp32
"""
    )
    assert [design.precision for design in designs] == [Precision.INT8, Precision.FP32]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("designs: [", "is not YAML"),
        ("- 1", "line 1: the file: expected keys"),
        ("designs: []", "line 1: designs: expected a list with at least one item"),
        (f"designs:\n  - {HEADS}", "line 2: designs: 'name' is missing"),
        ("designs:\n  - name: a", "'heads' is missing"),
        (f"designs:\n  - name: a\n    trunk: {{widht: 1}}\n    {HEADS}", "did you mean 'width'?"),
        (
            "designs:\n  - name: a\n    heads: [{name: x, classes: many}]",
            "line 3: classes: expected a whole number from 1 to 10000, got 'many'",
        ),
        (
            f"designs:\n  - name: a\n    precision: int4\n    {HEADS}",
            "line 3: precision: expected one of fp32, int8, got 'int4'",
        ),
        (
            f"designs:\n  - name: a\n    precision: auto\n    {HEADS}",
            "line 3: precision: expected one of fp32, int8, got 'auto'",
        ),
        (
            f"designs:\n  - name: a\n    trunk: {{resolution: 100}}\n    {HEADS}",
            "line 3: resolution: expected a multiple of 32, got '100'",
        ),
        (
            f"designs:\n  - name: a\n    execution: parallel\n    {HEADS}",
            "line 3: execution: expected threads of at least 2 beside parallel, got 'threads 1'",
        ),
        (
            f"designs:\n  - name: a\n    execution: parallel\n    threads: 2\n"
            f"    runner: onnxruntime\n    {HEADS}",
            "line 3: execution: expected serial, where plain ONNX Runtime runs one trunk",
        ),
        (
            f"designs:\n  - name: a\n    execution: fused\n    grouping: per_group\n    {HEADS}",
            "line 3: execution: expected serial or parallel, where heads have networks",
        ),
        (
            f"designs:\n  - name: a\n    execution: fused\n    trunk: {{bundle: x}}\n    {HEADS}",
            "line 3: execution: expected serial or parallel, where the networks exist, got 'fused'",
        ),
        (
            f"designs:\n  - name: a\n    trunk: {{bundle: x, width: 1}}\n    {HEADS}",
            "line 3: width: is not known here; expected bundle",
        ),
        (
            f"designs:\n  - name: a\n    trunk: {{bundle: {{day: x, night: y}}}}\n    {HEADS}",
            "line 3: bundle: 'dusk' is missing",
        ),
        (
            f"designs:\n  - name: a\n    trunk: {{bundle: {{day: x, dusk: x, night: y}}}}\n    {HEADS}",
            "line 3: trunk: expected one bundle, where the grouping is not per_regime or both",
        ),
        (
            "designs:\n  - name: a\n    heads: [{name: x, bundle: y}]",
            "line 3: heads: expected heads of the trunk's bundle, where they share a trunk",
        ),
        (
            "designs:\n  - name: a\n    heads: [{name: x}, {name: x}]",
            "line 3: heads: expected a name of its own for each head, got 'x twice'",
        ),
        (
            "designs:\n  - name: a\n    heads: [{name: x, when: [dog]}]",
            "line 3: heads: expected at least one head without 'when'",
        ),
        (
            "designs:\n  - name: a\n    heads: [{name: x, when: dog}]",
            "line 3: when: expected a list of names, got 'dog'",
        ),
        (
            f"designs:\n  - name: a\n    resident: some\n    {HEADS}",
            "line 3: resident: expected one of all, active, got 'some'",
        ),
        (
            f"designs:\n  - name: a\n    gate_pass_rate: 2\n    {HEADS}",
            "line 3: gate_pass_rate: expected a number from 0 to 1, got '2'",
        ),
        (
            f"designs:\n  - name: a\n    grouping: per_room\n    {HEADS}",
            "line 3: grouping: expected one of one, per_group, per_regime, both, got 'per_room'",
        ),
        (
            f"designs:\n  - name: a\n    runner: gpu\n    {HEADS}",
            "line 3: runner: expected one of fused, direct, onnxruntime, got 'gpu'",
        ),
        (
            "designs:\n  - name: a\n    heads: [{name: x, tap: 7}]",
            "line 3: tap: expected a whole number from 1 to 5, got '7'",
        ),
        (
            "designs:\n  - name: a\n    heads: people",
            "line 3: heads: expected a list with at least one item, got 'people'",
        ),
        (
            f"designs:\n  - name: a\n    fps: 0\n    {HEADS}",
            "line 3: fps: expected a number from 0.01 to 1000, got '0'",
        ),
        (
            f"designs:\n  - name: a\n    name: b\n    {HEADS}",
            "line 3: name: stands here for the second",
        ),
        (
            f"designs:\n  - {{name: a, {HEADS}}}\n  - {{name: a, {HEADS}}}",
            "two designs are named 'a'",
        ),
    ],
)
def test_a_mistake_is_named_with_its_line_and_what_was_expected(text: str, message: str) -> None:
    with pytest.raises(DesignError) as caught:
        parse_designs(text, "my.yaml")
    assert str(caught.value).startswith("my.yaml")
    assert message in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DesignError, match=r"missing\.yaml: cannot be read"):
        read_designs(tmp_path / "missing.yaml")


@given(st.text(alphabet="designs:- {}[]\n nametrunkh1,'&*!|>", max_size=80))
def test_any_text_is_a_design_or_a_named_mistake(text: str) -> None:
    with contextlib.suppress(DesignError):
        parse_designs(text)
