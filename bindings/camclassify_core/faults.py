"""What nobody thought of: reported once, and survived."""

import logging
from traceback import walk_tb

_MOST_KINDS = 100


class FaultLog:
    """Logs unexpected exceptions with their traceback, each kind once.

    So a fault that recurs at every frame fills no disk. A kind is what was being done, the exception's
    type, and the line that raised it.
    """

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._seen: set[tuple[object, ...]] = set()

    def note(self, what: str, error: BaseException) -> bool:
        """Logs `what` went wrong unless this kind was logged before; returns whether it was new."""
        *_, place = [(None, 0), *((f.f_code, line) for f, line in walk_tb(error.__traceback__))]
        kind = (what, type(error), place)
        if kind in self._seen or len(self._seen) >= _MOST_KINDS:
            return False
        self._seen.add(kind)
        self._logger.error("%s: %r", what, error, exc_info=error)
        return True

    def clear(self) -> None:
        """Reports every kind anew: what was wrong has passed."""
        self._seen.clear()
