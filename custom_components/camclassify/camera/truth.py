"""Whether a camera's pictures show what is there now, or are frozen, black or half decoded.

What a camera did before and came out of by itself is usual for it: a garage is dark by day, a cheap camera
sends the same bytes for minutes. Nothing is told before it lasts three times as long as that.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

from camclassify_core import Appearance

from .eye import Look
from .picture import SnapshotUnavailable

_CLOCK: Final = 0.03  # share of a picture that a clock in it may change
_SAMPLE: Final = 30.0  # seconds in which the picture of a live camera changes
_SAMPLES: Final = 120  # that are remembered
_ENOUGH: Final = 20  # of them, to know what a camera is like
_LIVELY: Final = (
    0.9  # share of samples in which the picture changed, and what of such a camera is frozen:
)
_LIVELY_FROZEN: Final = 900.0  # seconds without a change
_OFTEN: Final = (
    0.3  # the same of one that stands still now and then; one that mostly does is never told
)
_OFTEN_FROZEN: Final = 7200.0
_FROZEN_SAMPLES: Final = 10  # without a change, at least
_USUAL: Final = 3  # times as long as it lasted before

_BLACK: Final = 0.97  # share of a black picture
_DAY: Final = 6.0  # degrees of the sun above the horizon
_BLACK_SUDDENLY: Final = 600.0  # seconds with the sun up, of a picture that was lit by day before
_BLACK_SINCE_NIGHT: Final = 10_800.0  # the same where it was black already when the sun rose
_LONGEST_STEP: Final = 60.0  # seconds between two looks that count

_GREY: Final = 0.2  # share of the rows
_GREY_USUALLY: Final = 600.0  # seconds for which it is the same rows while the rest moves


class Truth:
    """Follows the pictures of one camera, in their order."""

    def __init__(self) -> None:
        """Know nothing of the camera."""
        self._stillness = _Stillness()
        self._darkness = _Darkness()
        self._greyness = _Greyness()

    def check(self, look: Look, sun: Callable[[], float]) -> None:
        """Raise SnapshotUnavailable if a look does not show what is there. `sun`: degrees of elevation."""
        if (appearance := look.result.appearance) is None:
            return
        now = look.taken.monotonic
        is_black = appearance.black >= _BLACK
        self._darkness.note(now, is_black=is_black, sun=sun)
        # All of it differs where the engine has nothing to compare with, as after a restart.
        if appearance.differing < 1:
            # A dark room may well look the same all night.
            self._stillness.note(now, has_moved=is_black or appearance.differing > _CLOCK)
        self._greyness.note(now, appearance)
        if self._greyness.is_broken:
            raise SnapshotUnavailable("grey_picture")
        if self._darkness.is_broken:
            raise SnapshotUnavailable("black_picture")
        if self._stillness.is_frozen(now):
            raise SnapshotUnavailable("frozen_picture")


class _Stillness:
    """How long a camera has delivered the same picture, but for a clock, and whether that is usual."""

    def __init__(self) -> None:
        self._samples: deque[bool] = deque(maxlen=_SAMPLES)  # but those of the present stillness
        self._sample_began: float | None = None
        self._has_moved = False
        self._still_since: float | None = None
        self._still_samples = 0
        self._longest = 0.0

    def note(self, now: float, *, has_moved: bool) -> None:
        """Take a look; of those that lie close together, one that shows something new is enough."""
        if self._sample_began is None:
            self._sample_began = now
            return
        if has_moved:
            self._end_stillness(now)
        elif self._still_since is None:
            self._still_since = now
        self._has_moved |= has_moved
        if now - self._sample_began < _SAMPLE:
            return
        if self._has_moved:
            self._samples.append(True)
        else:
            self._still_samples += 1
        self._sample_began = now
        self._has_moved = False

    def is_frozen(self, now: float) -> bool:
        """Tell whether the picture has been the same for longer than ever, and never was for long."""
        if self._still_since is None or self._still_samples < _FROZEN_SAMPLES:
            return False
        if len(self._samples) < _ENOUGH:
            return False
        share = sum(self._samples) / len(self._samples)
        if share < _OFTEN:
            return False
        least = _LIVELY_FROZEN if share >= _LIVELY else _OFTEN_FROZEN
        return now - self._still_since >= max(least, _USUAL * self._longest)

    def _end_stillness(self, now: float) -> None:
        if self._still_since is None:
            return
        self._longest = max(self._longest, now - self._still_since)
        self._samples.extend([False] * min(self._still_samples, _SAMPLES))
        self._still_since = None
        self._still_samples = 0


class _Darkness:
    """How long a camera has been black by day, and whether that is usual."""

    def __init__(self) -> None:
        self.is_broken = False
        self._at: float | None = None
        self._was_lit_by_day = False
        self._began_by_day = False
        self._is_black = False
        self._dark_by_day = 0.0
        self._longest = 0.0

    def note(self, now: float, *, is_black: bool, sun: Callable[[], float]) -> None:
        """Take a look."""
        is_day = sun() > _DAY
        step = 0.0 if self._at is None else min(now - self._at, _LONGEST_STEP)
        self._at = now
        if not is_black:
            if self._is_black:
                self._longest = max(self._longest, self._dark_by_day)
            self._is_black = self.is_broken = False
            self._was_lit_by_day |= is_day
            return
        if not self._is_black:
            self._is_black = True
            self._began_by_day = is_day
            self._dark_by_day = 0.0
        elif is_day:
            self._dark_by_day += step
        least = _BLACK_SUDDENLY if self._began_by_day else _BLACK_SINCE_NIGHT
        # By night a black picture may be a dark room; what was found out by day holds on.
        self.is_broken |= (
            self._was_lit_by_day
            and is_day
            and self._dark_by_day >= max(least, _USUAL * self._longest)
        )


class _Greyness:
    """Whether the lower part of a picture is what a decoder leaves where it failed."""

    def __init__(self) -> None:
        self.is_broken = False
        self._usual: float | None = None
        self._last = 0.0
        self._since: float | None = None

    def note(self, now: float, appearance: Appearance) -> None:
        """Take a look. What the first picture shows is no failure; nor what stays while the rest moves."""
        grey = appearance.grey
        if self._usual is None:
            self._usual = grey
        self.is_broken = grey >= _GREY and grey > self._usual
        is_same = self.is_broken and grey == self._last and grey < 1 and appearance.differing > 0
        self._last = grey
        if not is_same:
            self._since = now
        elif self._since is not None and now - self._since >= _GREY_USUALLY:
            self._usual = grey
            self.is_broken = False
