"""What a crowd of cameras saw of a cluster."""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from threading import Thread

from camclassify_core.cluster.simulated_cameras import Crowd, Look, percentile


class Watched:
    """A crowd that looks in the background, while something is done to what it asks."""

    def __init__(self, crowd: Crowd, seconds: float) -> None:
        self.looks: list[Look] = []
        self._thread = Thread(target=lambda: asyncio.run(crowd.look(seconds, self.looks.append)))
        self._thread.start()

    def join(self) -> list[Look]:
        self._thread.join()
        return self.looks


def failures(looks: Sequence[Look]) -> dict[int, list[Look]]:
    """The frames of each camera that got no answer."""
    found = defaultdict(list)
    for each in looks:
        if not each.answer:
            found[each.camera].append(each)
    return found


def silence(looks: Sequence[Look], since: float) -> float:
    """Seconds from `since` until the last frame that failed was asked, or was waited for too long."""
    return max((each.asked + each.took - since for each in looks if not each.answer), default=0.0)


def p95_ms(looks: Sequence[Look]) -> float:
    return 1000 * percentile([each.took for each in looks if each.answer], 0.95)


def fresh(looks: Sequence[Look]) -> dict[int, list[bool]]:
    """Of each camera: which of its answers came from where nothing of it was remembered."""
    found: dict[int, list[bool]] = defaultdict(list)
    for each in sorted(looks, key=lambda look: look.asked):
        if each.answer:
            appearance = json.loads(str(each.answer.parameters["appearance"]))
            found[each.camera].append(appearance["differing"] == 1)
    return found


def told(looks: Sequence[Look], killed: float) -> str:
    """What happened to a crowd since something was killed."""
    lost = [each for each in looks if not each.answer]
    return (
        f"silence {silence(looks, killed):.1f} s, {len(lost)} frames lost by {len(failures(looks))} cameras"
        f" {dict(Counter(each.error[:90] for each in lost))},"
        f" {sum(map(any, fresh(looks).values()))} began anew, p95 {p95_ms(looks):.0f} ms"
    )
