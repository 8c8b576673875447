"""Builds designs, measures them side by side, and compares with what was predicted."""

import contextlib
import functools
import itertools
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from .architecture import networks, resident_networks
from .bench import Loaded, native_runner, reference, write_networks
from .designs import Design, Execution
from .measure import Load, Measurement, Ruler, Run, compare
from .predict import predict, setting_of
from .profile import Profile
from .programs import footprint

_WINDOWS = 3  # of each of the two measurements
_ROUNDS = 6
_PATIENCE = 1.0


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


def verify(
    designs: Sequence[Design], profile: Profile, progress: Callable[[str, float], None]
) -> list[Verdict]:
    """Measures every design, interleaved, twice. Raises ProfileError if the profile cannot tell."""
    predictions = [predict(design, profile) for design in designs]
    ruler = Ruler(reference().run, patience=_PATIENCE)
    loads = [functools.partial(_loaded, design) for design in designs]
    first = _measure(loads, ruler, lambda share: progress("measuring", share / 2))
    second = _measure(loads, ruler, lambda share: progress("measuring again", (1 + share) / 2))
    return [
        Verdict(
            design=predicted.design,
            predicted=predicted.latency_ms / profile.reference_ms,
            measured=measured,
            again=again,
            predicted_mb=predicted.memory_mb,
            measured_mb=_measured_mb(predicted.design),
        )
        for predicted, measured, again in zip(predictions, first, second, strict=True)
    ]


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


@contextlib.contextmanager
def _loaded(design: Design) -> Iterator[Run]:
    """One frame on which every head is wanted, with the design's networks run as it says."""
    setting = setting_of(design)
    loaded = [Loaded(network, setting) for network in networks(design)]
    if design.execution is Execution.PARALLEL and len(loaded) > 1:
        with ThreadPoolExecutor(design.threads) as threads:
            yield lambda: list(threads.map(Loaded.run, loaded))
    else:
        yield functools.partial(_run_all, loaded)


def _run_all(loaded: Sequence[Loaded]) -> None:
    for each in loaded:
        each.run()


def _measure(
    loads: Sequence[Load], ruler: Ruler, progress: Callable[[float], None]
) -> list[Measurement]:
    return compare(loads, ruler, windows=_WINDOWS, rounds=_ROUNDS, progress=progress)


def _measured_mb(design: Design) -> float:
    with tempfile.TemporaryDirectory() as folder:
        files = write_networks(resident_networks(design), design, Path(folder))
        setting = setting_of(design)
        return footprint(files, native_runner(design.runner), setting.threads).memory_mb


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
