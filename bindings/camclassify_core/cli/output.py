"""How commands speak: tables for people, JSON lines for programs, progress on standard error."""

import json
import sys
from collections.abc import Sequence
from shutil import get_terminal_size
from time import monotonic
from typing import Any

_QUIET_SECONDS = 2.0
_BAR_WIDTH = 30


def print_json(data: dict[str, Any]) -> None:
    """One result as one line."""
    print(json.dumps(data, allow_nan=False))


def print_table(rows: Sequence[Sequence[str]], *, header: Sequence[str] = ()) -> None:
    """Columns as wide as their longest entry."""
    lines = [list(header), *rows] if header else list(rows)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join(cells).rstrip())


class ProgressBar:
    """A bar that appears when something takes longer than two seconds, on a terminal only."""

    def __init__(self) -> None:
        self._start = monotonic()
        self._shown = False

    def __call__(self, step: str, share: float) -> None:
        """Shows what is being done, and the share (0..1) of the work that is done."""
        if sys.stderr.isatty() and monotonic() - self._start > _QUIET_SECONDS:
            bar = "#" * round(share * _BAR_WIDTH)
            line = f"{bar:.<{_BAR_WIDTH}} {share:4.0%}  {step}"
            width = get_terminal_size().columns - 1  # a line that wraps cannot be taken back
            print(f"\r\033[K{line[:width]}", end="", file=sys.stderr)
            sys.stderr.flush()
            self._shown = True

    def close(self) -> None:
        """Takes the bar away."""
        if self._shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
            self._shown = False
