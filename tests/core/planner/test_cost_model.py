"""Costs follow the samples, and physics where nothing was sampled."""

import json
import random
from dataclasses import replace

import pytest
from camclassify_core.options import Precision
from camclassify_core.planner.cost_model import CostModel, GroupModel, Overhead, Sample
from camclassify_core.planner.fused_work import FusedWork
from camclassify_core.planner.layers import Kind, Layer

from .profiles import CACHES

COUNTER = FusedWork("avx2", Precision.FP32, CACHES)


def pointwise(size: int, channels: int, filters: int) -> Layer:
    return Layer(
        kind=Kind.POINTWISE, source=-1, size=size, channels=channels, inner=0, filters=filters
    )


def draw(count: int, seed: int) -> list[Layer]:
    random_ = random.Random(seed)
    return [
        pointwise(random_.randint(4, 112), 8 * random_.randint(1, 32), 8 * random_.randint(1, 32))
        for _ in range(count)
    ]


def true_cost(layer: Layer) -> float:
    """Multiply-adds at a rate that suffers from narrow layers, and a constant."""
    return layer.macs / 1e8 * (1 + 8 / layer.filters) + 0.002


def sample(layer: Layer) -> Sample:
    (work,) = COUNTER.of(layer)
    return Sample(work=work, cost=true_cost(layer))


def fitted(count: int = 120) -> GroupModel:
    return GroupModel.fit([sample(layer) for layer in draw(count, 1)])


def test_unseen_layers_are_predicted_within_three_percent_on_average() -> None:
    unseen = [sample(layer) for layer in draw(50, 2)]
    found = fitted().costs([each.work for each in unseen])
    errors = [abs(cost / each.cost - 1) for cost, each in zip(found, unseen, strict=True)]
    assert sum(errors) / len(errors) < 0.03


def test_far_from_all_samples_physics_decides() -> None:
    far = sample(pointwise(448, 2048, 2048))
    model = fitted()
    assert model.costs([far.work])[0] == pytest.approx(model.physical([far.work])[0], rel=0.02)
    assert model.physical([far.work])[0] == pytest.approx(far.cost, rel=0.25)


def test_the_breakdown_adds_up_to_the_physical_cost() -> None:
    work = sample(pointwise(28, 64, 64)).work
    model = fitted()
    assert sum(model.breakdown(work).values()) == pytest.approx(model.physical([work])[0])


def test_a_model_survives_being_written_and_read() -> None:
    model = fitted(20)
    again = GroupModel.from_json(json.loads(json.dumps(model.to_json())))
    works = [sample(layer).work for layer in draw(5, 3)]
    assert again.costs(works) == pytest.approx(model.costs(works), rel=1e-3)


def test_one_sample_is_enough_to_predict_itself() -> None:
    only = sample(pointwise(28, 64, 64))
    assert GroupModel.fit([only]).costs([only.work])[0] == pytest.approx(only.cost, rel=0.01)


def test_a_network_costs_the_sum_of_its_layers() -> None:
    model = CostModel.fit(COUNTER, [sample(each) for each in draw(60, 1)])
    layers = draw(4, 5)
    assert model.cost(layers) == pytest.approx(sum(model.cost([layer]) for layer in layers))


def test_two_threads_halve_what_is_worth_splitting() -> None:
    samples = [sample(each) for each in draw(60, 1)]
    alone = CostModel.fit(COUNTER, samples)
    both = replace(alone, overhead=Overhead(threads=2, hand_over=0.01))
    large, small = alone.per_layer([pointwise(64, 64, 64), pointwise(4, 8, 8)])
    assert both.per_layer([pointwise(64, 64, 64), pointwise(4, 8, 8)]) == pytest.approx(
        [large / 2 + 0.01, small]
    )


def test_overhead_is_found_from_whole_runs() -> None:
    truth = Overhead(whole=1.1, op=0.01, run=0.05)
    runs = []
    for count in range(2, 12):
        layers = draw(count, count)
        costs = [layer.macs / 1e8 for layer in layers]
        whole = [1] * count
        runs.append((whole, costs, sum(truth.of(whole, costs))))
    found = Overhead.fit(1, runs)
    assert (found.whole, found.op, found.run) == pytest.approx((1.1, 0.01, 0.05), rel=0.02)
