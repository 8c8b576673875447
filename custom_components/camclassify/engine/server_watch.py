"""A server that was away when Home Assistant started: set up again as soon as it is there."""

import asyncio
from typing import Final

from camclassify_core import CamClassifyError
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from .interface import ServerOptions
from .server_connection import ServerConnection

TRY_EVERY: Final = 2.0  # seconds; Home Assistant itself tries again after up to 80

DATA_WATCH: HassKey[asyncio.Task[None]] = HassKey(f"{DOMAIN}_server_watch")


@callback
def async_watch_server(hass: HomeAssistant, entry: ConfigEntry, options: ServerOptions) -> None:
    """Reload the entry when its server is there, unless it is set up, or given up, before."""
    if before := hass.data.get(DATA_WATCH):
        before.cancel()
    hass.data[DATA_WATCH] = hass.async_create_background_task(
        _async_watch(hass, entry, ServerConnection(hass, options)), f"{DOMAIN} waits for its server"
    )


async def _async_watch(
    hass: HomeAssistant, entry: ConfigEntry, connection: ServerConnection
) -> None:
    while True:
        await asyncio.sleep(TRY_EVERY)
        if entry.state is not ConfigEntryState.SETUP_RETRY:
            return
        try:
            await connection.check()
        except CamClassifyError:
            continue
        hass.config_entries.async_schedule_reload(entry.entry_id)
        return
