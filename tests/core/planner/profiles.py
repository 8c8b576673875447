"""A profile whose arithmetic can be done by hand."""

from dataclasses import dataclass

from camclassify_core.planner.cost_model import CostModel, KindModel, Sample
from camclassify_core.planner.designs import Precision, Runner
from camclassify_core.planner.layers import Layer
from camclassify_core.planner.machine import Machine
from camclassify_core.planner.profile import Costs, Memory, Profile, Setting
from camclassify_core.planner.sampling import calibration_networks

MACHINE = Machine(processor="a test", cores=2, instruction_set="avx512")


@dataclass(frozen=True)
class Rate:
    """A machine that does `macs` multiply-adds per run of the reference network, whatever the layer."""

    macs: float

    def cost(self, layer: Layer) -> float:
        return layer.macs / self.macs


def profile(rate: float = 1e8) -> Profile:
    networks = calibration_networks(1)
    samples = [
        Sample(layer=layer, cost=Rate(rate).cost(layer))
        for _ in range(12)
        for layer in next(networks).layers
    ]
    kinds = {
        kind: KindModel.fit([sample for sample in samples if sample.layer.kind is kind])
        for kind in {sample.layer.kind for sample in samples}
    }
    costs = Costs(
        model=CostModel(kinds=kinds),
        memory=Memory(process=40, network=1, weights=2, activations=4),
        error=0.02,
        tail=1.1,
        load_ms=(3, 10),
    )
    settings = [
        Setting(runner=runner, precision=precision, threads=1)
        for runner in Runner
        for precision in Precision
    ]
    return Profile(
        machine=MACHINE,
        quick=False,
        reference_ms=2,
        pause=1.2,
        decode_ms=4.5,
        gate_ms=5,
        gate_look_ms=0.5,
        costs=dict.fromkeys(settings, costs),
    )
