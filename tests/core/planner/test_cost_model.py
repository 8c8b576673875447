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
from .with_ends import with_ends, works_between

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
    (work,) = works_between(COUNTER, [layer])
    return Sample(work=work, cost=true_cost(layer))


def fitted(count: int = 120) -> GroupModel:
    return GroupModel.fit([sample(layer) for layer in draw(count, 1)])


def test_unseen_layers_are_predicted_within_three_percent_on_average() -> None:
    unseen = [sample(layer) for layer in draw(50, 2)]
    found = fitted().costs([each.work for each in unseen])
    errors = [abs(cost / each.cost - 1) for cost, each in zip(found, unseen, strict=True)]
    assert sum(errors) / len(errors) < 0.03


def test_far_from_all_samples_physics_decides() -> None:
    far = sample(pointwise(224, 2048, 2048))
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


def model() -> CostModel:
    """Of pointwise layers as sampled, and of ends that cost what their multiply-adds do."""
    ends = [
        Sample(work=work, cost=whole.layers[work.layer].macs / 1e8)
        for whole in (with_ends(layer) for layer in draw(20, 4))
        for work in COUNTER.of(whole)
        if work.layer != 1
    ]
    return CostModel.fit(COUNTER, [*ends, *(sample(each) for each in draw(60, 1))])


def test_a_network_costs_the_sum_of_its_layers() -> None:
    found = model()
    layers = [pointwise(28, 24, 32), pointwise(28, 32, 40), pointwise(28, 40, 48)]
    alone = [found.per_layer(with_ends(layer), range(1, 2))[0] for layer in layers]
    whole = with_ends(*layers)
    each = found.per_layer(whole, range(5))
    assert each[1:4] == pytest.approx(alone)
    assert found.cost(whole) == pytest.approx(sum(each))
    assert found.per_layer(whole, range(2, 4)) == pytest.approx(alone[1:])


def test_a_layer_that_is_fused_into_the_next_costs_nothing_by_itself() -> None:
    widening = pointwise(28, 32, 192)
    filtering = Layer(
        kind=Kind.SEPARABLE, source=-1, size=28, channels=192, inner=192, filters=32, kernel=3
    )
    (block,) = works_between(COUNTER, [widening, filtering])
    assert (block.group, block.layer) == ("Block", 2)


def test_two_threads_halve_what_is_worth_splitting() -> None:
    alone = model()
    both = replace(alone, overhead=Overhead(threads=2, hand_over=0.01))
    large, small = with_ends(pointwise(64, 64, 64)), with_ends(pointwise(4, 8, 8))
    (one,) = alone.per_layer(large, range(1, 2))
    assert both.per_layer(large, range(1, 2)) == pytest.approx([one / 2 + 0.01])
    assert both.per_layer(small, range(1, 2)) == alone.per_layer(small, range(1, 2))


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


def test_what_was_never_seen_split_is_not_taken_to_gain_by_it() -> None:
    found = Overhead.fit(2, [([1, 1], [0.2, 0.3 * size], 0.2 + 0.3 * size) for size in range(1, 5)])
    assert found.of([2], [1.0]) == pytest.approx([1.0], rel=1e-3)


def test_what_was_only_seen_split_is_not_taken_to_cost_nothing_whole() -> None:
    found = Overhead.fit(2, [([2], [float(size)], size / 2) for size in range(1, 5)])
    assert found.of([2, 1], [1.0, 1.0]) == pytest.approx([0.5, 1.0], rel=0.01)


def test_a_second_core_that_is_busy_every_other_time_is_worth_no_more_than_half() -> None:
    gained = [([2], [1.0], 0.5)] * 6
    lost = [([2], [1.0], 1.0)] * 6
    (typical,) = Overhead.fit(2, gained + lost).of([2], [1.0])
    assert 0.75 <= typical < 0.8


def test_the_less_the_runs_agree_the_less_a_gain_is_believed() -> None:
    def found(*wholes: float) -> float:
        (typical,) = Overhead.fit(2, [([2], [1.0], whole) for whole in wholes]).of([2], [1.0])
        return typical

    assert found(0.5, 0.5, 0.5) == pytest.approx(0.5, rel=0.01)
    assert found(0.5, 0.4, 0.6) > 0.505
    assert found(0.5, 0.2, 0.8) > 0.55
