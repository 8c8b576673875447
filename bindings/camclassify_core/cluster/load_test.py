"""Whether a planned cluster keeps what was said: as much of it as fits here, under its share of the load."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil, isfinite

import numpy as np

from camclassify_core.native import core
from camclassify_core.planner.capacity import Capacity, Load, fullest, queue
from camclassify_core.planner.fleet import FrameCosts
from camclassify_core.planner.snapshot_costs import street_pixels
from camclassify_core.sample import encode_png

from .local_cluster import local_cluster
from .simulated_cameras import Crowd, Look, Pictures, percentile

_WARM_UP_SECONDS = 10.0
_SECONDS = 60.0
_PERCENTILE = 0.95
_PLACES = 12
_GOLDEN = 0.618  # spreads evenly
_EPISODE = 50  # frames, in some of which something moves


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What was tried here, and what was said of it before; no time where that is more than it can do."""

    cameras: int
    replicas: int
    frames: int
    unanswered: int
    predicted_p95_ms: float | None
    measured_p95_ms: float | None


def try_here(
    planned: Capacity,
    load: Load,
    costs: FrameCosts,
    cores: int,
    progress: Callable[[str, float], None],
) -> Trial:
    """Starts a cluster of as many of the replicas as half of this machine's cores take, and ends it.

    The other half is for those who ask, and for what they ask on the way to the replicas.

    Raises `CamClassifyError` if it does not start.
    """
    replicas = min(max(1, cores // 2), planned.replicas)
    part = replace(load, cameras=ceil(load.cameras * replicas / planned.replicas))
    progress("starting a cluster", 0.0)
    with local_cluster(replicas) as server:
        progress("asking it", 0.2)
        crowd = Crowd(
            cameras=part.cameras, fps=part.fps, pictures=street(part.busy), servers=[server.url]
        )
        looks: list[Look] = []
        asyncio.run(crowd.look(_WARM_UP_SECONDS, lambda _look: None))
        asyncio.run(crowd.look(_SECONDS, looks.append))
        progress("ending it", 1.0)
    predicted = queue(fullest(part.cameras, replicas), costs, part).percentile(_PERCENTILE)
    answered = [each.took for each in looks if each.answer]
    return Trial(
        cameras=part.cameras,
        replicas=replicas,
        frames=len(looks),
        unanswered=len(looks) - len(answered),
        predicted_p95_ms=1000 * predicted if isfinite(predicted) else None,
        measured_p95_ms=1000 * percentile(answered, _PERCENTILE) if answered else None,
    )


def street(busy: float) -> Pictures:
    """1080p pictures as detailed as a street, in which something moves in so large a share of the frames."""
    still = _street(None)
    moving = [_street(place) for place in np.linspace(0.1, 0.8, _PLACES)]

    def picture(camera: int, number: int) -> bytes:
        # Whatever moves does so for some frames, at another time before each camera.
        place = (camera * _GOLDEN + number / _EPISODE) % 1.0
        return moving[(camera + number) % _PLACES] if place < busy else still

    return picture


def _street(place: float | None) -> bytes:
    """A JPEG; with something dark and as large as a car at `place`, from the left (0) to the right (1)."""
    picture = street_pixels()
    if place is not None:
        x, y, width, height = int(place * picture.shape[1]), 500, 260, 160
        picture[y : y + height, x : x + width] //= 3
    return core.draw_boxes(encode_png(picture), [])
