"""Predictions add up."""

import math
from dataclasses import replace

import pytest
from camclassify_core.options import Precision
from camclassify_core.planner.architecture import networks
from camclassify_core.planner.cost_model import Overhead
from camclassify_core.planner.designs import (
    Design,
    DesignRunner,
    Execution,
    Grouping,
    Head,
    Resident,
    Trunk,
)
from camclassify_core.planner.predict import predict
from camclassify_core.planner.profile import ProfileError, Setting
from camclassify_core.planner.tensors import activation_bytes

from .profiles import profile

PROFILE = profile(rate=1e8)
HEADS = (
    Head(name="people", classes=1),
    Head(name="vehicles", classes=12, layers=2, activity=0.5),
    Head(name="animals", classes=7, layers=2, activity=0.1),
)
SHARED = Design(name="shared", trunk=Trunk(), heads=HEADS)
APART = replace(SHARED, name="apart", grouping=Grouping.PER_GROUP)


def milliseconds(design: Design) -> list[float]:
    """What the profile's rate makes of each network."""
    return [each.macs / 1e8 * 2 for each in networks(design)]


def test_latency_is_the_sum_of_all_networks() -> None:
    assert predict(SHARED, PROFILE).latency_ms == pytest.approx(sum(milliseconds(SHARED)), rel=0.03)
    assert predict(APART, PROFILE).latency_ms == pytest.approx(sum(milliseconds(APART)), rel=0.03)


def test_side_by_side_the_slower_thread_counts() -> None:
    first, second, third = milliseconds(APART)
    found = predict(replace(APART, execution=Execution.PARALLEL, threads=2), PROFILE)
    best = min(max(first + second, third), max(first, second + third), max(first + third, second))
    assert found.latency_ms == pytest.approx(best, rel=0.03)


def test_processor_time_counts_networks_as_often_as_they_are_wanted() -> None:
    people, vehicles, animals = milliseconds(APART)
    gated = predict(replace(APART, gate_pass_rate=0.2), PROFILE)
    wanted = people + 0.5 * vehicles + 0.1 * animals
    expected = 5 + 0.2 * (4.5 - 5 + wanted * 1.2)
    assert gated.cpu_ms == pytest.approx(expected, rel=0.03)


def test_heads_on_a_shared_trunk_count_as_often_as_they_are_wanted() -> None:
    (one,) = networks(SHARED)
    layers = [layer.macs / 1e8 * 2 for layer in one.layers]
    heads = [sum(layers[head.first : head.end]) for head in one.heads]
    wanted = sum(layers[: one.trunk_end]) + heads[0] + 0.5 * heads[1] + 0.1 * heads[2]
    assert predict(SHARED, PROFILE).cpu_ms == pytest.approx(4.5 + wanted * 1.2, rel=0.03)


def test_heads_side_by_side_wait_for_the_slower_thread() -> None:
    two = Setting(runner=DesignRunner.FUSED, precision=Precision.FP32, threads=2)
    costs = PROFILE.costs[replace(two, threads=1)]
    both = replace(PROFILE, costs=PROFILE.costs | {two: costs})
    (one,) = networks(SHARED)
    layers = [layer.macs / 1e8 * 2 for layer in one.layers]
    people, vehicles, animals = (sum(layers[head.first : head.end]) for head in one.heads)
    found = predict(replace(SHARED, execution=Execution.PARALLEL, threads=2), both)
    best = max(vehicles, people + animals)
    assert found.latency_ms == pytest.approx(sum(layers[: one.trunk_end]) + best, rel=0.03)


def test_handing_heads_to_threads_takes_what_starting_a_run_does() -> None:
    def with_start(run: float) -> float:
        one = PROFILE.of(Setting(runner=DesignRunner.FUSED, precision=Precision.FP32, threads=1))
        model = replace(one.model, overhead=Overhead(threads=2, run=run))
        two = Setting(runner=DesignRunner.FUSED, precision=Precision.FP32, threads=2)
        known = replace(PROFILE, costs=PROFILE.costs | {two: replace(one, model=model)})
        parallel = replace(SHARED, execution=Execution.PARALLEL, threads=2)
        return predict(parallel, known).latency_ms

    trunk_and_heads = 2
    assert with_start(0.1) - with_start(0) == pytest.approx(trunk_and_heads * 0.1 * 2)


def test_memory_counts_what_is_resident() -> None:
    timed = replace(SHARED, grouping=Grouping.PER_REGIME, regimes=3)
    one = predict(timed, PROFILE).memory_mb - 40
    everything = predict(replace(timed, resident=Resident.ALL), PROFILE)
    assert everything.memory_mb - 40 == pytest.approx(3 * one)
    assert everything.switch_ms == 0


def test_load_follows_cameras_and_frames() -> None:
    one = predict(replace(SHARED, fps=1), PROFILE)
    six = predict(replace(SHARED, fps=2, cameras=3), PROFILE)
    assert one.load == pytest.approx(one.cpu_ms / 1000)
    assert six.load == pytest.approx(6 * one.load)


def test_memory_is_process_plus_every_networks_weights_and_activations() -> None:
    (network,) = networks(SHARED)
    activations = activation_bytes(network, SHARED.runner, SHARED.precision) / 1e6
    expected = 40 + 1 + 2 * 4 * network.weights / 1e6 + 4 * activations
    assert predict(SHARED, PROFILE).memory_mb == pytest.approx(expected)


def test_only_time_of_day_networks_pay_for_switching() -> None:
    timed = replace(SHARED, name="timed", grouping=Grouping.PER_REGIME, regimes=3)
    assert predict(SHARED, PROFILE).switch_ms == 0
    found = predict(timed, PROFILE)
    assert (
        found.switch_ms == found.load_ms == pytest.approx(3 + 10 * networks(timed)[0].weights / 1e6)
    )


def test_the_interval_holds_the_median_and_grows_with_the_profiles_error() -> None:
    found = predict(SHARED, PROFILE)
    assert found.low_ms < found.latency_ms < found.high_ms
    assert found.high_ms == pytest.approx(found.latency_ms * math.exp(1.645 * 0.02))
    assert found.low_ms == pytest.approx(found.latency_ms / math.exp(1.645 * 0.02))
    assert found.p95_ms == pytest.approx(found.latency_ms * 1.1)


def test_the_slowest_sub_network_rule_falls_short_on_one_thread() -> None:
    found = predict(SHARED, PROFILE)
    assert found.slowest_network_rule_ms < found.latency_ms


def test_the_multiply_adds_rule_is_right_on_a_machine_of_constant_rate() -> None:
    found = predict(APART, PROFILE)
    assert found.macs_rule_ms == pytest.approx(found.latency_ms, rel=0.03)


def test_layers_explain_the_latency() -> None:
    found = predict(APART, PROFILE)
    assert sum(cost.ms for cost in found.layers) == pytest.approx(found.latency_ms)
    assert {cost.network for cost in found.layers} == {head.name for head in HEADS}


def test_a_setting_that_was_not_measured_is_refused_with_the_remedy() -> None:
    with pytest.raises(ProfileError, match="camclassify calibrate"):
        predict(replace(SHARED, threads=2), PROFILE)
