"""Identity over frames: which objects a camera sees, from irregular frames of detections."""

from collections.abc import Callable, Iterable, Sequence

from camclassify_core.boxes import iou
from camclassify_core.results import Box, Detection, Regime, Result

from .association import associate, covers, is_covered
from .camera_motion import camera_shift
from .classes import Classes
from .geometry import Point, moved
from .track import Sighting, Track

_REMEMBERED = 12 * 3600.0  # seconds for which a stationary object that vanished is
_WITNESS = 3.0  # seconds at rest that make an object a witness of how the camera moves
_MOST_REMEMBERED = 30
_REPLACED = 0.3  # intersection over union of a vanished object with one that came to its place


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
        found = [(self._classes.root(each.name), each.box) for each in detections]
        dx, dy = self._camera_shift(found, monotonic)
        # A box that is what it was to the last bit was not looked at again, and did not swing along.
        before = {(track.root, track.last.box): track.last.steady for track in self.tracks}
        sightings = [
            Sighting(
                frame=frame,
                at=monotonic,
                wall=wall,
                name=each.name,
                root=root,
                score=each.score,
                box=each.box,
                remembered=each.remembered,
                steady=before.get((root, each.box), moved(each.box, -dx, -dy)),
            )
            for each, (root, _) in zip(detections, found, strict=True)
        ]
        pairs = associate(
            self.tracks, sightings, now=monotonic, since_last=since_last, aspect=aspect
        )
        self._note_seen_and_missed(pairs, sightings, result.regime, now=monotonic, aspect=aspect)
        seen = list(pairs.values())
        for sighting, detection in zip(sightings, detections, strict=True):
            if sighting not in seen and is_strong(detection) and not is_covered(sighting, seen):
                track = Track(
                    self.next_id, sighting.root, sighting.steady, monotonic, self._classes
                )
                track.see(sighting, result.regime, aspect)
                self.tracks.append(track)
                self.next_id += 1
                seen.append(sighting)
        for track in self.tracks:
            track.decide(monotonic, result.regime)
        self._forget(monotonic)

    def _note_seen_and_missed(
        self,
        pairs: dict[Track, Sighting],
        sightings: Sequence[Sighting],
        regime: Regime,
        *,
        now: float,
        aspect: float,
    ) -> None:
        """Tell every track, except those behind something that they were not seen behind before.

        What is not confirmed may be a part of what is in front of it, seen once for an object of its own.
        """
        owners = {id(sighting): track.id for track, sighting in pairs.items()}
        for track in self.tracks:
            in_front = {
                owners.get(id(each))
                for each in sightings
                if each is not pairs.get(track) and covers(each.steady, track.place)
            }
            if track in pairs:
                track.see(pairs[track], regime, aspect)
                track.seen_behind = frozenset(each for each in in_front if each is not None)
            elif in_front <= track.seen_behind or not track.confirmed:
                track.miss(now, regime)
            else:
                track.overlook(now, regime)

    def lose_sight(self) -> None:
        """Keep the tracks while the camera shows another view, but those that may have been a flash."""
        self.tracks = [track for track in self.tracks if track.confirmed]
        for track in self.tracks:
            track.lose_sight()

    def resume(self, now: float, next_id: int) -> None:
        """Go on when the camera shows the view again."""
        self.next_id = next_id
        self._last_at = None
        self.await_again(now)

    def await_again(self, now: float) -> None:
        """Give everything the time again that it has to be seen."""
        for track in self.tracks:
            track.await_again(now)

    def look_away(self) -> None:
        """End the tracks of all that moves; what is stationary is taken to stay."""
        self.tracks = [track for track in self.tracks if track.stationary]

    def _camera_shift(self, found: Sequence[tuple[str, Box]], now: float) -> Point:
        return camera_shift(
            [
                (track.root, track.anchor)
                for track in self.tracks
                if track.present and now - track.rests_since >= _WITNESS
            ],
            found,
        )

    def _forget(self, now: float) -> None:
        """Drop what was never confirmed, what moved away, and what vanished long ago or was replaced."""
        present = [
            track
            for track in self.tracks
            if track.present and (track.confirmed or track.agreement.count > 0)
        ]
        vanished = [
            track
            for track in self.tracks
            if not track.present
            and track.stationary
            and now - track.last.at < _REMEMBERED
            and not any(self._has_replaced(each, track) for each in present)
        ]
        vanished.sort(key=lambda track: track.last.at)
        self.tracks = present + vanished[-_MOST_REMEMBERED:]

    def _has_replaced(self, track: Track, vanished: Track) -> bool:
        return (
            track.confirmed
            and track.root == vanished.root
            and iou(track.place, vanished.place) >= _REPLACED
        )
