"""Identity over frames: which objects a camera sees, from irregular frames of detections."""

from collections.abc import Callable, Iterable, Sequence

from camclassify_core.results import Box, Detection, Result

from .association import associate, hides, is_covered
from .classes import Classes
from .geometry import iou
from .track import Sighting, Track

_REMEMBERED = 12 * 3600.0  # seconds for which a vanished stationary object is
_REPLACED = (
    0.3  # intersection over union with an object that has come to the place of a vanished one
)


class Tracker:
    """Keeps the tracks of one camera.

    A stationary object that vanishes without having been seen to move is remembered as absent: when
    something of its kind is at rest in the same place again, that is it.
    """

    def __init__(self, classes: Classes, tracks: Iterable[Track] = (), next_id: int = 1) -> None:
        """Start with the tracks of before a restart, if any."""
        self.tracks = list(tracks)
        self.next_id = next_id
        self._classes = classes
        self._last_at: float | None = None

    def update(
        self,
        result: Result,
        detections: Sequence[Detection],
        *,
        frame: int,
        monotonic: float,
        wall: float,
        is_strong: Callable[[Detection], bool],
    ) -> None:
        """Take those of a result's detections that are of use; only a strong one can start a track."""
        aspect = result.width / result.height
        since_last = 0.0 if self._last_at is None else monotonic - self._last_at
        self._last_at = monotonic
        pairs = associate(
            self.tracks,
            detections,
            self._classes,
            now=monotonic,
            since_last=since_last,
            aspect=aspect,
        )
        sightings = [
            Sighting(
                frame=frame,
                at=monotonic,
                wall=wall,
                name=each.name,
                score=each.score,
                box=each.box,
            )
            for each in detections
        ]
        boxes = [each.box for each in detections]
        for index, track in enumerate(self.tracks):
            if index in pairs:
                track.see(sightings[pairs[index]], result.regime, aspect)
            elif not hides(boxes, track.place):
                track.miss(monotonic)
        matched = set(pairs.values())
        for index, detection in enumerate(detections):
            if index in matched or not is_strong(detection):
                continue
            root = self._classes.root(detection.name)
            if not is_covered(detection.box, self._boxes_now(root, monotonic)):
                track = Track(self.next_id, root, detection.box, monotonic, self._classes)
                track.see(sightings[index], result.regime, aspect)
                self.tracks.append(track)
                self.next_id += 1
        for track in self.tracks:
            track.decide(monotonic, result.regime)
        self._forget(monotonic)

    def look_away(self) -> None:
        """End the tracks of all that moves; what is stationary is taken to stay."""
        self.tracks = [track for track in self.tracks if track.stationary]

    def _boxes_now(self, root: str, now: float) -> list[Box]:
        return [each.last.box for each in self.tracks if each.root == root and each.last.at == now]

    def _forget(self, now: float) -> None:
        """Drop what was never confirmed, what moved away, and what vanished long ago or was replaced."""
        there = [each for each in self.tracks if each.present and each.confirmed]
        self.tracks = [
            track
            for track in self.tracks
            if (track.present and (track.confirmed or track.agreement.count > 0))
            or (
                track.stationary
                and not track.present
                and now - track.last.at < _REMEMBERED
                and not any(
                    each.root == track.root and iou(each.place, track.anchor) >= _REPLACED
                    for each in there
                )
            )
        ]
