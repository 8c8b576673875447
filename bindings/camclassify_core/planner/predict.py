"""What a design will cost on a machine whose profile is known."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from .architecture import network, networks, switches
from .designs import Design, Execution, Head, Trunk
from .layers import Layer, Network
from .profile import Costs, Profile, Setting
from .tensors import memory_terms

# The reference network of all measuring: layers of middling size, short beside most spells in which
# another program slows the processor.
REFERENCE = network(
    "reference",
    Trunk(width=0.75, resolution=128),
    (Head(name="all", classes=20),),
    Execution.SERIAL,
    1.0,
)
_TWO_SIDED_90 = 1.645


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerCost:
    """One layer of a design and what it takes, in milliseconds."""

    network: str
    layer: Layer
    ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What a design will cost.

    `latency_ms` is the median over frames on which every head is wanted, networks only, tight loop;
    `low_ms` and `high_ms` hold 90% of the cases, `p95_ms` 95% of the frames. `cpu_ms` is the processor time
    of an average snapshot at the design's pace: decoding, the gate, and the networks as often as they are
    wanted. `load` is in cores. The two rules are what one might have guessed instead.
    """

    design: Design
    latency_ms: float
    low_ms: float
    high_ms: float
    p95_ms: float
    frames_per_second: float
    cpu_ms: float
    load: float
    memory_mb: float
    load_ms: float
    switch_ms: float
    slowest_network_rule_ms: float
    macs_rule_ms: float
    layers: tuple[LayerCost, ...]


def predict(design: Design, profile: Profile) -> Prediction:
    """Predicts from shapes alone; nothing is built. Raises ProfileError if the profile cannot tell."""
    parts = networks(design)
    costs = profile.of(setting_of(design))
    each = [costs.model.cost(part.layers) * profile.reference_ms for part in parts]
    latency = _elapsed(design, each)
    wanted = sum(part.share * ms for part, ms in zip(parts, each, strict=True))
    cpu = profile.gate_ms + design.gate_pass_rate * (
        profile.decode_ms - profile.gate_ms + wanted * profile.pause * _cpu_factor(design)
    )
    half = _TWO_SIDED_90 * costs.error
    load = sum(_load_ms(part, costs) for part in parts)
    return Prediction(
        design=design,
        latency_ms=latency,
        low_ms=latency / (1 + half),
        high_ms=latency * (1 + half),
        p95_ms=latency * costs.tail,
        frames_per_second=1000 / (profile.decode_ms + latency),
        cpu_ms=cpu,
        load=cpu * design.fps * design.cameras / 1000,
        memory_mb=memory_mb(parts, design, costs),
        load_ms=load,
        switch_ms=load if switches(design) else 0.0,
        slowest_network_rule_ms=_slowest_network(design, costs) * profile.reference_ms,
        macs_rule_ms=_by_multiply_adds(parts, costs) * profile.reference_ms,
        layers=tuple(_layer_costs(parts, costs, profile.reference_ms)),
    )


def setting_of(design: Design) -> Setting:
    """How the design's networks are run; side by side, each has one thread."""
    threads = 1 if design.execution is Execution.PARALLEL else design.threads
    return Setting(runner=design.runner, precision=design.precision, threads=threads)


def memory_mb(parts: Sequence[Network], design: Design, costs: Costs) -> float:
    """Resident memory of a process that holds these networks."""
    memory = costs.memory
    factors = (memory.process, memory.network, memory.weights, memory.activations)
    terms = memory_terms(parts, design.runner, design.precision)
    return float(np.dot(factors, terms))


def _elapsed(design: Design, each: list[float]) -> float:
    """Serial: the sum. Side by side: the longest first, each on the thread that is free first."""
    if design.execution is not Execution.PARALLEL:
        return sum(each)
    threads = [0.0] * design.threads
    for ms in sorted(each, reverse=True):
        threads[threads.index(min(threads))] += ms
    return max(threads)


def _cpu_factor(design: Design) -> float:
    """Processor time over elapsed time of one network."""
    return 1.0 if design.execution is Execution.PARALLEL else float(design.threads)


def _load_ms(part: Network, costs: Costs) -> float:
    constant, slope = costs.load_ms
    return constant + slope * part.weights / 1e6


def _slowest_network(design: Design, costs: Costs) -> float:
    """As if heads cost nothing beside the slowest of them."""
    return max(
        costs.model.cost(network(head.name, design.trunk, (head,), Execution.SERIAL, 1.0).layers)
        for head in design.heads
    )


def _by_multiply_adds(parts: Sequence[Network], costs: Costs) -> float:
    """At the rate at which the reference network runs in the same setting."""
    rate = REFERENCE.macs / costs.model.cost(REFERENCE.layers)
    return sum(part.macs for part in parts) / rate


def _layer_costs(
    parts: Iterable[Network], costs: Costs, reference_ms: float
) -> Iterable[LayerCost]:
    for part in parts:
        found = costs.model.per_layer(part.layers)
        for layer, cost in zip(part.layers, found, strict=True):
            yield LayerCost(network=part.name, layer=layer, ms=cost * reference_ms)
