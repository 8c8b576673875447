"""Measures this machine once, so that designs can be predicted on it."""

import itertools
import math
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .bench import Loaded, native_runner, reference
from .cost_model import CostModel, Sample, non_negative
from .designs import Precision, Runner
from .layers import Network
from .machine import Machine
from .measure import compare, milliseconds, run_times
from .predict import largest_values
from .profile import Costs, Memory, Profile, Setting
from .programs import footprint, plain_layer_times
from .sampling import calibration_networks
from .snapshots import snapshot_costs

type Progress = Callable[[str, float], None]

_FOLDS = 5
_PAUSE_SECONDS = 1 / 15
_FOOTPRINTS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much is measured."""

    networks: int
    windows: int
    rounds: int
    threads: tuple[int, ...]
    seed: int = 1


THOROUGH = Effort(networks=54, windows=3, rounds=12, threads=(1, 2))
QUICK = Effort(networks=18, windows=1, rounds=8, threads=(1,))


def calibrate(machine: Machine, effort: Effort, *, quick: bool, progress: Progress) -> Profile:
    """Measures every setting on this machine."""
    settings = [
        Setting(runner=runner, precision=precision, threads=threads)
        for threads in effort.threads
        if threads <= machine.cores
        for runner in Runner
        for precision in Precision
    ]
    known = reference()
    costs = {}
    for done, setting in enumerate(settings):

        def advance(share: float, done: int = done, setting: Setting = setting) -> None:
            progress(f"measuring {setting}", (done + share) / len(settings))

        costs[setting] = _measure(setting, effort, known, advance)
    snapshot = snapshot_costs()
    return Profile(
        machine=machine,
        quick=quick,
        reference_ms=milliseconds(known.run),
        pause=_pause(known),
        decode_ms=snapshot.decode_ms,
        gate_ms=snapshot.gate_ms,
        gate_look_ms=snapshot.gate_look_ms,
        costs=costs,
    )


def _measure(
    setting: Setting, effort: Effort, known: Loaded, progress: Callable[[float], None]
) -> Costs:
    networks = list(itertools.islice(calibration_networks(effort.seed), effort.networks))
    loaded = [Loaded(network, setting) for network in networks]
    measured = compare(
        [each.run for each in loaded],
        known.run,
        windows=effort.windows,
        rounds=effort.rounds,
        progress=progress,
    )
    times = _layer_times(setting, networks, loaded)
    samples = [
        _samples(network, shares, each.ratio)
        for network, shares, each in zip(networks, times, measured, strict=True)
    ]
    memory, load = _weigh(setting, networks, loaded)
    return Costs(
        model=CostModel.fit(itertools.chain(*samples)),
        memory=memory,
        error=_left_out_error(networks, samples, [each.ratio for each in measured]),
        tail=_tail(loaded),
        load_ms=load,
    )


def _layer_times(
    setting: Setting, networks: Sequence[Network], loaded: Sequence[Loaded]
) -> list[list[float]]:
    """How a network's time is spread over its layers; the unit does not matter."""
    if setting.runner is Runner.DIRECT:
        return [each.layer_times() for each in loaded]
    if setting.runner is Runner.FUSED:
        direct = Setting(runner=Runner.DIRECT, precision=setting.precision, threads=setting.threads)
        return [Loaded(network, direct).layer_times() for network in networks]
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, f"{index}.onnx") for index in range(len(loaded))]
        for file, each in zip(files, loaded, strict=True):
            file.write_bytes(each.content)
        return plain_layer_times(files)


def _samples(network: Network, times: Sequence[float], ratio: float) -> list[Sample]:
    """A profile's shares of the network's whole cost, so that overhead is part of every layer."""
    whole = sum(times)
    return [
        Sample(layer=layer, cost=max(took, whole * 1e-4) / whole * ratio)
        for layer, took in zip(network.layers, times, strict=True)
    ]


def _left_out_error(
    networks: Sequence[Network], samples: Sequence[Sequence[Sample]], ratios: Sequence[float]
) -> float:
    """Relative standard deviation of predictions for networks that the fit did not see."""
    errors: list[float] = []
    for fold in range(_FOLDS):
        seen = [each for index, each in enumerate(samples) if index % _FOLDS != fold]
        model = CostModel.fit(itertools.chain(*seen))
        errors += [
            math.log(model.cost(networks[index].layers) / ratios[index])
            for index in range(fold, len(networks), _FOLDS)
        ]
    return math.sqrt(statistics.fmean(error**2 for error in errors))


def _weigh(
    setting: Setting, networks: Sequence[Network], loaded: Sequence[Loaded]
) -> tuple[Memory, tuple[float, float]]:
    """Memory and load times of growing sets of networks, each in a fresh process."""
    rows, sizes, loads = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for index, each in enumerate(loaded):
            files.append(Path(folder, f"{index}.onnx"))
            files[-1].write_bytes(each.content)
        for count in range(_FOOTPRINTS):
            chosen = range(count, min(len(files), count * (count + 3) // 2 + 1))
            found = footprint(
                [files[index] for index in chosen], native_runner(setting.runner), setting.threads
            )
            rows.append(_memory_terms([networks[index] for index in chosen]))
            sizes.append(found.memory_mb)
            loads += list(
                zip((networks[i].weights / 1e6 for i in chosen), found.load_ms, strict=True)
            )
    process, network, weights, activations = non_negative(np.array(rows), np.array(sizes)).tolist()
    constant, slope = non_negative(
        np.array([(1.0, weight) for weight, _ in loads]), np.array([ms for _, ms in loads])
    ).tolist()
    memory = Memory(process=process, network=network, weights=weights, activations=activations)
    return memory, (constant, slope)


def _memory_terms(networks: Sequence[Network]) -> tuple[float, float, float, float]:
    return (
        1.0,
        float(len(networks)),
        sum(network.weights for network in networks) / 1e6,
        sum(largest_values(network) for network in networks),
    )


def _tail(loaded: Sequence[Loaded]) -> float:
    """p95 over median of single runs."""
    relative: list[float] = []
    for each in loaded[:: max(1, len(loaded) // 6)]:
        times = run_times(each.run, 40)
        middle = statistics.median(times)
        relative += [took / middle for took in times]
    return statistics.quantiles(relative, n=20)[-1]


def _pause(known: Loaded) -> float:
    """How much longer a run takes after a pause, when caches and clocks have cooled down."""
    tight = statistics.median(run_times(known.run, 30))
    paced: list[float] = []
    for _ in range(15):
        time.sleep(_PAUSE_SECONDS)
        start = time.perf_counter()
        known.run()
        paced.append(time.perf_counter() - start)
    return max(1.0, statistics.median(paced) / tight)
