"""The threads of a worker: each does one thing at a time."""

from collections import deque
from collections.abc import Callable
from threading import Condition, Thread, stack_size
from time import monotonic, thread_time

from camclassify_core.info import LaneStatistics

_STACK_BYTES = 1 << 20  # musl gives a thread an eighth of that, glibc eight times as much

type Work = Callable[[], object]


class Lanes:
    """Threads that do what is put, in its order, as many things at a time as there are lanes.

    A lane is started when all that there are have something to do.
    """

    def __init__(self) -> None:
        self._wanted = 1
        self._works: deque[Work] = deque()
        self._lanes: list[_Lane] = []
        self._idle = 0
        self._changed = Condition()

    def resize(self, count: int) -> None:
        """Has so many lanes from now on; those that are too many end when nothing is left to do."""
        with self._changed:
            self._wanted = count
            self._changed.notify_all()

    def put(self, work: Work) -> None:
        """Has a lane do this."""
        with self._changed:
            self._works.append(work)
            if len(self._works) > self._idle and len(self._lanes) < self._wanted:
                stack_size(_STACK_BYTES)
                self._lanes.append(_Lane(self._take))
            self._changed.notify()

    def end(self, patience: float) -> None:
        """Does what was put, unless that takes more than `patience` seconds."""
        until = monotonic() + patience
        with self._changed:
            lanes = [*self._lanes]
        self.resize(0)
        for each in lanes:
            each.thread.join(max(0.0, until - monotonic()))

    def statistics(self) -> tuple[LaneStatistics, ...]:
        """What each lane has done so far."""
        with self._changed:
            return tuple(
                LaneStatistics(pictures=each.pictures, cpu_time=each.cpu_time)
                for each in self._lanes
            )

    def _take(self, lane: _Lane) -> Work | None:
        """What a lane is to do next; nothing if it is one too many."""
        with self._changed:
            self._idle += 1
            self._changed.wait_for(lambda: self._works or len(self._lanes) > self._wanted)
            self._idle -= 1
            if self._works:
                return self._works.popleft()
            self._lanes.remove(lane)
            return None


class _Lane:
    def __init__(self, take: Callable[[_Lane], Work | None]) -> None:
        self.pictures = 0
        self.cpu_time = 0.0
        self._take = take
        self.thread = Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        while work := self._take(self):
            self.pictures += 1
            work()
            self.cpu_time = thread_time()
