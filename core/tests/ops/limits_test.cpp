// What a foreign network may ask of an op, and what not.

#include <doctest/doctest.h>

#include "camclassify/error.hpp"
#include "ops/constants.hpp"
#include "ops/node.hpp"
#include "ops/op_table.hpp"

namespace camclassify::testing {
namespace {

Node node_of(const char* op, DataType src, const Shape& shape) {
  Node node;
  node.op = op;
  node.activations.emplace_back(src, shape);
  node.outputs = {src};
  return node;
}

void add_weights(Node& node, DataType src, const Shape& shape) {
  Random random(21);
  add_convolution(random, node, src, shape, {node.outputs[0]}, "none");
}

TEST_CASE("Channels whose sum wraps around to the right number are refused") {
  Node node = node_of("Pointwise", DataType::kF32, {1, 1, 1, 64});
  for (int i = 0; i < 3; ++i) node.activations.push_back(node.activations[0]);
  node.list_attributes["upsample"] = {1, 1, 1, 1};
  add_weights(node, DataType::kF32, {64, 64});
  node.list_attributes["inputs"] = {2147483647, 2147483647, 2, 64};
  CHECK_THROWS_WITH_AS(make_op(node), doctest::Contains("inputs"), BundleError);
  node.list_attributes["inputs"] = {std::int64_t{1} << 62, std::int64_t{3} << 62, 32, 32};
  CHECK_THROWS_AS(make_op(node), BundleError);

  node = node_of("Pointwise", DataType::kF32, {1, 1, 1, 4});
  add_weights(node, DataType::kF32, {8, 4});
  node.outputs.assign(3, DataType::kF32);
  node.list_attributes["outputs"] = {std::int64_t{1} << 32, -(std::int64_t{1} << 32), 8};
  CHECK_THROWS_WITH_AS(make_op(node), doctest::Contains("outputs"), BundleError);

  node = node_of("PooledHead", DataType::kF32, {1, 1, 1, 4});
  add_weights(node, DataType::kF32, {8, 4});
  node.outputs.assign(3, DataType::kF32);
  node.list_attributes["outputs"] = {(std::int64_t{1} << 32) + 4, 4};
  CHECK_THROWS_WITH_AS(make_op(node), doctest::Contains("outputs"), BundleError);

  node = node_of("Predictor", DataType::kF32, {1, 2, 2, 4});
  add_weights(node, DataType::kF32, {64, 4});
  node.list_attributes["outputs"].assign(65536, 65536);
  node.list_attributes["outputs"].push_back(64);
  node.list_attributes["sigmoid"].assign(65537, 0);
  node.outputs.assign(65537, DataType::kF32);
  CHECK_THROWS_WITH_AS(make_op(node), doctest::Contains("outputs"), BundleError);
}

TEST_CASE("A picture smaller than the kernel is refused with either stride") {
  for (const std::int64_t stride : {1, 2}) {
    for (const Shape& shape : {Shape{1, 1, 8, 3}, Shape{1, 8, 1, 3}}) {
      Node stem = node_of("Stem", DataType::kU8, shape);
      stem.outputs = {DataType::kF32};
      add_weights(stem, DataType::kF32, {4, 3, 2, 2});
      Shape tall = shape;
      for (std::int64_t& extent : tall) extent = extent == 1 ? 2 : extent;
      Node depthwise = node_of("Depthwise", DataType::kF32, {1, tall[1], tall[2], 3});
      add_weights(depthwise, DataType::kF32, {3, 3, 3});
      Node block = node_of("Block", DataType::kF32, {1, tall[1], tall[2], 3});
      block.integer_attributes["expand"] = 0;
      add_weights(block, DataType::kF32, {3, 3, 3});
      add_weights(block, DataType::kF32, {3, 3});
      for (Node* node : {&stem, &depthwise, &block}) {
        node->integer_attributes["stride"] = stride;
        CAPTURE(node->op);
        CHECK_THROWS_AS(run(*node), BundleError);
      }
    }
  }
}

TEST_CASE("An activation of a type that no kernel knows is refused, read or written") {
  for (const DataType type : {DataType::kS8, DataType::kI32, DataType::kI64}) {
    Node pool = node_of("SpatialPyramidPool", type, {1, 3, 3, 5});
    pool.outputs.assign(3, type);
    CHECK_THROWS_WITH_AS(make_op(pool), doctest::Contains("type"), BundleError);
    Node depthwise = node_of("Depthwise", type, {1, 3, 3, 5});
    depthwise.outputs = {DataType::kU8};
    add_weights(depthwise, DataType::kU8, {5, 3, 3});
    CHECK_THROWS_WITH_AS(make_op(depthwise), doctest::Contains("type"), BundleError);
    Node pointwise = node_of("Pointwise", DataType::kU8, {1, 3, 3, 5});
    add_weights(pointwise, DataType::kU8, {7, 5});
    CHECK_NOTHROW(make_op(pointwise));
    pointwise.outputs = {type};
    CHECK_THROWS_WITH_AS(make_op(pointwise), doctest::Contains("type"), BundleError);
  }
}

TEST_CASE("An activation that is too large is refused, read or written") {
  Node node = node_of("Pointwise", DataType::kF32, {1, 1, 1, 1});
  add_weights(node, DataType::kF32, {64, 1});
  const auto op = make_op(node);
  const auto infer = [&](const Shape& shape) {
    return op->infer(std::vector<Shape>{shape, {64, 1}, {64}});
  };
  CHECK(infer({1, 2048, 2048, 1})[0] == Shape{1, 2048, 2048, 64});
  CHECK_THROWS_WITH_AS(infer({1, 4096, 4096, 1}), doctest::Contains("elements"), BundleError);
  CHECK_THROWS_WITH_AS(infer({1, 65536, 65536, 1}), doctest::Contains("elements"), BundleError);
  CHECK_THROWS_AS(infer({65536, 65536, 65536, 1}), BundleError);
}

TEST_CASE("An op that would need endless memory while it runs is refused") {
  Node node = node_of("Block", DataType::kF32, {1, 3, 65536, 1});
  add_weights(node, DataType::kF32, {32768, 1});
  add_weights(node, DataType::kF32, {32768, 3, 3});
  add_weights(node, DataType::kF32, {1, 32768});
  node.list_attributes["pads"] = {1, 1, 1, 1};
  const auto op = make_op(node);
  std::vector<Shape> shapes;
  for (std::size_t i = 0; i < node.input_count(); ++i) shapes.push_back(node.input(i).shape());
  CHECK(op->infer(shapes)[0] == Shape{1, 3, 65536, 1});
  CHECK_THROWS_WITH_AS(op->scratch_bytes(shapes, 1), doctest::Contains("MB"), BundleError);
  shapes[0] = {1, 3, 64, 1};
  CHECK(op->scratch_bytes(shapes, 1) > 0);
  CHECK_THROWS_AS(op->scratch_bytes(shapes, 1 << 20), BundleError);
}

TEST_CASE("PooledHead refuses what its sums and multipliers cannot hold") {
  Node node = node_of("PooledHead", DataType::kU8, {1, 2, 2, 4});
  node.outputs = {DataType::kF32};
  const auto op = make_op(node);
  CHECK(op->infer(std::vector<Shape>{{1, 2048, 4096, 1}})[0] == Shape{1, 1});
  CHECK_THROWS_WITH_AS(op->infer(std::vector<Shape>{{1, 4096, 4096, 1}}),
                       doctest::Contains("pixels"), BundleError);
  node.real_attributes["feature_multiplier"] = 3e38F;
  CHECK_THROWS_WITH_AS(make_op(node), doctest::Contains("multipliers"), BundleError);
}

}  // namespace
}  // namespace camclassify::testing
