"""What counts as enough agreeing frames, at any frame rate."""

from dataclasses import dataclass

# Frigate's three frames, but never within a flash: at five a second, however unevenly they come.
_FRAMES, _SPAN = 3, 0.35
_SLOW_FRAMES, _SLOW_SPAN = (
    2,
    2.0,
)  # two frames that lie far apart are as independent as three close ones
_MOST = 5  # a long agreement does not take longer than this to be undone


@dataclass(slots=True)
class Agreement:
    """Counts frames that agree; one that disagrees takes one back."""

    count: int = 0
    since: float = 0.0

    def add(self, agrees: bool, now: float) -> None:
        """Take a frame's vote."""
        if not agrees:
            self.count = max(0, self.count - 1)
            return
        if self.count == 0:
            self.since = now
        self.count = min(_MOST, self.count + 1)

    def reached(self, now: float) -> bool:
        """Tell whether the frames so far are enough."""
        span = now - self.since
        return (self.count >= _FRAMES and span >= _SPAN) or (
            self.count >= _SLOW_FRAMES and span >= _SLOW_SPAN
        )
