"""Measures this machine once, so that designs can be predicted on it."""

import itertools
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from camclassify_core.cores import usable_cores
from camclassify_core.machine import Machine, caches
from camclassify_core.native import core
from camclassify_core.progress import Progress

from .designs import PRECISIONS, DesignRunner
from .learn import Learnt, OverheadLearner, learn_direct, learn_plain
from .loaded import Loaded, reference
from .measure import Ruler, timed
from .memory import weigh
from .profile import Costs, Profile, Setting
from .sampling import calibration_networks
from .snapshot_costs import snapshot_costs

_PAUSE_SECONDS = 1 / 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How many seconds go into what.

    `fused` and `plain`: the costs of fused ops and of plain operators, for each precision; `overhead`: what
    another way of running them makes of that, in so many `windows`. `footprints` sets of networks are
    weighed, each in a fresh process. `patience` is how many seconds a measurement waits for quiet,
    `most_macs` the multiply-adds of the largest networks.
    """

    fused: float
    plain: float
    overhead: float
    windows: int
    footprints: int
    patience: float
    most_macs: float
    threads: tuple[int, ...]
    seed: int = 1


THOROUGH = Effort(
    fused=60,
    plain=90,
    overhead=24,
    windows=3,
    footprints=8,
    patience=1.0,
    most_macs=1.5e9,
    threads=(1, 2),
)
QUICK = Effort(
    fused=5,
    plain=5,
    overhead=1.5,
    windows=1,
    footprints=4,
    patience=0.2,
    most_macs=2.5e8,
    threads=(1,),
)


def calibrate(machine: Machine, effort: Effort, *, quick: bool, progress: Progress) -> Profile:
    """Measures every setting on this machine; those in ONNX Runtime where it is installed."""
    known = reference()
    ruler = Ruler(known.run, patience=effort.patience)
    settings = [
        Setting(runner=runner, precision=precision, threads=threads)
        for threads in effort.threads
        if threads <= usable_cores()
        for precision in PRECISIONS
        for runner in _runners()
    ]
    learnt = _learn(
        settings, effort, machine, ruler, lambda said, share: progress(said, 0.8 * share)
    )
    costs = {}
    for done, setting in enumerate(settings):
        progress(f"weighing {setting}", 0.8 + 0.2 * done / len(settings))
        memory, load_ms = weigh(setting, effort.footprints, effort.seed)
        costs[setting] = Costs(
            model=learnt[setting].model,
            memory=memory,
            error=learnt[setting].error,
            tail=learnt[setting].tail,
            load_ms=load_ms,
        )
    snapshot = snapshot_costs()
    return Profile(
        machine=machine,
        quick=quick,
        reference_ms=ruler.seconds * 1e3,
        pause=_pause(known),
        decode_ms=snapshot.decode_ms,
        gate_ms=snapshot.gate_ms,
        gate_look_ms=snapshot.gate_look_ms,
        caches=caches(),
        costs=costs,
    )


def _runners() -> list[DesignRunner]:
    runners = [DesignRunner.DIRECT]
    if core.onnxruntime_status().available:
        runners.append(DesignRunner.FUSED)
    if find_spec("onnxruntime"):  # whose own profiler tells what plain operators take
        runners.append(DesignRunner.ONNXRUNTIME)
    return runners


def _learn(
    settings: Sequence[Setting],
    effort: Effort,
    machine: Machine,
    ruler: Ruler,
    progress: Progress,
) -> dict[Setting, Learnt]:
    """What costs in each setting: its layers, or what it makes of the costs in another one.

    Of those that are compared, a window each in turn: what slows one window is over in the next.
    """
    bases = [setting for setting in settings if setting == _base(setting)]
    steps = len(bases) + effort.windows * (len(settings) - len(bases))
    learnt: dict[Setting, Learnt] = {}
    for done, setting in enumerate(bases):
        progress(f"measuring {setting}", done / steps)
        plain = setting.runner is DesignRunner.ONNXRUNTIME
        learn, seconds = (learn_plain, effort.plain) if plain else (learn_direct, effort.fused)
        networks = calibration_networks(effort.seed, effort.most_macs)
        learnt[setting] = learn(setting.precision, machine, ruler, seconds, networks)
    learners = {
        setting: OverheadLearner(
            setting,
            learnt[_base(setting)],
            calibration_networks(effort.seed + 1, effort.most_macs),
        )
        for setting in settings
        if setting not in learnt
    }
    windows = itertools.product(range(effort.windows), learners.items())
    for done, (_window, (setting, learner)) in enumerate(windows, len(bases)):
        progress(f"measuring {setting}", done / steps)
        learner.measure(ruler, effort.overhead / effort.windows)
    return learnt | {setting: learner.learnt() for setting, learner in learners.items()}


def _base(setting: Setting) -> Setting:
    """The setting whose layers' costs it takes."""
    plain = setting.runner is DesignRunner.ONNXRUNTIME
    return Setting(
        runner=DesignRunner.ONNXRUNTIME if plain else DesignRunner.DIRECT,
        precision=setting.precision,
        threads=1,
    )


def _pause(known: Loaded) -> float:
    """How much longer a run takes after a pause, when caches and clocks have cooled down."""
    tight = statistics.median(timed(known.run) for _ in range(60))
    paced: list[float] = []
    for _ in range(15):
        time.sleep(_PAUSE_SECONDS)
        paced.append(timed(known.run))
    return max(1.0, statistics.median(paced) / tight)
