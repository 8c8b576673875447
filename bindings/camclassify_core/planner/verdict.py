"""How good predictions are, from what was measured."""

import itertools
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from .designs import Design
from .measure import Measurement


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A design as predicted and as measured.

    Latencies are in runs of the reference network; `again` is a second, independent measurement, whose
    difference from the first says how repeatable measuring is.
    """

    design: Design
    predicted: float
    measured: Measurement
    again: Measurement
    predicted_mb: float
    measured_mb: float

    @property
    def error(self) -> float:
        """Relative error of the predicted latency."""
        return self.predicted / self.measured.ratio - 1

    @property
    def memory_error(self) -> float:
        """Relative error of the predicted memory."""
        return self.predicted_mb / self.measured_mb - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """How good the predictions are, as shares 0..1.

    `bias` is the mean error with its sign, `again_typical` the median difference between the two
    measurements. `ordered_10`: the share of the `pairs_10` pairs of designs that differ by over 10% which is
    ranked right, None without such a pair; `ordered_5`: of those that differ by 5 to 10%.
    """

    within_5: float
    within_10: float
    worst: float
    bias: float
    again_within_5: float
    again_within_10: float
    again_typical: float
    memory_within_5: float
    memory_worst: float
    ordered_5: float | None
    pairs_5: int
    ordered_10: float | None
    pairs_10: int
    fastest_named: bool


def summarise(verdicts: Sequence[Verdict]) -> Summary:
    """The shares that the acceptance of a planner is stated in; there must be a verdict."""
    errors = [abs(each.error) for each in verdicts]
    repeats = [abs(each.again.ratio / each.measured.ratio - 1) for each in verdicts]
    memory_errors = [abs(each.memory_error) for each in verdicts]
    near, far = _pairs(verdicts)
    by_measured = min(verdicts, key=lambda each: each.measured.ratio)
    by_predicted = min(verdicts, key=lambda each: each.predicted)
    return Summary(
        within_5=_share(errors, 0.05),
        within_10=_share(errors, 0.10),
        worst=max(errors),
        bias=statistics.fmean(each.error for each in verdicts),
        again_within_5=_share(repeats, 0.05),
        again_within_10=_share(repeats, 0.10),
        again_typical=statistics.median(repeats),
        memory_within_5=_share(memory_errors, 0.05),
        memory_worst=max(memory_errors),
        ordered_5=statistics.fmean(near) if near else None,
        pairs_5=len(near),
        ordered_10=statistics.fmean(far) if far else None,
        pairs_10=len(far),
        fastest_named=by_measured is by_predicted,
    )


def _share(errors: Sequence[float], limit: float) -> float:
    return sum(error <= limit for error in errors) / len(errors)


def _pairs(verdicts: Sequence[Verdict]) -> tuple[list[bool], list[bool]]:
    """For each pair whether it is ordered right: those that differ by 5 to 10%, those by more."""
    near: list[bool] = []
    far: list[bool] = []
    for left, right in itertools.combinations(verdicts, 2):
        slow, fast = sorted((left, right), key=lambda each: -each.measured.ratio)
        difference = slow.measured.ratio / fast.measured.ratio - 1
        if difference > 0.05:
            (far if difference > 0.10 else near).append(slow.predicted > fast.predicted)
    return near, far
