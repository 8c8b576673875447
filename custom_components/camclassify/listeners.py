"""Whom something tells of what happens; one who fails takes nothing from the others."""

import logging
from collections.abc import Callable

from camclassify_core.faults import FaultLog
from homeassistant.core import CALLBACK_TYPE, callback

_LOGGER = logging.getLogger(__name__)


class Listeners[**P]:
    """Calls everyone who listens; what one of them raises is logged and goes no further."""

    def __init__(self) -> None:
        """Have nobody to tell."""
        self._listeners: dict[object, Callable[P, None]] = {}
        self._faults = FaultLog(_LOGGER)

    @callback
    def async_add(self, listener: Callable[P, None]) -> CALLBACK_TYPE:
        """Add a listener; return how to remove it."""
        key = object()
        self._listeners[key] = listener

        @callback
        def remove() -> None:
            self._listeners.pop(key, None)

        return remove

    @callback
    def async_call(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Tell everyone who listened when this began and still does."""
        for key, listener in tuple(self._listeners.items()):
            if key not in self._listeners:
                continue
            try:
                listener(*args, **kwargs)
            except Exception as error:
                self._faults.note(f"{getattr(listener, '__qualname__', listener)} failed", error)
