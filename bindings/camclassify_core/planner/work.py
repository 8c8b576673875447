"""Counted work: what the physics of a cost model multiplies with what each piece takes."""

import math
from collections import defaultdict
from dataclasses import dataclass

type Counts = defaultdict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One thing that runs by itself: a fused op, or a plain operator.

    `layer` is the index of that which it belongs to. `group` names those that share a model, `counts` how
    often each piece of work is done, and `shape` where it lies between others, in units of the distance over
    which costs are alike. Counts are scaled such that a piece takes about as long as others of its group.
    """

    layer: int
    group: str
    counts: dict[str, float]
    shape: tuple[float, ...]


def beyond(size: float, cache: int) -> float:
    """The share of `size` bytes, read again and again, that `cache` does not keep.

    0 at half of the cache, 1 at 1.4 times, smooth because other data takes a part of it.
    """
    return min(1.0, max(0.0, (math.log2(max(size, 1) / cache) + 1) / 1.5))
