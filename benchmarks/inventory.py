"""What a home holds, and what of it may grow."""

from collections.abc import Sequence
from dataclasses import dataclass

KEPT_SNAPSHOTS = 500
_MOST_DATABASE_MB = 2 * 16  # Home Assistant allows each connection's page cache 16 MiB
_MOST_UNUSED_MB = 40  # two days with twenty cameras and faults ended with 35 and 38
_IN_FLIGHT = 5  # what happens to be going on at the moment of counting
_STORES = 10  # Home Assistant's and our own storage files that come into being later
_STATES_AT_FIRST = 12  # a camera: from unknown to known
_STATES_AN_HOUR = 80  # the processor sensor once a minute, the sun ...
_STATES_A_CAMERA = (
    26  # an hour: Home Assistant changes the token of camera and image every 5 minutes
)
_STATES_A_VISIT = (
    12  # presence on and off in zone and picture, arrival, departure, last seen, image
)
_STATES_A_FAULT = 40  # all entities of a camera unavailable, and back
_EVENTS_AN_HOUR = 60
_EVENTS_A_VISIT = 4  # arrived and left, and as much for a car


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """What the home holds at one moment."""

    memory_mb: float
    database_mb: float  # of it, what SQLite holds: its page cache follows the recorder's database
    unused_mb: float  # of it, what the C library's allocator keeps between what is in use
    worker_mb: float
    objects: int  # that Python's garbage collector tracks
    tasks: int
    threads: int
    descriptors: int
    files: int  # in the configuration folder
    states: int  # rows in the recorder's database
    events: int


def faults(
    inventories: Sequence[Inventory], cameras: int, visits: int, failed: int = 0
) -> list[str]:
    """Say what grew that should not have, given one inventory an hour from the start.

    `visits`: how often a day somebody passes each camera. `failed`: how many faults were put in.
    """
    settled, end = inventories[len(inventories) // 4], inventories[-1]
    hours = len(inventories) - 1
    limits = {
        "memory_mb": 1.05 * settled.memory_mb + end.database_mb - settled.database_mb,
        "database_mb": _MOST_DATABASE_MB,
        "unused_mb": _MOST_UNUSED_MB,
        "worker_mb": 1.05 * settled.worker_mb,
        "objects": 1.03 * settled.objects,
        "tasks": settled.tasks + _IN_FLIGHT,
        "threads": settled.threads + _IN_FLIGHT,
        "descriptors": settled.descriptors + _IN_FLIGHT,
        "files": inventories[0].files + 2 * KEPT_SNAPSHOTS + _STORES,
        "states": inventories[0].states
        + cameras * _STATES_AT_FIRST
        + failed * _STATES_A_FAULT
        + hours * (_STATES_AN_HOUR + cameras * (_STATES_A_CAMERA + visits / 24 * _STATES_A_VISIT)),
        "events": inventories[0].events
        + hours * (_EVENTS_AN_HOUR + cameras * visits / 24 * _EVENTS_A_VISIT),
    }
    return [
        f"{name} is {getattr(end, name):.5g}, more than {limit:.5g}"
        for name, limit in limits.items()
        if getattr(end, name) > limit
    ]
