"""Whose pictures have ended the worker, and for how long they are kept from it."""

from collections.abc import Callable
from time import monotonic

_FREE = 1  # end that may be anybody's: memory ran out, or somebody killed the worker
_FIRST_WAIT = 30.0
_LONGEST_WAIT = 600.0
_HOME_ENDS = 20  # that the pictures of a server's home may cause within _HOME_SECONDS
_HOME_SECONDS = 600.0


class Quarantine:
    """Doubles a camera's wait with every end in a row: none, 30, 60, 120 s, at most ten minutes.

    An answer ends the row. A home of a server waits as a whole when its pictures ended the worker twenty
    times in ten minutes, whichever cameras it says they are of.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._cameras: dict[str, list[float]] = {}
        self._homes: dict[str, list[float]] = {}

    def blame(self, camera: str, home: str) -> bool:
        """Notes that a picture ended the worker; empty names are nobody's. Returns whether they wait now."""
        now = self._clock()
        if camera:
            self._cameras[camera] = [*self._cameras.get(camera, ()), now]
        if home:
            self._homes[home] = [*self._homes.get(home, ()), now][-_HOME_ENDS:]
        self._cameras = _later_than(now - 2 * _LONGEST_WAIT, self._cameras)
        self._homes = _later_than(now - _HOME_SECONDS, self._homes)
        return self.wait(camera, home) > 0

    def clear(self, camera: str) -> None:
        """Notes that a picture was answered."""
        self._cameras.pop(camera, None)

    def wait(self, camera: str, home: str) -> float:
        """Seconds until the next picture may be tried; 0: at once."""
        now = self._clock()
        ends, in_all = self._cameras.get(camera, []), self._homes.get(home, [])
        until = [now]
        if len(ends) > _FREE:
            doubled = _FIRST_WAIT * 2.0 ** min(len(ends) - _FREE - 1, 10)
            until.append(ends[-1] + min(_LONGEST_WAIT, doubled))
        if len(in_all) == _HOME_ENDS:
            until.append(in_all[0] + _HOME_SECONDS)
        return max(until) - now


def _later_than(time: float, ends: dict[str, list[float]]) -> dict[str, list[float]]:
    return {name: each for name, each in ends.items() if each[-1] > time}
