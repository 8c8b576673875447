"""What a design will cost on a machine whose profile is known."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .architecture import network, networks, resident_networks, switches
from .designs import Design, Execution, Grouping, Head, Trunk
from .layers import Network
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerCost:
    """One layer of a design and what it takes, in milliseconds.

    `head`: whose layer it is; None in a trunk that several heads share. `size` is the side of the square
    that it reads, in pixels.
    """

    network: str
    head: str | None
    kind: str
    size: int
    channels: int
    filters: int
    ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What a design will cost.

    `latency_ms` is the median over frames on which every head is wanted, networks only, tight loop;
    `low_ms` and `high_ms` hold 90% of the cases, `p95_ms` 95% of the frames. `cpu_ms` is the processor time
    of an average snapshot at the design's pace: decoding, the gate, and the networks as often as they are
    wanted. `load` is in cores. The two rules are what one might have guessed instead; the one by
    multiply-adds is None where networks exist and were run.
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
    macs_rule_ms: float | None
    layers: tuple[LayerCost, ...]


def predict(design: Design, profile: Profile) -> Prediction:
    """Predicts from shapes alone; nothing is built. Raises ProfileError if the profile cannot tell."""
    parts = networks(design)
    costs = profile.of(setting_of(design))
    times = [_times(part, design, profile) for part in parts]
    latency = side_by_side([each.latency for each in times], design)
    wanted = sum(part.share * each.busy for part, each in zip(parts, times, strict=True))
    cpu = profile.gate_ms + design.gate_pass_rate * (
        profile.decode_ms - profile.gate_ms + wanted * profile.pause
    )
    low, high = costs.interval(latency)
    resident = resident_networks(design)
    load = sum(_load_ms(part, costs) for part in resident)
    return Prediction(
        design=design,
        latency_ms=latency,
        low_ms=low,
        high_ms=high,
        p95_ms=latency * costs.tail,
        frames_per_second=1000 / (profile.decode_ms + latency),
        cpu_ms=cpu,
        load=cpu * design.fps * design.cameras / 1000,
        memory_mb=memory_mb(resident, design, costs),
        load_ms=load,
        switch_ms=load if switches(design) else 0.0,
        slowest_network_rule_ms=_slowest_network(design, costs) * profile.reference_ms,
        macs_rule_ms=_by_multiply_adds(parts, costs) * profile.reference_ms,
        layers=tuple(cost for each in times for cost in each.layers),
    )


def setting_of(design: Design) -> Setting:
    """How the design's networks are run; side by side, each has one thread, but a shared trunk all."""
    own_networks = design.grouping in (Grouping.PER_GROUP, Grouping.BOTH)
    one = design.execution is Execution.PARALLEL and own_networks
    return Setting(
        runner=design.runner, precision=design.precision, threads=1 if one else design.threads
    )


def memory_mb(parts: Sequence[Network], design: Design, costs: Costs) -> float:
    """Resident memory of a process that holds these networks."""
    memory = costs.memory
    factors = (memory.process, memory.network, memory.weights, memory.activations)
    terms = memory_terms(parts, design.runner, design.precision)
    return float(np.dot(factors, terms))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Times:
    """One network in milliseconds: elapsed with every head, busy threads on an average frame that runs it."""

    latency: float
    busy: float
    layers: tuple[LayerCost, ...]


def _times(part: Network, design: Design, profile: Profile) -> _Times:
    setting = setting_of(design)
    model = profile.of(setting).model
    head_threads = setting.threads
    if part.apart:  # the trunk is a run, and so is each head on its thread
        alone = profile.of(replace(setting, threads=1)).model
        per_layer = model.per_layer(part, range(part.trunk_end))
        for head in part.heads:
            per_layer += alone.per_layer(part, range(head.first, head.end))
        head_threads = 1
    else:
        per_layer = model.per_layer(part, range(len(part.layers)))
    ms = [cost * profile.reference_ms for cost in per_layer]
    trunk = sum(ms[: part.trunk_end])
    heads = [sum(ms[head.first : head.end]) for head in part.heads]
    behind = sum(heads)
    if part.apart:  # handing heads to threads takes what handing them a run's layers does
        behind = side_by_side(heads, design) + model.overhead.run * profile.reference_ms
    shares = [head.share * cost for head, cost in zip(part.heads, heads, strict=True)]
    return _Times(
        latency=trunk + behind,
        busy=trunk * setting.threads + sum(shares) * head_threads,
        layers=tuple(
            LayerCost(
                network=part.name,
                head=_head_of(part, place),
                kind=layer.kind,
                size=layer.size,
                channels=layer.channels,
                filters=layer.filters,
                ms=each,
            )
            for place, (layer, each) in enumerate(zip(part.layers, ms, strict=True))
        ),
    )


def _head_of(part: Network, place: int) -> str | None:
    """A network of one head is that head's with its trunk."""
    if len(part.heads) == 1:
        return part.heads[0].name
    return next((head.name for head in part.heads if head.first <= place < head.end), None)


def side_by_side(each: list[float], design: Design) -> float:
    """Elapsed time of networks that take `each`, in its unit.

    Serial: the sum. Side by side: the longest first, each on the thread that is free first.
    """
    if design.execution is not Execution.PARALLEL:
        return sum(each)
    threads = [0.0] * design.threads
    for ms in sorted(each, reverse=True):
        threads[threads.index(min(threads))] += ms
    return max(threads)


def _load_ms(part: Network, costs: Costs) -> float:
    constant, slope = costs.load_ms
    return constant + slope * part.weights / 1e6


def _slowest_network(design: Design, costs: Costs) -> float:
    """As if heads cost nothing beside the slowest of them."""
    return max(
        costs.model.cost(network(head.name, design.trunk, (head,), Execution.SERIAL, 1.0))
        for head in design.heads
    )


def _by_multiply_adds(parts: Sequence[Network], costs: Costs) -> float:
    """At the rate at which the reference network runs in the same setting."""
    rate = REFERENCE.macs / costs.model.cost(REFERENCE)
    return sum(part.macs for part in parts) / rate
