"""What homes use of a server at the moment, and whether that is still within their limits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from camclassify_core.errors import EngineUnavailable, TooLarge, TooMany

from .home_file import Home, Limits

MOST_CAMERAS = 256  # that an engine remembers
MOST_BYTES = 256_000_000  # of requests that are not answered yet
_SHARE = 4  # of them that one home may take: a quarter
_BURST_SECONDS = 2.0
_CAMERA_SECONDS = 3600.0  # after which a camera that asks nothing is no camera any more


class Usage:
    """Counts for all homes together and for each."""

    def __init__(
        self,
        *,
        most_cameras: int = MOST_CAMERAS,
        most_bytes: int = MOST_BYTES,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.bytes = 0
        self._most_cameras = most_cameras
        self._most_bytes = most_bytes
        self._clock = clock
        self._homes: dict[str, _HomeUsage] = {}

    @property
    def cameras(self) -> int:
        """Those that asked something within the last hour."""
        return sum(each.cameras.count(self._clock()) for each in self._homes.values())

    @contextmanager
    def request(self, home: Home) -> Iterator[Held]:
        """One request, from its first byte to its answer. Raises `TooMany`."""
        used = self._homes.setdefault(home.name, _HomeUsage(home.limits, self._clock()))
        used.limits = home.limits
        used.count_request(self._clock())
        held = Held(self, used)
        try:
            yield held
        finally:
            self.bytes -= held.bytes
            used.bytes -= held.bytes

    def see(self, home: Home, camera: str) -> None:
        """Counts a camera. Raises `TooMany`."""
        used, now = self._homes[home.name], self._clock()
        if camera not in used.cameras:
            if used.cameras.count(now) >= home.limits.cameras:
                raise TooMany(
                    f"This home has {home.limits.cameras} cameras already: have its limit raised."
                )
            if self.cameras >= self._most_cameras:
                raise TooMany(f"The server has {self._most_cameras} cameras already.")
        used.cameras.see(camera, now)

    def take(self, used: _HomeUsage, count: int) -> None:
        """Counts bytes that were received. Raises `TooMany` and `EngineUnavailable`."""
        if used.bytes + count > max(self._most_bytes // _SHARE, used.limits.megabytes * 1_000_000):
            raise TooMany("Too many requests of this home wait for their answers.")
        if self.bytes + count > self._most_bytes:
            raise EngineUnavailable("Too many requests wait for their answers.")
        used.bytes += count
        self.bytes += count


class Held:
    """What one request takes."""

    def __init__(self, usage: Usage, used: _HomeUsage) -> None:
        self.bytes = 0
        self._usage = usage
        self._used = used

    @property
    def most_bytes(self) -> int:
        """That it may have."""
        return self._used.limits.megabytes * 1_000_000

    def take(self, count: int) -> None:
        """Counts bytes that were received. Raises `TooLarge`, `TooMany` and `EngineUnavailable`."""
        self.check(self.bytes + count)
        self._usage.take(self._used, count)
        self.bytes += count

    def check(self, count: int) -> None:
        """Raises `TooLarge` if it may not have so many bytes."""
        if count > self.most_bytes:
            megabytes = self.most_bytes // 1_000_000
            raise TooLarge(
                f"A request of this home has at most {megabytes} MB: send a smaller picture."
            )


class CamerasLately:
    """Those that asked something within the last hour."""

    def __init__(self) -> None:
        self._seen: dict[str, float] = {}

    def __contains__(self, camera: str) -> bool:
        return camera in self._seen

    def see(self, camera: str, now: float) -> None:
        """Notes that one asked."""
        self._seen[camera] = now

    def count(self, now: float) -> int:
        """How many they are."""
        gone = [name for name, seen in self._seen.items() if now - seen > _CAMERA_SECONDS]
        for each in gone:
            del self._seen[each]
        return len(self._seen)


class _HomeUsage:
    def __init__(self, limits: Limits, now: float) -> None:
        self.limits = limits
        self.bytes = 0
        self.cameras = CamerasLately()
        self._credit = limits.requests_per_second * _BURST_SECONDS
        self._since = now

    def count_request(self, now: float) -> None:
        rate = self.limits.requests_per_second
        self._credit = min(rate * _BURST_SECONDS, self._credit + (now - self._since) * rate)
        self._since = now
        if self._credit < 1:
            raise TooMany(f"This home may ask {rate} times a second.")
        self._credit -= 1
