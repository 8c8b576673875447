"""Builds designs, and measures them side by side with what was predicted."""

import contextlib
import functools
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from camclassify_core.progress import Progress

from .architecture import networks, resident_networks
from .designs import Design, Execution
from .loaded import Loaded, native_runner, reference, write_networks
from .measure import Load, Measurement, Ruler, Run, compare
from .predict import predict, setting_of
from .profile import Profile
from .programs import footprint
from .verdict import Verdict

_WINDOWS = 3  # of each of the two measurements
_ROUNDS = 6
_PATIENCE = 0.5


def verify(designs: Sequence[Design], profile: Profile, progress: Progress) -> list[Verdict]:
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
