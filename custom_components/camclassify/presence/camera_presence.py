"""Presence: from the detections of one camera to who is in which zone."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from math import inf

from camclassify_core.results import ClassInfo, Detection, Regime, Result, View

from .camera_views import ViewId, Views
from .classes import Classes
from .geometry import centre, foot
from .stay import Stay, Watch
from .storage import Stored, StoredTrack, dump, dump_views, load, load_views
from .thresholds import ByRegime, Thresholds
from .track import Track
from .tracker import Tracker
from .transitions import SeenTrack, Transition, TransitionKind, Update
from .zone import Mask, Zone

_HYSTERESIS = 0.15  # below its threshold, a detection still counts for an object that is known


class CameraPresence:
    """Follows the objects of one camera and says when they come into zones and leave them.

    Feed every result in the order of the snapshots. Nothing here reads a clock.
    """

    def __init__(self, classes: Iterable[ClassInfo], stored: Stored | None = None) -> None:
        """Start with nobody there, or with what `stored` (of `to_json`) says was there."""
        self.classes = tuple(classes)
        self._hierarchy = Classes(self.classes)
        self._watches: dict[str, Watch] = {}
        self._masks: tuple[Mask, ...] = ()
        self._stays: dict[tuple[int, str], Stay] = {}
        self.views = load_views(stored) if stored else Views()
        self._trackers: dict[ViewId, Tracker] = {}
        self._stored = stored
        self._regime = Regime.DAY

    def configure(
        self,
        zones: Iterable[Zone],
        masks: Iterable[Mask] = (),
        thresholds: Mapping[str, ByRegime] | None = None,
    ) -> None:
        """Apply zones, masks and the camera's own thresholds; takes effect with the next frame.

        Objects keep their identity. What is in a new or redrawn zone already is present there without
        having arrived, and what a zone no longer holds has not left.
        """
        camera = Thresholds.of_bundle(self.classes).under(thresholds or {})
        self._masks = tuple(masks)
        self._watches = {
            zone.id: Watch(zone, camera.under(zone.thresholds), self._hierarchy) for zone in zones
        }
        drawn_in = [watch.zone.view for watch in self._watches.values()]
        drawn_in += [mask.view for mask in self._masks]
        for forgotten in self.views.keep(each for each in drawn_in if each):
            self._trackers.pop(forgotten, None)
        before, self._stays = self._stays, {}
        for view, tracker in self._trackers.items():
            for track in tracker.tracks:
                for watch in self._watches_in(view):
                    key = (track.id, watch.zone.id)
                    self._stays[key] = Stay(track, watch)
                    self._stays[key].seat(before.get(key), self._regime)

    def forget_votes(self) -> None:
        """Have what each object is found out anew: what was thought before something was taught is void."""
        for tracker in self._trackers.values():
            for track in tracker.tracks:
                track.votes.clear()
        if self._stored:
            tracks = [StoredTrack(**{**each, "votes": []}) for each in self._stored["tracks"]]
            self._stored = Stored(**{**self._stored, "tracks": tracks})

    def min_score(self, regime: Regime) -> float:
        """Return the score down to which detections are of use: ask the engine for these.

        A little below the lowest threshold, because an object that is known to be there stays there on
        weaker evidence than it needed to arrive. 1 if no zone looks for anything.
        """
        thresholds = [self._threshold(info.name, regime) for info in self.classes]
        return min(1.0, max(0.0, min(thresholds, default=1.0) - _HYSTERESIS))

    def update(self, result: Result, *, frame: int, monotonic: float, wall: float) -> Update:
        """Take the answer to a snapshot.

        `frame` is a number that grows by one or more with each snapshot; `monotonic` (seconds) is when
        the snapshot was taken, `wall` the same moment in Unix time.
        """
        if self._stored is not None:
            self._restore(self._stored, monotonic, wall)
        self._regime = result.regime
        self._follow(result.view, monotonic)
        if self.views.in_doubt:
            return self._report(monotonic)
        self._tracker.update(
            result,
            [each for each in result.detections if self._is_usable(each, result.regime)],
            frame=frame,
            monotonic=monotonic,
            wall=wall,
            is_strong=lambda each: each.score >= self._threshold(each.name, result.regime),
        )
        return self._report(monotonic)

    def resume(self, *, monotonic: float) -> None:
        """Go on after a while without answers: what is not seen at once has not left meanwhile.

        An engine that has forgotten the camera needs some looks to report what stands still.
        """
        self._tracker.await_again(monotonic)

    def look_away(self, *, monotonic: float) -> Update:
        """Let what moves leave at once: for a camera that will not be looked at for a while."""
        self._tracker.look_away()
        return self._report(monotonic)

    def to_json(self, untold: Iterable[Transition] = ()) -> Stored:
        """Return what has to outlive a restart, as JSON values.

        `untold`: what nobody was told of. Those arrivals come again after the restart.
        """
        if self._stored is not None:
            return self._stored
        unreported = {
            (each.track, each.zone, each.name)
            for each in untold
            if each.kind is TransitionKind.ARRIVED
        }
        return {
            "next_id": self._tracker.next_id,
            "tracks": [
                dump(
                    track,
                    view,
                    {
                        zone: [
                            name
                            for name in sorted(stay.reported)
                            if (number, zone, name) not in unreported
                        ]
                        for (number, zone), stay in self._stays.items()
                        if number == track.id and stay.inside
                    },
                )
                for view, tracker in self._trackers.items()
                if view is not None
                for track in tracker.tracks
                if track.confirmed
            ],
            "view": self.views.current,
            "views": dump_views(self.views),
            "turns": self.views.turns,
        }

    @property
    def _tracker(self) -> Tracker:
        """Return that of the view which the camera shows."""
        return self._trackers.setdefault(self.views.current, Tracker(self._hierarchy))

    def _all_tracks(self) -> Iterator[Track]:
        for tracker in self._trackers.values():
            yield from tracker.tracks

    def _watches_in(self, view: ViewId) -> Iterator[Watch]:
        """Yield those of the zones that hold in a view."""
        for watch in self._watches.values():
            if self.views.holds(watch.zone.view, view):
                yield watch

    def _follow(self, seen: View | None, now: float) -> None:
        """Turn to the view that the camera shows; what is in the one it left is out of view."""
        before, left = self.views.current, self._tracker
        turned_ever = self.views.turns
        for forgotten in self.views.follow(seen, self._regime):
            self._trackers.pop(forgotten, None)
        if self.views.turns and not turned_ever:
            self._drop_stays_elsewhere()
        if self.views.current == before:
            return
        left.lose_sight()
        for track in left.tracks:
            for watch in self._watches.values():
                if stay := self._stays.get((track.id, watch.zone.id)):
                    stay.lose_sight()
        if before is None:
            del self._trackers[before]
        self._tracker.resume(now, left.next_id)

    def _drop_stays_elsewhere(self) -> None:
        """Forget who was in zones that turn out to belong to another view."""
        held = {
            (track.id, watch.zone.id)
            for view, tracker in self._trackers.items()
            for track in tracker.tracks
            for watch in self._watches_in(view)
        }
        self._stays = {key: stay for key, stay in self._stays.items() if key in held}

    def _restore(self, stored: Stored, monotonic: float, wall: float) -> None:
        """Take up what was stored, now that a frame tells the time."""
        self._stored = None
        tracks = [load(each, self._hierarchy, monotonic, wall) for each in stored["tracks"]]
        for view in {self.views.current, *(each["view"] for each in stored["tracks"])}:
            there = [
                track
                for track, each in zip(tracks, stored["tracks"], strict=True)
                if each["view"] == view
            ]
            self._trackers[view] = Tracker(self._hierarchy, there, stored["next_id"])
            if view != self.views.current:
                self._trackers[view].lose_sight()
        for track, each in zip(tracks, stored["tracks"], strict=True):
            for watch in self._watches.values():
                stay = self._stays[track.id, watch.zone.id] = Stay(track, watch)
                if (reported := each["zones"].get(watch.zone.id)) is not None:
                    stay.take_up(reported)

    def _is_usable(self, detection: Detection, regime: Regime) -> bool:
        box = detection.box
        return detection.score >= self._threshold(detection.name, regime) - _HYSTERESIS and not any(
            mask.polygon.contains(foot(box)) or mask.polygon.contains(centre(box))
            for mask in self._masks
            if self.views.holds(mask.view, self.views.current)
        )

    def _threshold(self, name: str, regime: Regime) -> float:
        """Return the lowest score at which a detection counts in some zone; infinite if in none."""
        return min((watch.threshold(name, regime) for watch in self._watches.values()), default=inf)

    def _report(self, now: float) -> Update:
        tracks = {track.id: track for track in self._tracker.tracks}
        known = {track.id for track in self._all_tracks()}
        transitions: list[Transition] = []
        for key in [key for key in self._stays if key[0] not in known]:
            transitions.extend(self._stays.pop(key).end())
        for track in tracks.values():
            for watch in self._watches_in(self.views.current):
                key = (track.id, watch.zone.id)
                stay = self._stays.setdefault(key, Stay(track, watch))
                transitions.extend(stay.update(now, self._regime))
        counts = {
            zone: Counter(
                name
                for (_, there), stay in self._stays.items()
                if there == zone
                for name in stay.here
            )
            for zone in self._watches
        }
        return Update(
            transitions=tuple(transitions),
            counts=counts,
            tracks=tuple(self._seen(track, now) for track in tracks.values() if track.is_there),
            keep=frozenset(
                each.frame
                for track in tracks.values()
                if track.present
                for each in track.sightings
                if each.frame is not None
            ),
        )

    def _seen(self, track: Track, now: float) -> SeenTrack:
        return SeenTrack(
            id=track.id,
            name=track.name,
            sure=track.sure,
            score=track.score(track.name),
            box=track.last.box,
            stationary=track.stationary,
            visible=track.last.at == now,
            zones=frozenset(
                zone
                for (number, zone), stay in self._stays.items()
                if number == track.id and stay.here
            ),
        )
