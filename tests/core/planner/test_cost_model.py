"""Costs follow the samples, and physics where nothing was sampled."""

import json
import math
import random

import numpy as np
import pytest
from camclassify_core.planner.cost_model import CostModel, KindModel, Sample, non_negative
from camclassify_core.planner.layers import Kind, Layer


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


def fitted(count: int = 120) -> KindModel:
    return KindModel.fit([Sample(layer=each, cost=true_cost(each)) for each in draw(count, 1)])


def test_unseen_layers_are_predicted_within_two_percent_on_average() -> None:
    unseen = draw(50, 2)
    found = fitted().costs(unseen)
    errors = [abs(cost / true_cost(layer) - 1) for cost, layer in zip(found, unseen, strict=True)]
    assert sum(errors) / len(errors) < 0.02


def test_far_from_all_samples_physics_decides() -> None:
    far = pointwise(448, 2048, 2048)
    model = fitted()
    assert model.costs([far])[0] == pytest.approx(model.physical([far])[0], rel=0.02)
    assert model.physical([far])[0] == pytest.approx(true_cost(far), rel=0.2)


def test_the_breakdown_adds_up_to_the_physical_cost() -> None:
    layer = pointwise(28, 64, 64)
    model = fitted()
    assert sum(model.breakdown(layer).values()) == pytest.approx(model.physical([layer])[0])


def test_a_model_survives_being_written_and_read() -> None:
    model = fitted(20)
    again = KindModel.from_json(json.loads(json.dumps(model.to_json())))
    layers = draw(5, 3)
    assert again.costs(layers).tolist() == model.costs(layers).tolist()


def test_one_sample_is_enough_to_predict_itself() -> None:
    layer = pointwise(28, 64, 64)
    model = KindModel.fit([Sample(layer=layer, cost=0.5)])
    assert model.costs([layer])[0] == pytest.approx(0.5, rel=0.01)


def test_a_network_costs_the_sum_of_its_layers() -> None:
    model = CostModel.fit([Sample(layer=each, cost=true_cost(each)) for each in draw(60, 1)])
    layers = draw(4, 5)
    assert model.cost(layers) == pytest.approx(sum(model.cost([layer]) for layer in layers))


def test_coefficients_are_never_negative() -> None:
    matrix = np.array([[1.0, 1.0], [1.0, 2.0], [1.0, 3.0]])
    found = non_negative(matrix, np.array([3.0, 2.0, 1.0]))
    assert (found >= 0).all()
    assert found[1] == 0
    assert math.isclose(found[0], 2, rel_tol=1e-6)
