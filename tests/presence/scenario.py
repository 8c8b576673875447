"""A camera whose scene the tests write down frame by frame."""

import json
from collections.abc import Iterable
from dataclasses import replace

from camclassify_core.results import (
    LIKENESS_BYTES,
    Box,
    ClassInfo,
    Detection,
    Regime,
    Result,
    Timing,
    View,
)

from custom_components.camclassify.presence import (
    CameraPresence,
    Mask,
    Transition,
    TransitionKind,
    Update,
    Zone,
)
from custom_components.camclassify.presence.storage import Stored

PARENTS = {
    "person": (),
    "vehicle": (),
    "animal": (),
    "car": ("vehicle",),
    "delivery_truck": ("vehicle",),
    "dog": ("animal",),
}
CLASSES = tuple(
    ClassInfo(
        name=name,
        parents=parents,
        on_by_default=True,
        threshold={Regime.DAY: 0.45, Regime.DUSK: 0.45, Regime.NIGHT: 0.55},
    )
    for name, parents in PARENTS.items()
)
EVERY_CLASS = frozenset(PARENTS)
EVERYWHERE = Zone(id="everywhere", name="Everywhere", classes=EVERY_CLASS)
NO_TIME = Timing(decode=0, gate=0, scene=0, object=0, total=0)


def seen(
    name: str, x: float, y: float, *, score: float = 0.8, width: float = 0.06, height: float = 0.2
) -> Detection:
    """Return a detection whose foot point is at (x, y)."""
    box = Box(x0=x - width / 2, y0=y - height, x1=x + width / 2, y1=y)
    return Detection(name=name, score=score, box=box)


def parked(name: str = "car", *, x: float = 0.7, score: float = 0.8) -> Detection:
    """Return a vehicle in its place."""
    return seen(name, x, 0.5, width=0.2, height=0.15, score=score)


class Camera:
    """Feeds frames to a CameraPresence and remembers what it reported."""

    def __init__(
        self,
        *,
        fps: float = 5.0,
        zones: Iterable[Zone] = (EVERYWHERE,),
        masks: Iterable[Mask] = (),
    ) -> None:
        self.step = 1 / fps
        self.now = 1000.0
        self.wall = 1_700_000_000.0
        self.frame = 0
        self.regime = Regime.DAY
        self.zones = tuple(zones)
        self.masks = tuple(masks)
        self.shows = 0  # another number is another view, as unlike it as can be
        self.showed: int | None = None
        self.transitions: list[Transition] = []
        self.update = Update()
        self.presence = CameraPresence(CLASSES)
        self.presence.configure(self.zones, self.masks)

    def look(self, *detections: Detection, changed: bool = True) -> Update:
        """Take one frame."""
        self.frame += 1
        self.pass_time(self.step)
        result = Result(
            width=1600,
            height=900,
            regime=self.regime,
            changed=changed,
            detections=detections,
            timing=NO_TIME,
            view=self._view(),
        )
        self.update = self.presence.update(
            result, frame=self.frame, monotonic=self.now, wall=self.wall
        )
        self.transitions.extend(self.update.transitions)
        return self.update

    def _view(self) -> View:
        likeness = bytes([self.shows]) * LIKENESS_BYTES
        known = list(self.presence.views.known.values())
        moved = self.showed not in (None, self.shows)
        self.showed = self.shows
        return View(
            known=known.index(likeness) if likeness in known else None,
            moved=moved,
            likeness=likeness,
        )

    def turn(self, view: int) -> None:
        """Turn the camera by a quarter of a second of other pictures."""
        for passing in (200, 201):
            self.shows = passing
            self.look()
        self.shows = view

    def watch(self, seconds: float, *detections: Detection, changed: bool = True) -> None:
        """Take frames of a scene in which nothing moves."""
        for _ in range(max(1, round(seconds / self.step))):
            self.look(*detections, changed=changed)

    def walk(
        self,
        name: str,
        start: tuple[float, float],
        end: tuple[float, float],
        seconds: float,
        *others: Detection,
    ) -> None:
        """Take frames of something that moves in a straight line."""
        frames = max(2, round(seconds / self.step))
        for each in range(frames):
            part = each / (frames - 1)
            x = start[0] + part * (end[0] - start[0])
            y = start[1] + part * (end[1] - start[1])
            self.look(seen(name, x, y), *others)

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self.wall += seconds

    def restart(self, *, after: float) -> None:
        """Stop and start again: what is kept goes through JSON, and the monotonic clock starts anew."""
        stored: Stored = json.loads(json.dumps(self.presence.to_json()))
        self.wall += after
        self.now = 50.0
        self.showed = None
        self.presence = CameraPresence(CLASSES, stored)
        self.presence.configure(self.zones, self.masks)

    def reported(self, kind: TransitionKind) -> list[str]:
        return [each.name for each in self.transitions if each.kind is kind]

    @property
    def arrived(self) -> list[str]:
        return self.reported(TransitionKind.ARRIVED)

    @property
    def left(self) -> list[str]:
        return self.reported(TransitionKind.LEFT)

    def is_present(self, name: str, zone: str = "everywhere") -> bool:
        return self.update.present(zone, name)


def dimmed(detection: Detection, score: float) -> Detection:
    """Return the same detection with another score."""
    return replace(detection, score=score)
