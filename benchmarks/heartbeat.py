"""Tells when the processor itself stood still, as it does when the host of a virtual machine takes it away.

The kernel counts that as processor time of the thread that happened to run. Where it may be used, a process
beats every millisecond on the same processor, ahead of everything else there: while it does not beat,
nothing there can work.
"""

import os
import time
from mmap import mmap
from struct import Struct

_BEAT = 0.001  # seconds
_MISSED = 0.0015  # without a beat
_FIRST = os.sched_param(99)  # real-time priority
_SECONDS = Struct("d")


class Heartbeat:
    """Beats until this process ends; only if that has real-time priority on a single processor."""

    def __init__(self) -> None:
        self._shared = mmap(-1, _SECONDS.size)
        if len(os.sched_getaffinity(0)) > 1 or os.sched_getscheduler(0) != os.SCHED_FIFO:
            return
        parent = os.getpid()
        if os.fork() == 0:
            try:
                self._beat(parent)
            finally:
                os._exit(0)

    def stood_still(self) -> float:
        """Seconds in all, so far, in which the processor stood still."""
        (seconds,) = _SECONDS.unpack_from(self._shared)
        return float(seconds)

    def _beat(self, parent: int) -> None:
        os.sched_setscheduler(0, os.SCHED_FIFO, _FIRST)
        last = time.perf_counter()
        while os.getppid() == parent:
            time.sleep(_BEAT)
            now = time.perf_counter()
            if now - last > _MISSED:
                _SECONDS.pack_into(self._shared, 0, self.stood_still() + now - last - _BEAT)
            last = now
