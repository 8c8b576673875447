#include <doctest/doctest.h>

#include <cmath>

#include "camclassify/error.hpp"
#include "ops/constants.hpp"
#include "ops/node.hpp"
#include "ops/op_table.hpp"

namespace camclassify::testing {
namespace {

Node pointwise(DataType src, DataType dst) {
  Random random(10);
  Node node;
  node.op = "Pointwise";
  node.activations.push_back(random_tensor(random, src, {1, 2, 2, 4}));
  node.outputs = {dst};
  add_convolution(random, node, src, {8, 4}, {dst}, "none");
  return node;
}

TEST_CASE("make_op refuses a type that it does not know, by name") {
  Node node = pointwise(DataType::kF32, DataType::kF32);
  node.op = "Transformer";
  CHECK_THROWS_WITH_AS(make_op(node), doctest::Contains("Transformer"), BundleError);
}

TEST_CASE("make_op refuses constants that are missing, superfluous or of the wrong type") {
  const Node good = pointwise(DataType::kU8, DataType::kU8);
  CHECK_NOTHROW(make_op(good));
  Node node = good;
  node.constants.pop_back();
  CHECK_THROWS_AS(make_op(node), BundleError);
  node = good;
  node.constants.push_back(good.constants[0]);
  CHECK_THROWS_AS(make_op(node), BundleError);
  node = good;
  node.constants[1] = Tensor(DataType::kF32, {8});
  CHECK_THROWS_AS(make_op(node), BundleError);
  node = good;
  node.constants[1] = Tensor(DataType::kI32, {7});
  CHECK_THROWS_AS(make_op(node), BundleError);
  CHECK_THROWS_AS(make_op(pointwise(DataType::kF32, DataType::kU8)), BundleError);
}

TEST_CASE("make_op refuses constants whose sums could overflow") {
  Node node = pointwise(DataType::kU8, DataType::kU8);
  node.constants[1].set(3, 2147483000.0);
  CHECK_THROWS_WITH_AS(make_op(node), doctest::Contains("channel 3"), BundleError);
  node = pointwise(DataType::kU8, DataType::kU8);
  node.constants[2].set(5, 1e9);
  CHECK_THROWS_WITH_AS(make_op(node), doctest::Contains("channel 5"), BundleError);
  node.constants[2].set(5, std::nan(""));
  CHECK_THROWS_AS(make_op(node), BundleError);
}

TEST_CASE("make_op refuses attributes that do not fit") {
  Node node = pointwise(DataType::kU8, DataType::kU8);
  node.text_attributes["activation"] = "silu";
  CHECK_THROWS_WITH_AS(make_op(node), doctest::Contains("silu"), BundleError);
  node = pointwise(DataType::kU8, DataType::kU8);
  node.list_attributes["outputs"] = {4, 4};
  CHECK_THROWS_AS(make_op(node), BundleError);
  node = pointwise(DataType::kU8, DataType::kU8);
  node.list_attributes["upsample"] = {3};
  CHECK_THROWS_AS(make_op(node), BundleError);
}

TEST_CASE("infer refuses inputs that do not fit the weights") {
  const auto op = make_op(pointwise(DataType::kF32, DataType::kF32));
  const auto infer = [&](const Shape& shape) {
    const std::vector<Shape> inputs = {shape, {8, 4}, {8}};
    return op->infer(inputs);
  };
  CHECK(infer({1, 2, 2, 4})[0] == Shape{1, 2, 2, 8});
  CHECK_THROWS_AS(infer({1, 2, 2, 5}), BundleError);
  CHECK_THROWS_AS(infer({1, 2, 4}), BundleError);
  CHECK_THROWS_AS(infer({1, 0, 2, 4}), BundleError);
}

}  // namespace
}  // namespace camclassify::testing
