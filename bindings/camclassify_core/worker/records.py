"""What the worker logs, as its client passes it on: one line of standard error a record."""

import json
import logging
from typing import override

_MARK = '{"level":'


class LineFormatter(logging.Formatter):
    """Writes a record, its traceback included, as one line."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(
            {"level": record.levelno, "text": super().format(record)}, separators=(",", ":")
        )


def read_line(line: str) -> tuple[int, str]:
    """The level and the text of a line; what is no record of ours is of level DEBUG."""
    if line.startswith(_MARK):
        try:
            record = json.loads(line)
            return int(record["level"]), str(record["text"])
        except ArithmeticError, ValueError, LookupError, TypeError, RecursionError:
            pass
    return logging.DEBUG, line
