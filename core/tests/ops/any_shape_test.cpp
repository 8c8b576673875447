// The ops behind a network's last convolutions, on tensors of any shape.

#include <doctest/doctest.h>

#include <cmath>

#include "camclassify/error.hpp"
#include "ops/node.hpp"
#include "ops/op_table.hpp"

namespace camclassify::testing {
namespace {

Node node_of(const char* op, std::vector<Tensor> activations) {
  Node node;
  node.op = op;
  node.activations = std::move(activations);
  node.outputs = {DataType::kF32};
  return node;
}

Tensor counted(const Shape& shape) {
  Tensor tensor(DataType::kF32, shape);
  for (std::size_t i = 0; i < tensor.size(); ++i) tensor.set(i, static_cast<double>(i));
  return tensor;
}

std::vector<double> values(const Tensor& tensor) {
  std::vector<double> found;
  for (std::size_t i = 0; i < tensor.size(); ++i) found.push_back(tensor[i]);
  return found;
}

using Values = std::vector<double>;

TEST_CASE("Rearrange takes a part, puts its axes in order and gives it a shape") {
  Node node = node_of("Rearrange", {counted({2, 3, 4})});
  CHECK(values(run(node)[0]) == values(node.activations[0]));
  node.list_attributes["starts"] = {0, 1, 1};
  node.list_attributes["sizes"] = {2, 2, 2};
  node.list_attributes["steps"] = {1, 1, 2};
  CHECK(values(run(node)[0]) == Values{5, 7, 9, 11, 17, 19, 21, 23});
  node.list_attributes["order"] = {2, 0, 1};
  CHECK(run(node)[0].shape() == Shape{2, 2, 2});
  CHECK(values(run(node)[0]) == Values{5, 9, 17, 21, 7, 11, 19, 23});
  node.list_attributes["shape"] = {8, 1};
  CHECK(run(node)[0].shape() == Shape{8, 1});
  CHECK(values(run(node)[0]) == Values{5, 9, 17, 21, 7, 11, 19, 23});
}

TEST_CASE("Rearrange equals a plain loop for any order of any number of axes") {
  Random random(60);
  for (int round = 0; round < 40; ++round) {
    Shape shape;
    std::vector<std::int64_t> order;
    const int axes = uniform(random, 1, 6);
    for (int axis = 0; axis < axes; ++axis) {
      shape.push_back(uniform(random, 1, 4));
      order.push_back(axis);
    }
    std::ranges::shuffle(order, random);
    Node node = node_of("Rearrange", {counted(shape)});
    node.list_attributes["order"] = order;
    const Tensor result = run(node)[0];
    for (std::size_t i = 0; i < result.size(); ++i) {
      std::size_t rest = i, from = 0;
      for (std::size_t axis = order.size(); axis-- > 0;) {
        const auto extent = static_cast<std::size_t>(result.shape()[axis]);
        std::size_t stride = 1;
        for (auto k = static_cast<std::size_t>(order[axis]) + 1; k < shape.size(); ++k) {
          stride *= static_cast<std::size_t>(shape[k]);
        }
        from += rest % extent * stride;
        rest /= extent;
      }
      CHECK(result[i] == static_cast<double>(from));
    }
  }
}

TEST_CASE("Concatenation puts tensors and constants one after the other along an axis") {
  Node node = node_of("Concatenation", {counted({2, 1, 2})});
  node.constants.push_back(counted({2, 2, 2}));
  node.integer_attributes["axis"] = 1;
  const Tensor result = run(node)[0];
  CHECK(result.shape() == Shape{2, 3, 2});
  CHECK(values(result) == Values{0, 1, 0, 1, 2, 3, 2, 3, 4, 5, 6, 7});
}

TEST_CASE("Elementwise repeats what has one element along an axis, or lacks it") {
  Node node = node_of("Elementwise", {counted({2, 1, 3}), counted({2, 1})});
  node.text_attributes["kind"] = "subtract";
  const Tensor result = run(node)[0];
  CHECK(result.shape() == Shape{2, 2, 3});
  CHECK(values(result) == Values{0, 1, 2, -1, 0, 1, 3, 4, 5, 2, 3, 4});
  node.activations = {counted({3})};
  node.constants = {Tensor(DataType::kF32, {})};
  node.constants[0].set(0, 2);
  for (const auto& [kind, expected] : std::map<std::string, Values>{{"add", {2, 3, 4}},
                                                                    {"multiply", {0, 2, 4}},
                                                                    {"divide", {0, 0.5, 1}},
                                                                    {"maximum", {2, 2, 2}},
                                                                    {"minimum", {0, 1, 2}}}) {
    node.text_attributes["kind"] = kind;
    CAPTURE(node.text_attributes["kind"]);
    CHECK(values(run(node)[0]) == expected);
  }
}

TEST_CASE("Functions of one tensor are what they are called") {
  Random random(61);
  Node node = node_of("Elementwise", {random_tensor(random, DataType::kF32, {40})});
  for (std::size_t i = 0; i < 40; ++i) node.activations[0].set(i, std::abs(node.activations[0][i]));
  const auto check = [&](const char* kind, double (*function)(double)) {
    node.text_attributes["kind"] = kind;
    const Tensor result = run(node)[0];
    for (std::size_t i = 0; i < result.size(); ++i) {
      CHECK(result[i] == doctest::Approx(function(node.activations[0][i])).epsilon(1e-5));
    }
  };
  check("sigmoid", [](double x) { return 1 / (1 + std::exp(-x)); });
  check("exponential", [](double x) { return std::exp(x); });
  check("logarithm", [](double x) { return std::log(x); });
}

TEST_CASE("Softmax adds up to one along its axis, however large the numbers") {
  Node node = node_of("Softmax", {counted({2, 3, 4})});
  for (std::size_t i = 0; i < node.activations[0].size(); ++i) {
    node.activations[0].set(i, node.activations[0][i] * 100);
  }
  for (const int axis : {0, 1, 2}) {
    node.integer_attributes["axis"] = axis;
    const Tensor result = run(node)[0];
    double sum = 0;
    for (std::size_t i = 0; i < result.size(); ++i) sum += result[i];
    CHECK(sum == doctest::Approx(24.0 / static_cast<double>(result.shape()[axis])));
    CHECK(result[result.size() - 1] == doctest::Approx(1));
  }
}

TEST_CASE("What does not fit is refused") {
  Node part = node_of("Rearrange", {counted({2, 3})});
  part.list_attributes["starts"] = {0, 2};
  part.list_attributes["sizes"] = {2, 2};
  CHECK_THROWS_WITH_AS(run(part), doctest::Contains("part"), BundleError);
  Node shaped = node_of("Rearrange", {counted({2, 3})});
  shaped.list_attributes["shape"] = {5};
  CHECK_THROWS_WITH_AS(run(shaped), doctest::Contains("elements"), BundleError);
  Node ordered = node_of("Rearrange", {counted({2, 3})});
  ordered.list_attributes["order"] = {0, 0};
  CHECK_THROWS_WITH_AS(make_op(ordered), doctest::Contains("order"), BundleError);
  const Node joined = node_of("Concatenation", {counted({2, 3}), counted({3, 2})});
  CHECK_THROWS_WITH_AS(run(joined), doctest::Contains("differ"), BundleError);
  Node unknown = node_of("Elementwise", {counted({2})});
  unknown.text_attributes["kind"] = "sine";
  CHECK_THROWS_WITH_AS(make_op(unknown), doctest::Contains("sine"), BundleError);
  Node odd = node_of("Elementwise", {counted({2, 3}), counted({2, 2})});
  odd.text_attributes["kind"] = "add";
  CHECK_THROWS_WITH_AS(run(odd), doctest::Contains("differ"), BundleError);
  const Node bytes = node_of("Softmax", {Tensor(DataType::kU8, {2})});
  CHECK_THROWS_WITH_AS(make_op(bytes), doctest::Contains("f32"), BundleError);
  Node flat = node_of("Softmax", {counted({2})});
  flat.integer_attributes["axis"] = 1;
  CHECK_THROWS_WITH_AS(run(flat), doctest::Contains("axis"), BundleError);
}

}  // namespace
}  // namespace camclassify::testing
