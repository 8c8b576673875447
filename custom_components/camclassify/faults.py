"""Unexpected exceptions: each kind of them is logged once, with its traceback."""

import logging
from traceback import walk_tb

type Kind = tuple[type[BaseException], str, int]


def kind_of(error: BaseException) -> Kind:
    """Return what makes two exceptions alike: their type, and the file and line that raised them."""
    frames = list(walk_tb(error.__traceback__))
    if not frames:
        return type(error), "", 0
    frame, line = frames[-1]
    return type(error), frame.f_code.co_filename, line


class Faults:
    """Keeps a fault that comes with every look from filling the log."""

    def __init__(self, logger: logging.Logger) -> None:
        """Have logged nothing yet."""
        self._logger = logger
        self._known: set[Kind] = set()

    def log(self, error: BaseException, message: str, *args: object) -> bool:
        """Log an exception with its traceback; return False if its kind was logged before."""
        kind = kind_of(error)
        if kind in self._known:
            return False
        self._known.add(kind)
        self._logger.error(message, *args, exc_info=error)
        return True
