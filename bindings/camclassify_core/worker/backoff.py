"""When a worker that keeps ending is started again."""

from dataclasses import dataclass

_FIRST_DELAY = 0.5
_SLOW_DELAY = 60.0
_STABLE_AFTER = 60.0
_FAILED_AFTER = 5


@dataclass(slots=True)
class Backoff:
    """Doubles the delay with every end in a row: 0.5, 1, 2, 4 s, and from the fifth on a minute.

    A worker that ran for a minute starts a new row, and so does one whose cause to end is kept away now.
    """

    _in_a_row: int = 0

    def next_delay(self, uptime: float, *, is_settled: bool = False) -> float:
        """Seconds to wait after a worker ended that had run for `uptime` seconds.

        `is_settled`: what ended it is kept away from it.
        """
        is_new_row = is_settled or uptime >= _STABLE_AFTER
        self._in_a_row = 1 if is_new_row else self._in_a_row + 1
        return _SLOW_DELAY if self.failed else _FIRST_DELAY * 2.0 ** (self._in_a_row - 1)

    @property
    def failed(self) -> bool:
        """Whether it ended so often that somebody should look at it."""
        return self._in_a_row >= _FAILED_AFTER
