"""What the engine really takes of the processor, compared with what its looks say they cost."""

from time import monotonic

from camclassify_core import CamClassifyError
from homeassistant.core import CALLBACK_TYPE, callback

from ..listeners import Listeners
from .shared import SharedEngine

LEAST_CHARGED = 0.5  # seconds; below, a minute says nothing about the overhead
MOST_OVERHEAD = 8.0


class CpuMeter:
    """Measures from time to time.

    `used`: CPU seconds a second, None before there are two measurements or while there is no engine. Of a
    server, that others may use as well, it is what the looks of this home cost there.
    `overhead`: CPU time of the worker for a second of looking: more than one thread, drawing, learning.
    """

    def __init__(self, engine: SharedEngine) -> None:
        """Measure nothing yet."""
        self.used: float | None = None
        self.overhead = 1.0
        self._engine = engine
        self._before: tuple[float, float, float] | None = None
        self._on_server = False
        self._listeners: Listeners[[]] = Listeners()

    @callback
    def async_add_listener(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call a listener after every measurement."""
        return self._listeners.async_add(listener)

    async def async_measure(self, charged: float) -> None:
        """Measure now; `charged`: seconds that all looks together have said to take so far."""
        if self._on_server is not self._engine.on_server:
            self._on_server, self._before, self.overhead = self._engine.on_server, None, 1.0
        try:
            cpu_time = charged if self._on_server else await self._worker_time()
        except CamClassifyError:
            self.used = self._before = None
        else:
            self._compare((monotonic(), cpu_time, charged))
        self._listeners.async_call()

    async def _worker_time(self) -> float:
        return (await self._engine.client.statistics()).cpu_time

    def _compare(self, now: tuple[float, float, float]) -> None:
        before, self._before = self._before, now
        if before is None:
            return
        seconds, cpu, charged = (new - old for new, old in zip(now, before, strict=True))
        if not (seconds > 0 and cpu >= 0):
            self.used = None  # the worker is another one
            return
        self.used = cpu / seconds
        if charged >= LEAST_CHARGED:
            self.overhead = min(MOST_OVERHEAD, max(1.0, cpu / charged))
