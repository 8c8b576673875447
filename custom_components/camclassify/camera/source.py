"""Where a camera's snapshots come from: a camera entity or a URL."""

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol

from homeassistant.components.camera import Image, async_get_image
from homeassistant.const import CONF_ENTITY_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er

from ..const import DOMAIN, SNAPSHOT_TIMEOUT
from .address import UrlSource
from .picture import SnapshotUnavailable, checked_picture, without_secrets

_ENTITY_PATIENCE = 120


class SnapshotSource(Protocol):
    """Delivers one snapshot at a time, from where a subentry's `data` says.

    `age`: seconds for which the last one was old already when it came, if the camera says so.
    """

    data: Mapping[str, Any]
    age: float | None

    async def async_fetch(self) -> bytes:
        """Return a picture as the camera encoded it. Raises SnapshotUnavailable."""

    @callback
    def async_close(self) -> None:
        """Give up what is in flight."""


class EntitySource:
    """Snapshots of a camera entity, named by its registry id or its entity id."""

    def __init__(self, hass: HomeAssistant, data: Mapping[str, Any]) -> None:
        """Fetch nothing yet."""
        self.data = data
        self.age: float | None = None
        self._hass = hass
        self._in_flight: asyncio.Task[Image] | None = None

    @property
    def entity_id(self) -> str | None:
        """The camera's entity id now, however often it was renamed; None if it is gone."""
        return er.async_resolve_entity_id(er.async_get(self._hass), self.data[CONF_ENTITY_ID])

    async def async_fetch(self) -> bytes:
        """Ask the camera entity for its picture."""
        if (entity_id := self.entity_id) is None:
            raise SnapshotUnavailable("camera_gone")
        # A synchronous camera cannot be stopped: it is waited for again rather than asked twice at once.
        if self._in_flight is None:
            self._in_flight = self._hass.async_create_background_task(
                async_get_image(self._hass, entity_id, timeout=_ENTITY_PATIENCE),
                f"{DOMAIN} snapshot of {entity_id}",
            )
        done, _ = await asyncio.wait({self._in_flight}, timeout=SNAPSHOT_TIMEOUT)
        if not done:
            raise SnapshotUnavailable("camera_timeout")
        task, self._in_flight = self._in_flight, None
        try:
            return checked_picture(task.result().content)
        except HomeAssistantError as error:
            raise _as_unavailable(error) from error
        except (asyncio.CancelledError, Exception) as error:
            raise SnapshotUnavailable(
                "camera_failed", error=without_secrets(repr(error))
            ) from error

    @callback
    def async_close(self) -> None:
        """Stop waiting for the picture in flight."""
        if self._in_flight:
            self._in_flight.cancel()
            self._in_flight.add_done_callback(_take_exception)
            self._in_flight = None


@callback
def async_source_device(
    hass: HomeAssistant, data: Mapping[str, Any]
) -> dr.DeviceEntry | dr.ChildDeviceEntry | None:
    """Return the device of the camera entity that a subentry's data names, if it has one."""
    registry = er.async_get(hass)
    kept = data.get(CONF_ENTITY_ID)
    entity_id = er.async_resolve_entity_id(registry, kept) if kept else None
    entity = registry.async_get(entity_id) if entity_id else None
    return dr.async_get(hass).async_get(entity.device_id) if entity and entity.device_id else None


@callback
def async_make_source(hass: HomeAssistant, data: Mapping[str, Any]) -> SnapshotSource:
    """Return the source that a subentry's data describes."""
    return EntitySource(hass, data) if data.get(CONF_ENTITY_ID) else UrlSource(hass, data)


def _take_exception(task: asyncio.Task[Image]) -> None:
    """Keep asyncio from reporting the error of a picture that nobody waits for any more."""
    if not task.cancelled():
        task.exception()


def _as_unavailable(error: HomeAssistantError) -> SnapshotUnavailable:
    if isinstance(error, SnapshotUnavailable):
        return error
    return SnapshotUnavailable("camera_failed", error=without_secrets(str(error)))
