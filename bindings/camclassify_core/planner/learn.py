"""Learns what layers cost in a setting, from random networks that are measured for some seconds."""

import itertools
import math
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .bench import Loaded
from .build import build
from .cost_model import CostModel, Overhead, Sample
from .designs import Precision, Runner
from .kernel_work import KernelWork
from .layers import Kind, Layer, Network
from .machine import Machine, caches
from .measure import Ruler, timed
from .plain_work import PlainWork
from .profile import Setting
from .programs import plain_layer_costs
from .sampling import calibration_networks

_ROUNDS = 6
_FOLDS = 5
_LEAST_NETWORKS = 6
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
    """A network and the samples that its run gave."""

    network: Network
    samples: tuple[Sample, ...]


def learn_direct(
    precision: Precision, machine: Machine, ruler: Ruler, seconds: float, _: float, seed: int
) -> Learnt:
    """The costs of fused ops, each timed within its network."""
    counter = KernelWork(machine.instruction_set, precision, caches())
    setting = Setting(runner=Runner.DIRECT, precision=precision, threads=1)
    observed = []
    for network in _for_seconds(calibration_networks(seed), seconds):
        costs = ruler.parts(Loaded(network, setting).op_seconds, _ROUNDS)
        works = (counter.of(layer)[0] for layer in network.layers)
        samples = (Sample(work=work, cost=cost) for work, cost in zip(works, costs, strict=True))
        observed.append(_Observed(network=network, samples=tuple(samples)))
    model = CostModel.fit(counter, itertools.chain(*(each.samples for each in observed)))
    return Learnt(model=model, error=_left_out(model, observed), tail=_tail(setting, seed))


def learn_plain(
    precision: Precision,
    machine: Machine,
    ruler: Ruler,
    seconds: float,
    overhead_seconds: float,
    seed: int,
) -> Learnt:
    """The costs of plain operators: ONNX Runtime's profiler says how a run is spread over them.

    What is in no operator is part of all, because the whole run is measured without the profiler.
    """
    counter = PlainWork(machine.instruction_set, precision, caches())
    setting = Setting(runner=Runner.ONNXRUNTIME, precision=precision, threads=1)
    half = (seconds + overhead_seconds) / 2
    networks = list(itertools.islice(calibration_networks(seed), max(12, int(6 * seconds))))
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for index, network in enumerate(networks):
            files.append(Path(folder, f"{index}.onnx"))
            files[-1].write_bytes(build(network, Runner.ONNXRUNTIME, precision))
        found = plain_layer_costs(files, _ROUNDS, half)
    observed = []
    for network, costs in zip(_for_seconds(iter(networks), half), found, strict=False):
        loaded = Loaded(network, setting)
        loaded.run()
        whole = ruler.ratio(loaded.run, _ROUNDS)
        samples = tuple(_plain_samples(counter, network, costs, whole))
        observed.append(_Observed(network=network, samples=samples))
    model = CostModel.fit(counter, itertools.chain(*(each.samples for each in observed)))
    return Learnt(model=model, error=_left_out(model, observed), tail=_tail(setting, seed))


def learn_overhead(
    setting: Setting, base: Learnt, ruler: Ruler, seconds: float, seed: int
) -> Learnt:
    """What a setting makes of the costs of the same ops in another one."""
    bare = replace(base.model, overhead=Overhead())
    runs = []
    for network in _for_seconds(calibration_networks(seed + 1), seconds):
        loaded = Loaded(network, setting)
        loaded.run()
        whole = ruler.ratio(loaded.run, _ROUNDS)
        runs.append((network.layers, bare.per_layer(network.layers), whole))
    overhead = Overhead.fit(setting.threads, runs)
    errors = [math.log(sum(overhead.of(layers, costs)) / whole) for layers, costs, whole in runs]
    return Learnt(
        model=replace(bare, overhead=overhead),
        error=max(_spread(errors), base.error if setting.threads == 1 else 0.0),
        tail=_tail(setting, seed),
    )


def _plain_samples(
    counter: PlainWork,
    network: Network,
    costs: Sequence[tuple[list[float], float]],
    whole: float,
) -> Iterator[Sample]:
    profiled = sum(sum(convolutions) + rest for convolutions, rest in costs)
    for layer, (convolutions, rest) in zip(network.layers, costs, strict=True):
        works = counter.of(layer)
        parts = _shared_out(layer, len(works), convolutions, rest)
        for work, cost in zip(works, parts, strict=True):
            yield Sample(work=work, cost=cost / profiled * whole)


def _shared_out(layer: Layer, works: int, convolutions: list[float], rest: float) -> list[float]:
    """Costs of a layer's works: its convolutions, then all else if that is one of them."""
    if layer.kind is Kind.HEAD:
        return [rest]
    if works > len(convolutions):
        return [*convolutions, rest]
    return [*convolutions[:-1], convolutions[-1] + rest]


def _for_seconds(networks: Iterator[Network], seconds: float) -> Iterator[Network]:
    """Networks until the time is over, and a few even if it is."""
    end = time.monotonic() + seconds
    for count, network in enumerate(networks):
        if count >= _LEAST_NETWORKS and time.monotonic() > end:
            return
        yield network


def _left_out(model: CostModel, observed: Sequence[_Observed]) -> float:
    """The relative error for networks that the fit did not see."""
    errors: list[float] = []
    for fold in range(_FOLDS):
        seen = [each for index, each in enumerate(observed) if index % _FOLDS != fold]
        fitted = CostModel.fit(model.counter, itertools.chain(*(each.samples for each in seen)))
        for each in observed[fold::_FOLDS]:
            known = all(sample.work.group in fitted.groups for sample in each.samples)
            if known:
                measured = sum(sample.cost for sample in each.samples)
                errors.append(math.log(fitted.cost(each.network.layers) / measured))
    return _spread(errors)


def _spread(errors: Sequence[float]) -> float:
    """Standard deviation around zero, from quantiles: a disturbed sample does not count."""
    ordered = sorted(abs(error) for error in errors)
    return ordered[int(0.9 * (len(ordered) - 1))] / 1.645


def _tail(setting: Setting, seed: int) -> float:
    """p95 over median of single runs."""
    relative: list[float] = []
    for network in itertools.islice(calibration_networks(seed), _TAIL_NETWORKS):
        loaded = Loaded(network, setting)
        loaded.run()
        times = [timed(loaded.run) for _ in range(_TAIL_RUNS)]
        middle = statistics.median(times)
        relative += [took / middle for took in times]
    return statistics.quantiles(relative, n=20)[-1]
