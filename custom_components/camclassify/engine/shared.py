"""The engine that all cameras share: one worker for the lifetime of Home Assistant, or a server."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress

from camclassify_core import (
    CamClassifyError,
    ClassInfo,
    EngineClient,
    EngineInfo,
    EngineOptions,
    EngineState,
    EngineUnavailable,
)
from camclassify_core.examples import Example, TaughtClass
from camclassify_core.faults import FaultLog
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..issues import ISSUE_ENGINE_FAILING, ISSUE_SERVER_AWAY, async_clear_issue, async_raise_issue
from ..listeners import Listeners
from .interface import HOLD_SECONDS, AnyEngine, AnyOptions
from .remote_engine import RemoteEngine
from .stand_in import StandInEngine

_LOGGER = logging.getLogger(__name__)


class SharedEngine:
    """Starts, configures and stops the engine, and says whether what it said still holds."""

    info: EngineInfo

    def __init__(self, hass: HomeAssistant) -> None:
        """Start nothing yet."""
        self._hass = hass
        self._lock = asyncio.Lock()
        self._teaching = asyncio.Lock()
        self.beginnings = 0  # of engines that may know nothing of the cameras
        self.taught: tuple[TaughtClass, ...] = ()
        self._lessons: tuple[Sequence[Example], Sequence[Example]] = ((), ())
        self._is_stale = False
        self._unlearnt = False
        self._faults = FaultLog(_LOGGER)
        self._client: AnyEngine | None = None
        self._worker: EngineClient | None = None  # the client, if the options are those of a worker
        self._listeners: Listeners[[]] = Listeners()
        self._stop_listening: CALLBACK_TYPE | None = None
        self._cancel_stop: CALLBACK_TYPE | None = None
        self._cancel_hold: CALLBACK_TYPE | None = None
        self._lost = False

    @property
    def client(self) -> AnyEngine:
        """The client of the started engine. Raises EngineUnavailable if it is not started."""
        if self._client is None:
            raise EngineUnavailable("The engine is stopped.")
        return self._client

    @property
    def state(self) -> EngineState:
        """What the engine is doing."""
        return self._client.state if self._client else EngineState.STOPPED

    @property
    def on_server(self) -> bool:
        """Whether a server looks now, and not this machine."""
        return isinstance(self._client, RemoteEngine) or (
            isinstance(self._client, StandInEngine) and not self._client.stands_in
        )

    @property
    def started(self) -> bool:
        """Whether there is an engine, or will be again in a moment."""
        return self._client is not None

    @property
    def available(self) -> bool:
        """Whether the engine runs, or stopped so lately that states still hold."""
        return self.started and not self._lost

    @property
    def classes(self) -> tuple[ClassInfo, ...]:
        """Every class that can be reported, those taught included."""
        return (*self.info.classes, *(each.info for each in self.taught))

    @callback
    def async_add_listener(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call a listener whenever `available` may have changed."""
        return self._listeners.async_add(listener)

    async def async_start(self, options: AnyOptions) -> None:
        """Start the engine, or have the running one load what these options ask for.

        A worker that is being restarted loads it then. Raises BundleError and EngineUnavailable: an engine
        that ran goes on as before.
        """
        async with self._lock:
            if self._client is None:
                await self._async_begin(options)
            elif options != self._client.options:
                if self._worker and isinstance(options, EngineOptions):
                    await self._worker.reconfigure(options)
                    self._is_stale = True
                else:
                    await self._async_begin(options)
            elif not self._is_stale:
                return
            self._unlearnt = bool(self._lessons[0])
            if self._client is None or self._client.state is not EngineState.RUNNING:
                return
            if self._is_stale:
                self.info = await self._client.info()
                self._is_stale = False
            await self.async_learn_again()
            for issue in (ISSUE_ENGINE_FAILING, ISSUE_SERVER_AWAY):
                async_clear_issue(self._hass, issue)

    async def _async_begin(self, options: AnyOptions) -> None:
        """Start an engine of which it is known what it has loaded, in place of the one before."""
        client: AnyEngine
        worker = None
        if isinstance(options, EngineOptions):
            client = worker = EngineClient(options)
        elif options.stand_in:
            client = StandInEngine(self._hass, options, options.stand_in)
        else:
            client = RemoteEngine(self._hass, options)
        await client.start()
        try:
            info = await client.info()
        except BaseException:
            await client.stop()
            raise
        before, self._client, self._worker = self._client, client, worker
        self.info = info
        self.beginnings += 1
        self._is_stale = False
        if self._stop_listening:
            self._stop_listening()
        self._stop_listening = client.add_listener(self._handle_state)
        self._end_hold()
        if before:
            await before.stop()
        else:
            self._cancel_stop = self._hass.bus.async_listen_once(
                EVENT_HOMEASSISTANT_STOP, self._handle_shutdown
            )

    async def async_stop(self) -> None:
        """Stop the engine."""
        async with self._lock:
            if self._client is None:
                return
            client, self._client, self._worker = self._client, None, None
            if self._cancel_stop:
                self._cancel_stop()
            self._end_hold()
            await client.stop()
            async_clear_issue(self._hass, ISSUE_ENGINE_FAILING)

    async def async_teach(self, examples: Sequence[Example], background: Sequence[Example]) -> None:
        """Learn classes from examples, instead of those learnt before.

        Raises ExampleError and EngineUnavailable; then what was taught before stays.
        """
        async with self._teaching:
            await self._async_teach(examples, background)

    async def async_recall(
        self, examples: Sequence[Example], classes: tuple[TaughtClass, ...]
    ) -> None:
        """Learn what was taught before, now or as soon as it can be; its classes are known at once."""
        self._lessons = (examples, ())
        self.taught = classes
        self._unlearnt = True
        await self.async_learn_again()

    async def async_learn_again(self) -> None:
        """Learn what could not be learnt so far, if there is anything."""
        async with self._teaching:
            if not self._unlearnt:
                return
            try:
                await self._async_teach(*self._lessons)
            except Exception as error:
                self._faults.note("What was taught cannot be learnt now", error)

    async def _async_teach(
        self, examples: Sequence[Example], background: Sequence[Example]
    ) -> None:
        self.taught = await self.client.teach(examples, background)
        self._lessons = (examples, background)
        self._unlearnt = False

    async def async_forget(self, camera: str) -> None:
        """Drop what the engine remembers of a camera."""
        with suppress(CamClassifyError):
            await self.client.forget(camera)

    async def async_restart(self) -> None:
        """Stop the engine and start it anew with the same options."""
        options = self.client.options
        await self.async_stop()
        await self.async_start(options)

    async def _handle_shutdown(self, _event: Event) -> None:
        self._cancel_stop = None
        await self.async_stop()

    async def _async_inform(self) -> None:
        """Learn what an engine has loaded that was restarted, or took the place of another."""
        with suppress(CamClassifyError):
            self.info = await self.client.info()
            self._is_stale = False
            await self.async_learn_again()
            self._listeners.async_call()

    @callback
    def _handle_state(self, state: EngineState) -> None:
        if state is EngineState.RUNNING:
            self.beginnings += 1
            self._end_hold()
            async_clear_issue(self._hass, ISSUE_ENGINE_FAILING)
            self._hass.async_create_task(self._async_inform(), eager_start=False)
        elif self._cancel_hold is None and not self._lost and self.started:
            self._cancel_hold = async_call_later(self._hass, HOLD_SECONDS, self._give_up)
        if state is EngineState.FAILED and self._worker:
            async_raise_issue(self._hass, ISSUE_ENGINE_FAILING)
        self._listeners.async_call()

    @callback
    def _give_up(self, _now: object) -> None:
        self._cancel_hold = None
        self._lost = True
        if self._worker:  # of a server that is away, who asks it tells
            _LOGGER.warning("The engine has not come back: its entities are unavailable")
        self._listeners.async_call()

    @callback
    def _end_hold(self) -> None:
        if self._lost and self._worker and self.state is EngineState.RUNNING:
            _LOGGER.info("The engine is back")
        self._lost = False
        if self._cancel_hold:
            self._cancel_hold()
            self._cancel_hold = None


DATA_ENGINE: HassKey[SharedEngine] = HassKey(DOMAIN)


@callback
def async_get_engine(hass: HomeAssistant) -> SharedEngine:
    """Return the engine of this Home Assistant, started or not."""
    return hass.data.setdefault(DATA_ENGINE, SharedEngine(hass))
