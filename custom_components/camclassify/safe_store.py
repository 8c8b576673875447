"""The files in Home Assistant's storage: anything may have happened to them since they were written."""

import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, override

from camclassify_core.faults import FaultLog
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.issue_registry import IssueSeverity
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .issues import (
    ISSUE_STORE_DAMAGED,
    ISSUE_STORE_UNWRITABLE,
    async_clear_issue,
    async_raise_issue,
)

_LOGGER = logging.getLogger(__name__)

LESSONS: Final = "lessons"
PRESENCE: Final = "presence"
SNAPSHOTS: Final = "snapshots"

_VERSION = 1
_RETRY = 600.0  # seconds until what could not be written is written again


class SafeStore[Rows: (dict[str, Any], list[Any])](Store[Rows]):
    """Loads the rows of a file that are sound, and loses none of those that are not.

    What cannot be used stays beside the file as a copy, which a repair names. Where there can be no copy,
    the file is not written over. A file that is no JSON is set aside by Home Assistant itself.
    """

    def __init__(self, hass: HomeAssistant, name: str, *, serialize_in_event_loop: bool) -> None:
        """Read nothing yet."""
        super().__init__(
            hass,
            _VERSION,
            f"{DOMAIN}.{name}",
            serialize_in_event_loop=serialize_in_event_loop,
        )
        self.damaged = False
        self._faults = FaultLog(_LOGGER)

    async def async_load_rows[Row](
        self, kind: type[Rows], parse: Callable[[Any], Row]
    ) -> dict[str | int, Row]:
        """Return what `parse` makes of each row, by its key or number. `parse` may raise anything."""
        existed = await self.hass.async_add_executor_job(Path(self.path).exists)
        try:
            stored = await self.async_load()
            if stored is not None and not isinstance(stored, kind):
                raise TypeError(f"it holds a {type(stored).__name__}")
        except Exception as error:
            await self._async_set_aside(repr(error), os.replace)
            return {}
        if stored is None:
            self.damaged = existed
            return {}
        rows: dict[str | int, Row] = {}
        sound: dict[str | int, Any] = {}
        fault = ""
        for key, row in stored.items() if isinstance(stored, dict) else enumerate(stored):
            try:
                rows[key] = parse(row)
            except Exception as error:
                fault = fault or f"{key}: {error!r}"
            else:
                sound[key] = row
        if fault:
            await self._async_set_aside(fault, shutil.copyfile)
            rest: Any = sound if isinstance(stored, dict) else list(sound.values())
            await self.async_save(rest)
        return rows

    @callback
    def async_close(self) -> None:
        """Write nothing any more: somebody else may use the file now."""
        self.make_read_only()

    async def _async_set_aside(self, fault: str, how: Callable[[str, str], object]) -> None:
        """Keep what cannot be used, and tell the user."""
        self.damaged = True
        copy = f"{self.path}.corrupt.{dt_util.utcnow().isoformat()}"
        try:
            await self.hass.async_add_executor_job(how, self.path, copy)
        except OSError as error:
            self.make_read_only()
            copy = f"- ({error.strerror or error})"
        _LOGGER.warning("%s is damaged (%s); a copy is kept: %s", self.path, fault, copy)
        async_raise_issue(
            self.hass,
            ISSUE_STORE_DAMAGED,
            about=self.key,
            what={"file": self.path, "copy": copy, "error": fault},
            severity=IssueSeverity.WARNING,
            is_persistent=True,
        )

    @override
    async def _async_write_data(self, data: dict[str, Any]) -> None:
        """Write, and try again later where the disk is full or write-protected."""
        try:
            await super()._async_write_data(data)
        except Exception as error:
            self._faults.note(f"{self.path} cannot be written", error)
            async_raise_issue(
                self.hass,
                ISSUE_STORE_UNWRITABLE,
                about=self.key,
                what={"file": self.path, "error": str(error)},
                severity=IssueSeverity.WARNING,
                is_fixable=False,
            )
            if self._data is None and "data" in data:
                self.async_delay_save(lambda: data["data"], _RETRY)
        else:
            self._faults.clear()
            async_clear_issue(self.hass, ISSUE_STORE_UNWRITABLE, self.key)


async def async_remove_stores(hass: HomeAssistant) -> None:
    """Delete every file."""
    for name in (LESSONS, PRESENCE, SNAPSHOTS):
        store: SafeStore[dict[str, Any]] = SafeStore(hass, name, serialize_in_event_loop=True)
        await store.async_remove()
