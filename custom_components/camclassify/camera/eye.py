"""What is asked of the engine about a camera's snapshots: as little as possible, and nothing twice."""

from dataclasses import dataclass, replace
from time import monotonic, time
from typing import NamedTuple, Self

from astral.sun import elevation
from camclassify_core import (
    Box,
    KnownView,
    Polygon,
    Regime,
    Request,
    Result,
    StreamFrame,
    Window,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.sun import get_astral_observer
from homeassistant.util import dt as dt_util

from ..engine.shared import SharedEngine
from ..engine.snapshot import Snapshot
from ..presence import Pacer, Views
from .settings import CameraSettings

LOOK_BACK = 5.0  # seconds
_MEMORY = 20  # frames that the running mean of the time looks back


class Moment(NamedTuple):
    """When a snapshot was taken, in seconds of both clocks; `wall` is Unix time."""

    monotonic: float
    wall: float

    @classmethod
    def of(cls, frame: StreamFrame) -> Self:
        """When a frame of a stream arrived."""
        return cls(frame.taken, time() - (monotonic() - frame.taken))


@dataclass(frozen=True, slots=True)
class Look:
    """A snapshot and what is in it. `frame` is a number that grows by one with each."""

    frame: int
    snapshot: Snapshot
    result: Result
    taken: Moment


class LookedAt(NamedTuple):
    """Parts of a snapshot that were looked at, and what moved there without being of a known class.

    There are none while the change gate is closed.
    """

    windows: tuple[Window, ...]
    proposals: tuple[Box, ...]
    taken: Moment


@dataclass(slots=True)
class Statistics:
    """Figures since the integration was set up; `milliseconds` is a mean, `seconds` the sum."""

    frames: int = 0
    skipped: int = 0
    milliseconds: float = 0.0
    seconds: float = 0.0

    @property
    def skipped_share(self) -> float:
        """Share of the frames that the change gate kept from the networks, 0..1."""
        return self.skipped / self.frames if self.frames else 0.0

    def add(self, result: Result) -> None:
        """Count one frame."""
        self.frames += 1
        self.skipped += not result.changed
        self.seconds += result.timing.total / 1000
        weight = 1 / min(self.frames, _MEMORY)
        self.milliseconds += (result.timing.total - self.milliseconds) * weight


class Eye:
    """Has the snapshots of one camera classified.

    `last`: the look before the next. `looked_at`: of the last look with windows. `forced`: classify the
    next snapshot even if nothing changed. `looks_back`: also classify what was fetched shortly before it.
    """

    def __init__(
        self, hass: HomeAssistant, engine: SharedEngine, camera: str, pacer: Pacer
    ) -> None:
        """Ask nothing yet."""
        self.last: Look | None = None
        self.looked_at: LookedAt | None = None
        self.forced = False
        self.looks_back = False
        self.statistics = Statistics()
        self._hass = hass
        self._engine = engine
        self._camera = camera
        self._pacer = pacer
        self._is_known = False

    @property
    def regime(self) -> Regime:
        """The lighting condition of the last look."""
        return self.last.result.regime if self.last else Regime.DAY

    def begin_anew(self) -> None:
        """Take nothing for known: what is asked of the engine has changed."""
        self._is_known = False
        self.forced = True

    def missed(self, newest: Snapshot, now: Moment) -> Look | None:
        """Return, once after a wake-up, the look before it if the change gate kept it from the networks."""
        if not self.looks_back:
            return None
        self.looks_back = False
        self.forced = True
        last = self.last
        if last is None or self._is_known or last.snapshot == newest:
            return None
        return last if now.monotonic - last.taken.monotonic <= LOOK_BACK else None

    async def async_look(
        self,
        snapshot: Snapshot,
        taken: Moment,
        settings: CameraSettings,
        min_score: float,
        views: Views,
    ) -> Look:
        """Look at a snapshot; of a stream, at the newest frame. Raises CamClassifyError."""
        forced, self.forced = self.forced, False
        last = self.last
        # The engine may still be searching a picture that stands still: it is asked until it is done.
        is_same = last is not None and snapshot == last.snapshot
        if last and is_same and not last.result.changed and (self._is_known or not forced):
            appearance = last.result.appearance
            result = replace(
                last.result,
                changed=False,
                windows=(),
                view=None,
                appearance=replace(appearance, differing=0.0) if appearance else None,
            )
            self._pacer.looked(monotonic(), changed=False, cost=0.0)
        else:
            try:
                request = self._request(settings, min_score, views, use_gate=not forced)
                result = await self._engine.client.classify(snapshot, request)
            except BaseException:
                self.forced |= forced
                raise
            if result.frame:
                snapshot, taken = result.frame, Moment.of(result.frame)
            self._is_known = forced or result.changed or (is_same and self._is_known)
            self.statistics.add(result)
            cost = result.timing.total / 1000
            self._pacer.looked(monotonic(), changed=result.changed, cost=cost)
        if result.windows:
            self.looked_at = LookedAt(result.windows, result.proposals, taken)
        self.last = Look(last.frame + 1 if last else 1, snapshot, result, taken)
        return self.last

    def _request(
        self,
        settings: CameraSettings,
        min_score: float,
        views: Views,
        *,
        use_gate: bool,
    ) -> Request:
        def regions(view: bytes | None) -> tuple[Box, ...]:
            zones = settings.drawn_zones
            return tuple(each.polygon.bounds for each in zones if views.bound_to(each.view) == view)

        def masks(view: bytes | None) -> tuple[Polygon, ...]:
            return tuple(
                each.polygon.points for each in settings.masks if views.bound_to(each.view) == view
            )

        return Request(
            camera=self._camera,
            sun_elevation=sun_elevation(self._hass),
            regions=regions(None),
            masks=masks(None),
            use_gate=use_gate,
            min_score=min_score,
            effort=self._pacer.effort,
            views=tuple(
                KnownView(likeness=each, regions=regions(each), masks=masks(each))
                for each in views.known.values()
            ),
        )


def sun_elevation(hass: HomeAssistant) -> float:
    """Return where the sun stands at home: degrees above the horizon, below it if negative."""
    return float(elevation(get_astral_observer(hass), dt_util.utcnow()))
