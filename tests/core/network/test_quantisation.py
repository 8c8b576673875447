"""int8 networks: close to fp32, and the same whether blocks are fused or not."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from camclassify_core.bundle.places import default_bundle
from camclassify_core.errors import BundleError
from camclassify_core.network import onnx_file, onnx_writer, reference
from camclassify_core.network.fusion import fuse
from camclassify_core.network.fusion.blocks import find_blocks
from camclassify_core.network.graph import Array, Graph
from camclassify_core.network.quantisation import (
    Plan,
    calibrate,
    compare,
    quantise,
    read_plan,
    refine,
    write_plan,
)
from camclassify_core.network.quantisation.tables import activate_real, table, wide
from camclassify_core.network.quantisation.weights import neighbours, quantise_weights
from camclassify_core.network.reference.epilogue import curve
from numpy.typing import NDArray

from ..sketch import Sketch


def silent(_step: str, _share: float) -> None:
    """No progress."""


def small_network(activation: str) -> tuple[Graph, Sketch]:
    """Stem, bottleneck with a residual, inverted residual, pooled head."""
    sketch = Sketch((32, 32))
    value = sketch.activation(sketch.conv("image", 8, kernel=3, stride=2, pads=[1] * 4), activation)
    inner = sketch.activation(sketch.depthwise(value, 3, 1, [1] * 4), activation)
    inner = sketch.activation(sketch.conv(inner, 8), activation)
    value = sketch.node("Add", inner, value)
    inner = sketch.activation(sketch.conv(value, 48), activation)
    inner = sketch.activation(sketch.depthwise(inner, 5, 1, [2] * 4), activation)
    value = sketch.node("Add", sketch.conv(inner, 8), value)
    value = sketch.activation(sketch.conv(value, 20), "relu")
    pooled = sketch.node("Flatten", sketch.node("GlobalAveragePool", value), axis=1)
    return sketch.finish(pooled), sketch


@pytest.mark.parametrize("activation", ["relu", "relu6", "silu", "hard_swish"])
def test_int8_stays_close_to_fp32(activation: str) -> None:
    graph, sketch = small_network(activation)
    pictures = [sketch.picture() for _ in range(4)]
    fused, _ = fuse(graph, blocks=False)
    plan = calibrate(fused, pictures, silent)
    costs = compare(fused, quantise(fused, plan), plan, pictures)
    assert min(cost.signal_to_noise_db for cost in costs) > 22


@pytest.mark.parametrize("activation", ["relu6", "silu", "hard_swish"])
def test_refining_repairs_ranges_that_are_far_off(activation: str) -> None:
    graph, sketch = small_network(activation)
    pictures = [sketch.picture() for _ in range(4)]
    fused, _ = fuse(graph, blocks=False)
    good = calibrate(fused, pictures, silent)
    name = next(
        node.output
        for node in fused.nodes
        if good[node.output].stored.type == "u8" and good[node.output].inner is None
    )
    stored = good[name].stored
    bad = {**good, name: replace(good[name], stored=replace(stored, scale=stored.scale / 2))}

    def answers(outputs: Mapping[str, Array]) -> Array:
        return np.asarray(outputs[fused.outputs[0]][0])

    def error(plan: Plan) -> float:
        int8 = quantise(fused, plan)
        found, exact = (
            [reference.run(each, {"picture": picture}) for picture in pictures]
            for each in (int8, fused)
        )
        pairs = zip(found, exact, strict=True)
        return sum(float(((answers(a) - answers(b)) ** 2).sum()) for a, b in pairs)

    assert error(refine(fused, bad, pictures, answers, silent)) < 0.8 * error(bad)


@pytest.mark.parametrize("activation", ["relu6", "silu"])
def test_int8_blocks_give_the_same_bytes(activation: str) -> None:
    graph, sketch = small_network(activation)
    fused, _ = fuse(graph, blocks=False)
    int8 = quantise(fused, calibrate(fused, [sketch.picture()], silent))
    blocks = int8.copy()
    find_blocks(blocks)
    assert [node.op for node in blocks.nodes].count("Block") == 1
    feeds = {"picture": sketch.picture()}
    expected, found = reference.run(int8, feeds), reference.run(blocks, feeds)
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values)


@pytest.mark.parametrize("largest", [3.0, 9.5, 140.0])
@pytest.mark.parametrize("activation", ["silu", "hard_swish"])
def test_curve_follows_the_activation(activation: str, largest: float) -> None:
    quantity = wide(activation, largest)
    stored = np.arange(-32768, 32768).astype(np.int16)
    exact = activate_real(quantity.real(stored), activation)
    found = quantity.real(curve(stored, table(activation, quantity, quantity)))
    allowed = 2e-3 if activation == "silu" else 4e-3
    assert np.abs(found - exact).max() < allowed + 2 * quantity.scale


def test_rounding_keeps_the_sum_of_a_window() -> None:
    weights = np.random.default_rng(0).standard_normal((8, 3, 5, 5))
    found = quantise_weights(weights, np.zeros(8))
    error = (found.real - weights).sum(axis=(1, 2, 3)) / found.scale
    assert np.abs(error).max() < 30  # clipped weights cannot be made up for
    plain = quantise_weights(weights.reshape(8, 75), np.zeros(8))
    plain_error = (plain.real - weights.reshape(8, 75)).sum(axis=1) / plain.scale
    assert np.abs(error).mean() < np.abs(plain_error).mean()


@pytest.mark.parametrize(
    ("shape", "segments"), [((8, 33), (33,)), ((8, 3, 5, 5), (15,) * 5), ((8, 5, 3, 3), (5,) * 9)]
)
def test_neighbouring_weights_stay_within_their_limit(
    shape: tuple[int, ...], segments: tuple[int, ...]
) -> None:
    weights = np.random.default_rng(1).standard_t(2, shape)
    pairs = neighbours(shape, segments)
    weights.reshape(8, -1)[:, pairs[:, 0]] = 100  # a pair that only half the resolution holds
    found = quantise_weights(weights, np.zeros(8), pairs)
    rows = found.values.reshape(8, -1).astype(int)
    assert np.abs(rows[:, pairs[0]] + rows[:, pairs[1]]).max() <= 128
    free = quantise_weights(weights, np.zeros(8))
    limited_error, free_error = (((each.real - weights) ** 2).sum() for each in (found, free))
    assert limited_error < 8 * free_error


def test_neighbours_start_anew_in_every_input_and_row_of_a_window() -> None:
    np.testing.assert_array_equal(neighbours((1, 5), (3, 2)), [[0, 3], [1, 4]])
    # Colours are innermost: (row 0, x 0, colour 0) goes with colour 1, colour 2 with (x 1, colour 0).
    np.testing.assert_array_equal(
        neighbours((1, 3, 2, 2), (6, 6)), [[0, 8, 5, 2, 10, 7], [4, 1, 9, 6, 3, 11]]
    )
    # In groups, every element of the window stands alone.
    np.testing.assert_array_equal(neighbours((1, 3, 1, 2), (3, 3)), [[0, 1], [2, 3]])


def test_default_bundle_obeys_the_limit_of_neighbours_in_sums_of_32_inputs_or_more() -> None:
    for name in ("scene", "object"):
        graph = onnx_file.read(default_bundle() / f"{name}.int8.onnx")
        checked = 0
        for node in graph.nodes:
            if node.op != "Pointwise" or graph.types[node.inputs[0]].dtype != np.uint8:
                continue
            count = len(node.integers("upsample", (1,)))
            segments = tuple(graph.types[each].shape[-1] for each in node.inputs[:count])
            weights = next(graph.constants[each] for each in node.inputs if each in graph.constants)
            if weights.shape[1] < 32:
                continue
            first, second = weights.astype(int)[:, neighbours(weights.shape, segments)].swapaxes(
                0, 1
            )
            assert np.abs(first + second).max() <= 128, node.output
            checked += 1
        assert checked


def test_plan_survives_its_file(tmp_path: Path) -> None:
    graph, sketch = small_network("silu")
    fused, _ = fuse(graph, blocks=False)
    plan = calibrate(fused, [sketch.picture()], silent)
    write_plan(plan, tmp_path / "plan.json")
    again = quantise(fused, read_plan(tmp_path / "plan.json"))
    assert onnx_writer.to_bytes(again) == onnx_writer.to_bytes(quantise(fused, plan))


def test_standard_operators_are_refused() -> None:
    sketch = Sketch((16, 16))
    value = sketch.node("Softplus", sketch.conv("image", 4, kernel=3, pads=[1] * 4))
    fused, _ = fuse(sketch.finish(value), blocks=False)
    with pytest.raises(BundleError, match="Softplus"):
        calibrate(fused, [sketch.picture()], silent)


def test_default_scene_network_sees_the_same_in_int8(
    scene_graph: Graph, scene_picture: NDArray[np.uint8]
) -> None:
    fused, _ = fuse(scene_graph)
    int8 = onnx_file.read(default_bundle() / "scene.int8.onnx")
    feeds = {"picture": scene_picture}
    exact, found = reference.run(fused, feeds), reference.run(int8, feeds)
    for head in ("people", "vehicles", "animals"):
        expected = (exact["objectness"] * exact[head]).max(axis=1)
        scores = (found["objectness"] * found[head]).max(axis=1)
        np.testing.assert_allclose(scores, expected, atol=0.1)
        np.testing.assert_array_equal(scores[expected > 0.5] > 0.4, True)
