"""Profiled operators become samples that cost what they cost without the profiler."""

import itertools

import pytest
from camclassify_core.machine import Caches
from camclassify_core.options import Precision
from camclassify_core.planner.layers import Network
from camclassify_core.planner.plain_samples import Profiled, ProfilerCorrection, plain_samples
from camclassify_core.planner.plain_work import PlainWork
from camclassify_core.planner.programs import PlainLayerCosts
from camclassify_core.planner.sampling import calibration_networks

COUNTER = PlainWork("avx2", Precision.FP32, Caches(first=32 << 10, second=512 << 10, last=32 << 20))
NETWORKS = list(itertools.islice(calibration_networks(3), 12))
FACTOR, PER_OPERATOR = 1.05, 0.002


def profiled(network: Network) -> Profiled:
    """Each operator costs its number in the network; the profiler hides a factor and adds a constant."""
    layers = []
    whole = 0.0
    for index, layer in enumerate(network.layers):
        works = len(COUNTER.of_layer(layer))
        convolutions = () if layer.kind == "head" else tuple(seen(index + 1) for _ in range(works))
        others = 3 if layer.kind == "head" else 1
        rest = others * seen(0.5)
        layers.append(PlainLayerCosts(convolutions, rest, others))
        whole += len(convolutions) * (index + 1) + others * 0.5
    return Profiled(network=network, layers=layers, whole=whole)


def seen(cost: float) -> float:
    return (cost + PER_OPERATOR) / FACTOR


RUNS = [profiled(network) for network in NETWORKS]


def test_the_profilers_part_is_found_from_whole_runs() -> None:
    correction = ProfilerCorrection.fit(RUNS)
    assert correction.of(seen(3.0), 1) == pytest.approx(3.0, rel=1e-4)
    assert correction.of(4 * seen(0.25), 4) == pytest.approx(1.0, rel=1e-4)


def test_a_correction_never_takes_all_of_an_operator() -> None:
    assert ProfilerCorrection(1.0, 0.5).of(0.1, 1) > 0


def test_samples_of_a_network_add_up_to_its_run_without_the_last_head() -> None:
    correction = ProfilerCorrection.fit(RUNS)
    for run in RUNS:
        samples = list(plain_samples(COUNTER, run, correction))
        last = 3 * 0.5
        assert sum(each.cost for each in samples) == pytest.approx(run.whole - last, rel=1e-4)


def test_a_network_that_ran_slower_than_profiled_is_taken_halfway() -> None:
    correction = ProfilerCorrection.fit(RUNS)
    run = RUNS[0]
    slower = Profiled(network=run.network, layers=run.layers, whole=1.21 * run.whole)
    before = [each.cost for each in plain_samples(COUNTER, run, correction)]
    after = [each.cost for each in plain_samples(COUNTER, slower, correction)]
    assert after == pytest.approx([1.1 * cost for cost in before])
