"""How long after a wake-up a camera's pictures still show what was before it."""

from collections import deque
from typing import Final

_LATE: Final = 3.0  # seconds
_GIVE_UP: Final = 30.0  # seconds after which a picture that never changes proves nothing
_WAKES: Final = 5  # that are remembered
_LATE_WAKES: Final = 4  # of them: a picture that is renewed every few seconds is late now and then
_CLOCK_STEP: Final = 1.0  # seconds: servers tell no fractions


class Lateness:
    """Follows the wake-ups of one camera. `seconds`: the mean delay once pictures are known to be late."""

    def __init__(self) -> None:
        """Know of no wake-up."""
        self.seconds: float | None = None
        self._woken_at: float | None = None
        self._delays: deque[float] = deque(maxlen=_WAKES)

    def note_wake(self, now: float) -> None:
        """Note that somebody says that there is something to see; what is not over goes on."""
        if self._woken_at is None:
            self._woken_at = now

    def note_look(self, now: float, *, is_new: bool, age: float | None) -> bool:
        """Take a look; return whether the camera still owes a picture of what it was woken for.

        `age`: seconds since the picture was taken, by the camera's own clock, if it says so.
        """
        if self._woken_at is None:
            return False
        is_new &= age is None or now - age + _CLOCK_STEP >= self._woken_at
        delay = now - self._woken_at
        if delay < 0 or (not is_new and delay < _GIVE_UP):
            return delay >= 0
        self._woken_at = None
        if is_new:
            self._delays.append(delay)
            late = [each for each in self._delays if each >= _LATE]
            is_late = len(late) >= _LATE_WAKES
            self.seconds = sum(late) / len(late) if is_late else None
        return False
