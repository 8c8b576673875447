"""What a reader is told, a line of JSON each: first its address, then what is wanted of the stream."""

import json
from dataclasses import asdict, dataclass

from .stream_address import Address


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted of a stream: a frame `every` so many seconds; of the key frames only unless `awake`."""

    awake: bool = False
    every: float = 1.0


def order(of: Address | Wish) -> bytes:
    """A line for a reader's standard input."""
    return json.dumps(asdict(of)).encode() + b"\n"
