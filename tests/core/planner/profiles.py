"""A profile whose arithmetic can be done by hand."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

from camclassify_core.machine import Caches, Machine
from camclassify_core.options import Precision
from camclassify_core.planner.cost_model import CostModel, Sample
from camclassify_core.planner.designs import PRECISIONS, DesignRunner
from camclassify_core.planner.fused_work import FusedWork
from camclassify_core.planner.layers import Layer, Network
from camclassify_core.planner.plain_work import PlainWork
from camclassify_core.planner.profile import Costs, Memory, Profile, Setting
from camclassify_core.planner.sampling import calibration_networks
from camclassify_core.planner.work import Work

MACHINE = Machine(processor="a test", cores=2, instruction_set="avx512")
CACHES = Caches(first=32 << 10, second=512 << 10, last=8 << 20)


@dataclass(frozen=True)
class Rate:
    """A machine that does `macs` multiply-adds per run of the reference network, whatever the layer."""

    macs: float

    def cost(self, layer: Layer) -> float:
        return layer.macs / self.macs


class MultiplyAdds:
    """Counts nothing but multiply-adds: the physics of a machine with a constant rate."""

    def of(self, network: Network) -> list[Work]:
        return [
            Work(
                layer=index,
                group=layer.kind,
                counts={"multiply-adds": layer.macs / 1e6},
                shape=(0.0,),
            )
            for index, layer in enumerate(network.layers)
        ]

    def parts(self, network: Network, threads: int) -> list[int]:
        return [min(threads, layer.output_size) for layer in network.layers]


def constant_rate(rate: float) -> CostModel:
    """The model of a machine that does `rate` multiply-adds per run of the reference network."""
    counter = MultiplyAdds()
    networks = calibration_networks(1)
    return CostModel.fit(
        counter,
        [
            Sample(work=work, cost=Rate(rate).cost(network.layers[work.layer]))
            for network in itertools.islice(networks, 6)
            for work in counter.of(network)
        ],
    )


def kernel_model(precision: Precision, runner: DesignRunner) -> CostModel:
    """A model as calibration makes it, of costs that grow with multiply-adds."""
    counts = PlainWork if runner is DesignRunner.ONNXRUNTIME else FusedWork
    counter = counts(MACHINE.instruction_set, precision, CACHES)
    networks = calibration_networks(1)
    return CostModel.fit(
        counter,
        [
            Sample(work=work, cost=sum(work.counts.values()) / 1e3)
            for network in itertools.islice(networks, 6)
            for work in counter.of(network)
        ],
    )


def profile(rate: float = 1e8) -> Profile:
    """A profile of a machine that does `rate` multiply-adds per run of the reference network."""
    return _profile(lambda setting: constant_rate(rate))


def kept_profile() -> Profile:
    """A profile that can be written to a file."""
    return _profile(lambda setting: kernel_model(setting.precision, setting.runner))


def _profile(model: Callable[[Setting], CostModel]) -> Profile:
    settings = [
        Setting(runner=runner, precision=precision, threads=1)
        for runner in DesignRunner
        for precision in PRECISIONS
    ]
    return Profile(
        machine=MACHINE,
        quick=False,
        reference_ms=2,
        pause=1.2,
        decode_ms=4.5,
        gate_ms=5,
        gate_look_ms=0.5,
        caches=CACHES,
        costs={
            setting: Costs(
                model=model(setting),
                memory=Memory(process=40, network=1, weights=2, activations=4),
                error=0.02,
                tail=1.1,
                load_ms=(3, 10),
            )
            for setting in settings
        },
    )
