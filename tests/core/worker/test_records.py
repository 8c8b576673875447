"""What the worker logs, as its client reads it."""

import logging

import pytest
from camclassify_core.worker.records import LineFormatter, read_line


def test_a_record_comes_out_as_it_went_in() -> None:
    record = logging.LogRecord("name", logging.ERROR, "", 0, "It\nfailed: %s", ("so",), None)
    assert read_line(LineFormatter().format(record)) == (logging.ERROR, "It\nfailed: so")


@pytest.mark.parametrize(
    "line",
    [
        "native code prints",
        '{"level":',
        '{"level":20}',
        '{"level":[],"text":"x"}',
        '{"level":NaN,"text":"x"}',
        '{"level":1e999,"text":"x"}',
        '{"level":' + "9" * 5000 + ',"text":"x"}',
        '{"level":' + "[" * 100_000,
    ],
)
def test_any_other_line_is_passed_on_as_it_is(line: str) -> None:
    assert read_line(line) == (logging.DEBUG, line)
