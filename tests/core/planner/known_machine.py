"""A machine of which all is known, for what is learnt from networks that are run."""

import random
from collections.abc import Callable, Sequence

from camclassify_core.machine import Machine
from camclassify_core.options import Precision
from camclassify_core.planner.designs import DesignRunner
from camclassify_core.planner.fused_work import FusedWork
from camclassify_core.planner.layers import Network
from camclassify_core.planner.measure import Ruler
from camclassify_core.planner.plain_work import PlainWork
from camclassify_core.planner.profile import Setting

from .profiles import CACHES

MACHINE = Machine(processor="a test", cores=2, instruction_set="avx2")
PIECE = 0.001  # seconds that each piece of work takes, whatever it is
SLOWER = {DesignRunner.DIRECT: 1.0, DesignRunner.FUSED: 1.25, DesignRunner.ONNXRUNTIME: 1.0}

type Run = Callable[[], object]


def seconds(network: Network, setting: Setting) -> list[float]:
    """What each op takes."""
    counts = PlainWork if setting.runner is DesignRunner.ONNXRUNTIME else FusedWork
    counter = counts(MACHINE.instruction_set, Precision.FP32, CACHES)
    return [
        PIECE * sum(work.counts.values()) * SLOWER[setting.runner] / parts
        for work, parts in zip(
            counter.of(network), counter.parts(network, setting.threads), strict=True
        )
    ]


class KnownMachine:
    """A network on it: what a run of it takes is known, and how much longer when it is disturbed."""

    noise = 0.0

    def __init__(self, network: Network, setting: Setting) -> None:
        self.seconds = seconds(network, setting)
        self.random = random.Random(network.macs)

    def op_seconds(self) -> list[float]:
        return self.seconds

    def run(self) -> float:
        return sum(self.seconds) * (1 + self.random.uniform(-self.noise, self.noise))


class KnownRuler(Ruler):
    """Believes what a network says of itself, in runs of a reference network that takes a second."""

    def __init__(self) -> None:
        self.patience = 0.0

    def parts(self, sample: Callable[[], Sequence[float]], _rounds: int = 1) -> list[float]:
        return list(sample())

    def ratio(self, run: Run, _rounds: int = 1) -> float:
        took = run()
        assert isinstance(took, float)
        return took
