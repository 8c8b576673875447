"""Learns what layers cost in a setting, from random networks that are measured for some seconds."""

import itertools
import math
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from camclassify_core.errors import CamClassifyError
from camclassify_core.machine import Machine, caches
from camclassify_core.options import Precision

from .cost_model import CostModel, Counter, Overhead, Sample
from .designs import DesignRunner
from .fused_work import FusedWork
from .layers import Network
from .loaded import Loaded
from .measure import Ruler, timed
from .plain_samples import Profiled, ProfilerCorrection, plain_samples
from .plain_work import PlainWork
from .profile import TWO_SIDED_90, Setting
from .programs import plain_layer_costs
from .random_network import build

_ROUNDS = 6
_FOLDS = 5
_LEAST_NETWORKS = 20  # that a model of layers is fitted to
_LEAST_RUNS = (
    12  # that the factors of another setting are fitted to; few tell little of nine in ten
)
_TAIL_NETWORKS = 3
_TAIL_RUNS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """A setting's model; `error` is its relative standard deviation, `tail` p95 over median latency."""

    model: CostModel
    error: float
    tail: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Observed:
    """A network, the cost of a whole run, and the samples that it gave."""

    network: Network
    whole: float
    samples: tuple[Sample, ...] = ()


type _Fit = Callable[[Sequence[_Observed]], CostModel]


def learn_direct(
    precision: Precision,
    machine: Machine,
    ruler: Ruler,
    seconds: float,
    networks: Iterator[Network],
) -> Learnt:
    """The costs of fused ops, each timed within its network."""
    counter = FusedWork(machine.instruction_set, precision, caches())
    setting = Setting(runner=DesignRunner.DIRECT, precision=precision, threads=1)
    observed = []
    for network in _for_seconds(networks, seconds, _LEAST_NETWORKS):
        loaded = Loaded(network, setting)
        costs = ruler.parts(loaded.op_seconds, _ROUNDS)
        whole = ruler.ratio(loaded.run, _ROUNDS)
        halfway = math.sqrt(whole / sum(costs))
        samples = tuple(
            Sample(work=work, cost=cost * halfway)
            for work, cost in zip(counter.of(network), costs, strict=True)
        )
        observed.append(_Observed(network=network, samples=samples, whole=whole))
    return _learnt(setting, observed, partial(_with_layers, counter, setting))


def learn_plain(
    precision: Precision,
    machine: Machine,
    ruler: Ruler,
    seconds: float,
    networks: Iterator[Network],
) -> Learnt:
    """The costs of plain operators: ONNX Runtime's profiler says how a run is spread over them."""
    counter = PlainWork(machine.instruction_set, precision, caches())
    setting = Setting(runner=DesignRunner.ONNXRUNTIME, precision=precision, threads=1)
    drawn = list(itertools.islice(networks, max(_LEAST_NETWORKS, int(6 * seconds))))
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for index, network in enumerate(drawn):
            files.append(Path(folder, f"{index}.onnx"))
            files[-1].write_bytes(build(network, DesignRunner.ONNXRUNTIME, precision))
        found = plain_layer_costs(
            files,
            rounds=_ROUNDS,
            seconds=seconds / 2,
            least=_LEAST_NETWORKS,
            patience=ruler.patience,
        )
    runs = []
    for network, layers in zip(
        _for_seconds(iter(drawn), seconds / 2, _LEAST_NETWORKS), found, strict=False
    ):
        loaded = Loaded(network, setting)
        loaded.run()
        whole = ruler.ratio(loaded.run, _ROUNDS)
        runs.append(Profiled(network=network, layers=layers, whole=whole))
    correction = ProfilerCorrection.fit(runs)
    observed = [
        _Observed(
            network=run.network,
            samples=tuple(plain_samples(counter, run, correction)),
            whole=run.whole,
        )
        for run in runs
    ]
    return _learnt(setting, observed, partial(_with_layers, counter, setting))


