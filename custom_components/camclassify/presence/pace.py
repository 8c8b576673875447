"""When to look at each camera next, within one CPU budget. Pure arithmetic: times come from the caller."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

_COST_MEMORY = 0.2  # weight of the newest cost in the running mean
_LEAST_EFFORT = 0.25  # below which looking at less saves little
_SPARE, _RECOVER = 0.85, 1.05  # by which the effort changes from look to look


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often one camera is looked at, in seconds."""

    idle: float = 5.0  # between looks at a static scene
    alert: float = 0.2  # between looks while something happens
    alert_for: float = 10.0  # how long that lasts after the last sign of it
    only_when_woken: bool = False  # never look unless a linked sensor said so


class Pacer:
    """The pace of one camera: slow on a static scene, fast for a while when something happens.

    Costs are seconds of CPU time a look.
    """

    def __init__(self, pace: Pace) -> None:
        """Start idle."""
        self.pace = pace
        self.cost = 0.0
        self.effort = 1.0  # of a look, 0..1
        self._alert_until = -inf
        self._sensor_on = False

    def wake(self, now: float) -> None:
        """Note that a linked sensor turned on: look at once."""
        self._sensor_on = True
        self._alert_until = now + self.pace.alert_for

    def linger(self, now: float) -> None:
        """Note that what a sensor told of is still to come."""
        self._alert_until = max(self._alert_until, now + self.pace.alert_for)

    def rest(self, now: float) -> None:
        """Note that all linked sensors are off: calm down after a while."""
        if self._sensor_on:
            self._alert_until = now + self.pace.alert_for
        self._sensor_on = False

    def looked(self, now: float, *, changed: bool, cost: float) -> None:
        """Note the outcome of a look: whether the gate was open, and what the look cost."""
        self.cost += (cost - self.cost) * (_COST_MEMORY if self.cost else 1.0)
        if changed and (not self.pace.only_when_woken or self.is_alert(now)):
            self._alert_until = max(self._alert_until, now + self.pace.alert_for)

    def wait(self, wanted: float | None, granted: float | None) -> None:
        """Note how long the camera has to wait for its next look, and how long it wanted to.

        While the budget does not allow what is wanted, less effort goes into each look; the rate falls only
        as long as that is not enough.
        """
        held_back = wanted is not None and granted is not None and granted > wanted
        change = _SPARE if held_back else _RECOVER
        self.effort = min(1.0, max(_LEAST_EFFORT, self.effort * change))

    def is_alert(self, now: float) -> bool:
        """Tell whether something happened lately."""
        return self._sensor_on or now < self._alert_until

    def interval(self, now: float) -> float | None:
        """Return the seconds wanted between looks; None: not before a sensor wakes the camera."""
        if self.is_alert(now):
            return self.pace.alert
        return None if self.pace.only_when_woken else self.pace.idle


def share_fairly(demands: Mapping[str, float], budget: float) -> dict[str, float]:
    """Divide a budget by max-min fairness (Bertsekas and Gallager, Data Networks, 6.5.2).

    Whoever asks for less than an equal share gets all of it; the rest is divided equally among the others.
    """
    granted: dict[str, float] = {}
    left = budget
    for count, (key, demand) in enumerate(sorted(demands.items(), key=lambda item: item[1])):
        granted[key] = min(demand, left / (len(demands) - count))
        left -= granted[key]
    return granted


def intervals(cameras: Mapping[str, Pacer], now: float, budget: float) -> dict[str, float | None]:
    """Return the seconds between looks per camera such that all together stay within the budget.

    `budget` is CPU seconds a second (0.5: half a core).
    """
    wanted = {key: pacer.interval(now) for key, pacer in cameras.items()}
    demands = {key: cameras[key].cost / every for key, every in wanted.items() if every}
    granted = share_fairly(demands, budget)
    return {
        key: every if not demands.get(key) else every * demands[key] / granted[key]
        for key, every in wanted.items()
        if every is not None
    } | {key: None for key, every in wanted.items() if every is None}
