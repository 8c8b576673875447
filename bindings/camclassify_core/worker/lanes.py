"""The threads of a worker: each does one thing at a time."""

from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread, stack_size
from time import monotonic, thread_time

from camclassify_core.info import LaneStatistics

_STACK_BYTES = 1 << 20  # musl gives a thread an eighth of that, glibc eight times as much

type Work = Callable[[], object]


class Lanes:
    """Threads that do what is put, in its order, as many things at a time as there are lanes.

    To be used from one thread. A lane is started when there is work for it.
    """

    def __init__(self) -> None:
        self._wanted = 1
        self._works: SimpleQueue[Work | None] = SimpleQueue()
        self._lanes: list[_Lane] = []

    def resize(self, count: int) -> None:
        """Has so many lanes from now on; those that are too many end when they have done their work."""
        self._wanted = count
        self._lanes = [each for each in self._lanes if each.thread.is_alive()]
        for _ in self._lanes[count:]:
            self._works.put(None)

    def put(self, work: Work) -> None:
        """Has a lane do this."""
        if len(self._lanes) < self._wanted:
            stack_size(_STACK_BYTES)
            self._lanes.append(_Lane(self._works))
        self._works.put(work)

    def end(self, patience: float) -> None:
        """Does what was put, unless that takes more than `patience` seconds."""
        until = monotonic() + patience
        self.resize(0)
        for each in self._lanes:
            each.thread.join(max(0.0, until - monotonic()))

    def statistics(self) -> tuple[LaneStatistics, ...]:
        """What each lane has done so far."""
        return tuple(
            LaneStatistics(pictures=each.pictures, cpu_time=each.cpu_time) for each in self._lanes
        )


class _Lane:
    def __init__(self, works: SimpleQueue[Work | None]) -> None:
        self.pictures = 0
        self.cpu_time = 0.0
        self._works = works
        self.thread = Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        while work := self._works.get():
            self.pictures += 1
            work()
            self.cpu_time = thread_time()
