"""A day in minutes: a real event loop on which time passes at once whenever nothing real is waited for.

`SimulatedClock.install()` must run before Home Assistant is imported, because its modules bind the
clock's functions by name.
"""

import asyncio
import resource
import selectors
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, Self

from benchmarks.heartbeat import Heartbeat

_LONGEST_WAIT = 0.5  # real seconds in which nothing happens, until the loop looks around again


class SimulatedClock:
    """Tells simulated seconds, and holds them to the real pace while real work is in flight."""

    def __init__(self, start: datetime) -> None:
        self._now = 1000.0
        self._epoch = start.timestamp() - self._now
        self._held = 0

    @property
    def is_held(self) -> bool:
        """Whether something real is waited for."""
        return self._held > 0

    def monotonic(self) -> float:
        """Stands in for `time.monotonic`."""
        return self._now

    def time(self) -> float:
        """Stands in for `time.time`."""
        return self._epoch + self._now

    def now(self, zone: tzinfo | None = None) -> datetime:
        """Stands in for `dt_util.now` and `dt_util.utcnow`."""
        return datetime.fromtimestamp(self.time(), zone or UTC)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += seconds

    def jump(self, seconds: float) -> None:
        """Set the wall clock: what is a duration knows nothing of it."""
        self._epoch += seconds

    def hold(self) -> None:
        """Keep to the real pace until `release`."""
        self._held += 1

    def release(self, _: object = None) -> None:
        """Undo one `hold`."""
        self._held -= 1

    def let_go(self) -> None:
        """Undo every `hold`: the loop that would have released them is closed."""
        self._held = 0

    @contextmanager
    def held(self, at_most: float | None = None) -> Iterator[None]:
        """Keep to the real pace while something real is waited for, `at_most` so many seconds."""
        with ExitStack() as stack:
            self.hold()
            stack.callback(self.release)
            if at_most is not None:
                timer = asyncio.get_running_loop().call_later(at_most, stack.close)
                stack.callback(timer.cancel)
            yield

    def install(self) -> None:
        """Make this the clock of all that is imported from now on."""
        time.time, time.monotonic = self.time, self.monotonic
        from homeassistant.util import dt as dt_util

        dt_util.utcnow, dt_util.now = self.now, self.now  # type: ignore[assignment]


class SimulatedLoop(asyncio.SelectorEventLoop):
    """An event loop on a simulated clock that reports for how long each of its iterations blocked it.

    `on_iteration` gets seconds of processor time, so that what the kernel gives to other programs
    meanwhile does not count, nor that in which the processor stood still: the loop's own or, if it
    waited for something, that of all threads of this process, because then one of them may have kept
    the interpreter to itself. Waiting for a file or a peer takes no processor time; Home Assistant
    itself warns of that (`homeassistant.util.loop`).
    """

    def __init__(
        self, clock: SimulatedClock, heartbeat: Heartbeat, on_iteration: Callable[[float], None]
    ) -> None:
        self._clock = clock
        super().__init__(_SimulatedSelector(clock, heartbeat, on_iteration))

    def time(self) -> float:
        """The simulated time."""
        return self._clock.monotonic()

    def run_in_executor[*Ts, T](
        self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """Run in a thread, in which time is real."""
        self._clock.hold()
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._clock.release)
        return future


class _SimulatedSelector(selectors.DefaultSelector):
    """Lets the time until the next timer pass instead of sleeping."""

    def __init__(
        self, clock: SimulatedClock, heartbeat: Heartbeat, on_iteration: Callable[[float], None]
    ) -> None:
        super().__init__()
        self._clock = clock
        self._heartbeat = heartbeat
        self._on_iteration = on_iteration
        self._woken = _Moment.now(heartbeat)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, Any]]:
        asleep = _Moment.now(self._heartbeat)
        self._on_iteration(asleep.blocked_since(self._woken))
        ready = super().select(0)
        if not ready and timeout != 0:
            if timeout is None or self._clock.is_held:
                wait = _LONGEST_WAIT if timeout is None else min(timeout, _LONGEST_WAIT)
                ready = super().select(wait)
                self._clock.advance(time.perf_counter() - asleep.at)
            else:
                self._clock.advance(timeout)
        self._woken = _Moment.now(self._heartbeat)
        return ready


@dataclass(frozen=True, slots=True)
class _Moment:
    """What all clocks tell, and how often the thread has waited."""

    at: float
    stood_still: float
    worked: float
    all_worked: float
    waits: int

    @classmethod
    def now(cls, heartbeat: Heartbeat) -> Self:
        return cls(
            time.perf_counter(),
            heartbeat.stood_still(),
            time.thread_time(),
            time.process_time(),
            resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw,
        )

    def blocked_since(self, before: _Moment) -> float:
        if self.waits == before.waits:
            blocked = self.worked - before.worked
        else:
            blocked = min(self.at - before.at, self.all_worked - before.all_worked)
        return max(0.0, blocked - (self.stood_still - before.stood_still))


@dataclass(slots=True)
class Iterations:
    """For how long iterations blocked the loop, in seconds; `measuring` says which of them count."""

    limit: float
    measuring: bool = False
    count: int = 0
    longest: float = 0.0
    over_limit: int = 0

    def add(self, seconds: float) -> None:
        """Take one iteration into account."""
        if self.measuring:
            self.count += 1
            self.longest = max(self.longest, seconds)
            self.over_limit += seconds >= self.limit
