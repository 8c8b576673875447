"""How many of the machine's cores this process may use, and how many of them the engine takes by default."""

import os
from collections.abc import Collection, Iterator
from math import ceil
from pathlib import Path

from .options import MOST_LANES

_ROOT = Path("/")
_LARGE = 0.75  # of the fastest core's speed; the small ones of a pair of kinds reach less


def usable_cores(root: Path = _ROOT, allowed: Collection[int] | None = None) -> int:
    """Cores that the system gives this process: at least 1.

    They are those that it may run on (`allowed`, by default as the system says), and no more than a
    container's quota of processor time is worth, a part of one counting as one. `root`: where /proc and
    /sys are.
    """
    return max(1, min([len(_allowed(allowed)), *map(ceil, _quotas(root))]))


def default_lanes(root: Path = _ROOT, allowed: Collection[int] | None = None) -> int:
    """Half of the usable cores, at least 1, and no more than are large where there are large and small ones.

    Who answers on a small core answers late. Takes what `usable_cores` takes.
    """
    speeds = [_speed(root, core) for core in _allowed(allowed)]
    large = sum(speed >= _LARGE * max(speeds) for speed in speeds)
    return max(1, min(usable_cores(root, allowed) // 2, large, MOST_LANES))


def _allowed(allowed: Collection[int] | None) -> Collection[int]:
    if allowed is not None:
        return allowed
    try:
        return os.sched_getaffinity(0)
    except AttributeError:  # not on Linux
        return range(os.cpu_count() or 1)


def _speed(root: Path, core: int) -> int:
    """Compared with other cores; 0 where the system does not say."""
    folder = root / f"sys/devices/system/cpu/cpu{core}"
    for file in ("cpu_capacity", "cpufreq/cpuinfo_max_freq"):
        if numbers := _numbers(folder / file):
            return numbers[0]
    return 0


def _quotas(root: Path) -> Iterator[float]:
    """Seconds of processor time a second that each control group around this process allows."""
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if controllers and "cpu" not in controllers.split(","):
            continue
        mount = root / "sys/fs/cgroup" / controllers
        inside = Path(path.lstrip("/"))
        for group in {mount, mount / inside, *(mount / each for each in inside.parents)}:
            yield from _quota(group)


def _quota(group: Path) -> Iterator[float]:
    quota = _numbers(group / "cpu.max") or [
        *_numbers(group / "cpu.cfs_quota_us"),
        *_numbers(group / "cpu.cfs_period_us"),
    ]
    if len(quota) == 2 and min(quota) > 0:
        yield quota[0] / quota[1]


def _numbers(file: Path) -> list[int]:
    """Those in a file; none if it is not there, or holds anything else."""
    try:
        return [int(word) for word in _text(file).split()]
    except ValueError:  # "max": no quota
        return []


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii")
    except OSError, ValueError:
        return ""
