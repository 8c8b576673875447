"""Frames of a camera's stream: a reader of its own decodes what is wanted, the engine has the pictures."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from secrets import token_hex
from typing import Any

from camclassify_core import CamClassifyError, StreamFrame
from camclassify_core.stream.live import Stream, StreamTrouble, Told
from camclassify_core.stream.orders import Wish
from camclassify_core.stream.stream_address import Address, is_streamable
from homeassistant.components.camera import async_get_stream_source
from homeassistant.const import (
    CONF_ENTITY_ID,
    CONF_PASSWORD,
    CONF_URL,
    CONF_USERNAME,
    CONF_VERIFY_SSL,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from ..const import CONF_STREAM_ENTITY, CONF_STREAMS, DOMAIN, SNAPSHOT_TIMEOUT
from ..engine.interface import AnyEngine
from ..engine.shared import async_get_engine
from .picture import SnapshotUnavailable
from .source import SnapshotSource, async_make_source

_CLOSES_BEYOND = 60.0  # seconds between looks


class StreamSource:
    """The newest frame of a stream that stays open, unless it is looked at seldom.

    Which stream that is, a camera entity is asked anew each time it has failed: some change it.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        data: Mapping[str, Any],
        on_return: Callable[[], object] = lambda: None,
    ) -> None:
        """Open nothing yet. `on_return` is called when frames come again after there was trouble."""
        self.data = data
        self.age: float | None = None  # a stream has no clock of the camera's in it
        self._hass = hass
        self._on_return = on_return
        self._name = ""  # of the stream that is open, for the worker
        self._stream: Stream | None = None
        self._address: Address | None = None
        self._follower: AnyEngine | None = None
        self._number = 0
        self._wish = Wish()

    @property
    def newest(self) -> Told | None:
        """What the reader said of its newest frame."""
        return self._stream.newest if self._stream else None

    @callback
    def async_follow(self, every: float | None, *, awake: bool) -> bool:
        """Follow the pace, in seconds between looks; return whether a fetch waits for the next by itself."""
        if every is None or every > _CLOSES_BEYOND:
            self.async_close()
            return False
        self._wish = Wish(awake=awake, every=every)
        if self._stream is None:
            return False
        self._stream.want(self._wish)
        return self._stream.trouble is None

    async def async_fetch(self) -> StreamFrame:
        """Wait for a frame that is newer than the last one."""
        stream = await self._async_open()
        try:
            async with asyncio.timeout(SNAPSHOT_TIMEOUT):
                told = await stream.newer_than(self._number)
        except StreamTrouble as trouble:
            raise await self._async_explained(trouble.reason) from None
        except TimeoutError:
            raise SnapshotUnavailable("stream_stands_still") from None
        self._number = told.number
        return StreamFrame(stream=self._name, number=told.number, taken=told.taken)

    @callback
    def async_close(self) -> None:
        """Close the stream."""
        if self._stream is None:
            return
        self._stream.close()
        self._hass.async_create_background_task(
            _async_let_go(self._stream, self._follower, self._name), f"{DOMAIN} stream"
        )
        self._stream = self._follower = None
        self._number = 0

    async def _async_open(self) -> Stream:
        if self._stream is None:
            self._address = await async_address(self._hass, self.data)
            self._name = token_hex(8)
            self._stream = Stream(self._address, on_return=self._on_return)
            self._stream.want(self._wish)
            self._stream.start()
        client = async_get_engine(self._hass).client
        if client is not self._follower:
            self._follower = client
            with suppress(CamClassifyError):  # the next worker follows it
                await client.follow(self._name, self._stream.memory)
        return self._stream

    async def _async_explained(self, reason: str) -> SnapshotUnavailable:
        """Return why there is no frame; a camera entity whose stream has moved is followed there."""
        if CONF_URL not in self.data:
            with suppress(SnapshotUnavailable):
                if await async_address(self._hass, self.data) != self._address:
                    self.async_close()
        return SnapshotUnavailable(reason)


@callback
def async_choose_source(
    hass: HomeAssistant,
    data: Mapping[str, Any],
    on_return: Callable[[], object] = lambda: None,
) -> SnapshotSource | StreamSource:
    """Return the source that a subentry's data describes, or a stream's that calls `on_return`."""
    if data.get(CONF_STREAMS):
        return StreamSource(hass, data, on_return)
    return async_make_source(hass, data)


async def async_address(hass: HomeAssistant, data: Mapping[str, Any]) -> Address:
    """Return where a camera's stream is. Raises SnapshotUnavailable if it has none."""
    if url := data.get(CONF_URL):
        return Address(
            url=url,
            username=data.get(CONF_USERNAME, ""),
            password=data.get(CONF_PASSWORD, ""),
            verify=data.get(CONF_VERIFY_SSL, True),
        )
    key = data.get(CONF_STREAM_ENTITY) or data[CONF_ENTITY_ID]
    if (entity_id := er.async_resolve_entity_id(er.async_get(hass), key)) is None:
        raise SnapshotUnavailable("camera_gone")
    try:
        async with asyncio.timeout(SNAPSHOT_TIMEOUT):
            url = await async_get_stream_source(hass, entity_id)
    except Exception as error:
        # Its own words may hold an address.
        raise SnapshotUnavailable("camera_failed", error=type(error).__name__) from None
    if not url or not is_streamable(url):
        raise SnapshotUnavailable("camera_without_stream")
    return Address(url=url)


async def _async_let_go(stream: Stream, follower: AnyEngine | None, name: str) -> None:
    await stream.ended()
    if follower:
        with suppress(CamClassifyError):
            await follower.unfollow(name)