class OverheadLearner:
    """Learns what a setting makes of the costs of the same ops in another one.

    Measures the same networks in several windows, each of which loads them anew: a spell in which all is
    slower, or memory that came to lie badly, is in one of them.
    """

    def __init__(self, setting: Setting, base: Learnt, networks: Iterator[Network]) -> None:
        self._setting = setting
        self._base = base
        self._undrawn = networks
        self._networks: list[Network] = []
        self._ratios: list[list[float]] = []  # of each network, in each window

    def measure(self, ruler: Ruler, seconds: float) -> None:
        """A window; how long the first takes decides how many networks there are in all."""
        if not self._networks:
            for network in _for_seconds(self._undrawn, seconds, _LEAST_RUNS):
                self._networks.append(network)
                self._ratios.append([self._ratio(network, ruler)])
            return
        for network, ratios in zip(self._networks, self._ratios, strict=True):
            ratios.append(self._ratio(network, ruler))

    def learnt(self) -> Learnt:
        """From the median window of each network."""
        observed = [
            _Observed(network=network, whole=statistics.median(ratios))
            for network, ratios in zip(self._networks, self._ratios, strict=True)
        ]
        fit = partial(_with_overhead, self._base.model, self._setting)
        return _learnt(self._setting, observed, fit)

    def _ratio(self, network: Network, ruler: Ruler) -> float:
        loaded = Loaded(network, self._setting)
        loaded.run()
        return ruler.ratio(loaded.run, _ROUNDS)


def _learnt(setting: Setting, observed: Sequence[_Observed], fit: _Fit) -> Learnt:
    return Learnt(
        model=fit(observed),
        error=_left_out(observed, fit),
        tail=_tail(setting, [each.network for each in observed]),
    )


def _with_layers(counter: Counter, setting: Setting, observed: Sequence[_Observed]) -> CostModel:
    """What layers cost, from samples of them."""
    model = CostModel.fit(counter, itertools.chain(*(each.samples for each in observed)))
    return _with_overhead(model, setting, observed)


def _with_overhead(model: CostModel, setting: Setting, observed: Sequence[_Observed]) -> CostModel:
    """The same layers' costs, with what the setting makes of them, from whole runs."""
    runs = [(*_split(model, setting, each.network), each.whole) for each in observed]
    return replace(model, overhead=Overhead.fit(setting.threads, runs))


def _split(model: CostModel, setting: Setting, network: Network) -> tuple[list[int], list[float]]:
    """Into how many parts each work is split, and what it costs in one."""
    works = model.counter.of(network)
    return model.counter.parts(network, setting.threads), model.per_work(works)


def _for_seconds(networks: Iterator[Network], seconds: float, least: int) -> Iterator[Network]:
    """Networks until the time is over, and the least number even if it is."""
    end = time.monotonic() + seconds
    for count, network in enumerate(networks):
        if count >= least and time.monotonic() > end:
            return
        yield network


def _left_out(observed: Sequence[_Observed], fit: _Fit) -> float:
    """The relative error for networks that were left out of the fit."""
    errors: list[float] = []
    for fold in range(_FOLDS):
        model = fit([each for index, each in enumerate(observed) if index % _FOLDS != fold])
        for each in observed[fold::_FOLDS]:
            with suppress(CamClassifyError):  # the only one that has a layer of its kind
                errors.append(math.log(model.cost(each.network) / each.whole))
    return _spread(errors)


def _spread(errors: Sequence[float]) -> float:
    """Standard deviation around zero, from the error that the next one exceeds one time in ten.

    A disturbed sample among many does not count.
    """
    ordered = sorted(abs(error) for error in errors)
    below = min(len(ordered), math.ceil(0.9 * (len(ordered) + 1)))
    return ordered[below - 1] / TWO_SIDED_90


def _tail(setting: Setting, networks: Sequence[Network]) -> float:
    """p95 over median of single runs."""
    relative: list[float] = []
    for network in networks[:_TAIL_NETWORKS]:
        loaded = Loaded(network, setting)
        loaded.run()
        times = [timed(loaded.run) for _ in range(_TAIL_RUNS)]
        middle = statistics.median(times)
        relative += [took / middle for took in times]
    return statistics.quantiles(relative, n=20)[-1]
