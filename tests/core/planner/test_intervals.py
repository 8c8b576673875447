"""Intervals hold what they promise, in every way of running a network, on a machine whose noise is known."""

import itertools
import math
import pickle
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from camclassify_core.options import Precision
from camclassify_core.planner import learn
from camclassify_core.planner.architecture import networks
from camclassify_core.planner.designs import Design, DesignRunner, Family, Head, Trunk
from camclassify_core.planner.fused_work import FusedWork
from camclassify_core.planner.layers import Kind, Network
from camclassify_core.planner.learn import Learnt, OverheadLearner, learn_direct, learn_plain
from camclassify_core.planner.plain_work import PlainWork
from camclassify_core.planner.profile import Costs, Memory, Setting
from camclassify_core.planner.programs import PlainLayerCosts
from camclassify_core.planner.sampling import calibration_networks
from camclassify_core.planner.work import Work

from .known_machine import MACHINE, KnownRuler, seconds
from .profiles import CACHES

CALIBRATIONS = 16
NETWORKS = 40  # that layers are learnt from
RUNS = 12  # that factors of other settings are learnt from
DESIGNS = 24
NOISE = 0.05
MOST_MACS = 5e7

DIRECT = Setting(runner=DesignRunner.DIRECT, precision=Precision.FP32, threads=1)
PLAIN = replace(DIRECT, runner=DesignRunner.ONNXRUNTIME)
SETTINGS = (
    DIRECT,
    PLAIN,
    replace(DIRECT, runner=DesignRunner.FUSED),
    replace(DIRECT, threads=2),
    replace(PLAIN, threads=2),
)
MEMORY = Memory(process=40, network=1, weights=2, activations=4)


def counted_once(counter: type[FusedWork | PlainWork]) -> Callable[..., list[Work]]:
    """How it counts a network's work, which is no other in one calibration than in the next."""
    count, works = counter.of, dict[Network, list[Work]]()

    def of(self: Any, network: Network) -> list[Work]:
        if network not in works:
            works[network] = count(self, network)
        return works[network]

    return of


COUNTED = {counter: counted_once(counter) for counter in (FusedWork, PlainWork)}


def noise(draw: random.Random) -> float:
    return math.exp(draw.gauss(0, NOISE))


@cache
def known(network: Network, setting: Setting) -> list[float]:
    return seconds(network, setting)


class NoisyMachine:
    """A network on it takes another time whenever it is loaded, and each of its ops whenever it is run."""

    random: random.Random

    def __init__(self, network: Network, setting: Setting) -> None:
        factor = noise(self.random)
        self.seconds = [each * factor for each in known(network, setting)]

    def op_seconds(self) -> list[float]:
        return [each * noise(self.random) for each in self.seconds]

    def run(self) -> float:
        return sum(self.seconds)


def profiled(files: Sequence[Path], **_options: object) -> list[list[PlainLayerCosts]]:
    """What ONNX Runtime's profiler would say of networks that are written as a test writes them."""
    found = []
    for file in files:
        network: Network = pickle.loads(file.read_bytes())
        costs = iter(NoisyMachine(network, PLAIN).op_seconds())
        layers = []
        for layer in network.layers:
            count = {Kind.SEPARABLE: 2, Kind.INVERTED: 3}.get(layer.kind, 1)
            own = tuple(itertools.islice(costs, count))
            head = layer.kind is Kind.HEAD
            layers.append(PlainLayerCosts(() if head else own, sum(own) if head else 0.0, head))
        found.append(layers)
    return found


@pytest.fixture(autouse=True)
def noisy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learn, "_LEAST_NETWORKS", NETWORKS)
    monkeypatch.setattr(learn, "_LEAST_RUNS", RUNS)
    monkeypatch.setattr(learn, "Loaded", NoisyMachine)
    monkeypatch.setattr(learn, "timed", lambda run: run())
    monkeypatch.setattr(learn, "caches", lambda: CACHES)
    monkeypatch.setattr(learn, "build", lambda network, *_: pickle.dumps(network))
    monkeypatch.setattr(learn, "plain_layer_costs", profiled)
    for counter, counted in COUNTED.items():
        monkeypatch.setattr(counter, "of", counted)


@cache
def drawn(count: int, seed: int) -> list[Network]:
    """Networks to calibrate with."""
    return list(itertools.islice(calibration_networks(seed, MOST_MACS), count))


@cache
def layers_learnt(runner: DesignRunner, seed: int) -> Learnt:
    """As `camclassify calibrate` does it."""
    ruler = KnownRuler()
    learn_layers = learn_plain if runner is PLAIN.runner else learn_direct
    NoisyMachine.random = random.Random(seed)
    return learn_layers(Precision.FP32, MACHINE, ruler, 0, iter(drawn(NETWORKS, 1)))


def learnt(setting: Setting, seed: int) -> Learnt:
    """The same, with what the setting makes of the costs of layers, from few runs."""
    base = layers_learnt(PLAIN.runner if setting.runner is PLAIN.runner else DIRECT.runner, seed)
    if setting in (DIRECT, PLAIN):
        return base
    ruler = KnownRuler()
    NoisyMachine.random = random.Random(seed)
    others = iter(drawn(RUNS, 2 + seed % 8))
    learner = OverheadLearner(setting, base, others)
    learner.measure(ruler, 0)
    return learner.learnt()


@cache
def held_out() -> list[Network]:
    """The networks of designs, none of them like what is calibrated with."""
    draw = random.Random(5)
    designs = [
        Design(
            name=f"design {number}",
            trunk=Trunk(
                family=draw.choice(list(Family)),
                width=draw.uniform(0.3, 1.0),
                depth=draw.uniform(0.5, 1.0),
                resolution=draw.choice((96, 160, 224)),
            ),
            heads=tuple(Head(name=f"head {each}", classes=9) for each in range(draw.randint(1, 4))),
        )
        for number in range(DESIGNS)
    ]
    return [network for design in designs for network in networks(design)]


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_nine_in_ten_designs_lie_within_their_intervals(setting: Setting) -> None:
    held = []
    draw = random.Random(7)
    for seed in range(CALIBRATIONS):
        found = learnt(setting, seed)
        NoisyMachine.random = draw
        costs = Costs(
            model=found.model, memory=MEMORY, error=found.error, tail=found.tail, load_ms=(3, 10)
        )
        for network in held_out():
            low, high = costs.interval(found.model.cost(network))
            held.append(low <= NoisyMachine(network, setting).run() <= high)
    assert 0.85 <= sum(held) / len(held) <= 0.95
