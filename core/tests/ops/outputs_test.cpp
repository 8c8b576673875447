// What every op has in common, tried on one node of each.

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <thread>

#include "ops/constants.hpp"
#include "ops/node.hpp"
#include "ops/op_table.hpp"

namespace camclassify::testing {
namespace {

const std::vector<std::int64_t> kSame = {1, 1, 1, 1};

Node node_of(const char* op, std::vector<Tensor> activations, std::vector<DataType> outputs) {
  Node node;
  node.op = op;
  node.activations = std::move(activations);
  node.outputs = std::move(outputs);
  return node;
}

// One node of each op; those with several outputs have as many as they can.
std::vector<Node> one_of_each(DataType type) {
  Random random(30);
  const DataType src = type;
  const bool int8 = src != DataType::kF32;
  const auto activation = [&](const Shape& shape) { return random_tensor(random, src, shape); };
  std::vector<Node> nodes;

  Node stem = node_of("Stem", {random_tensor(random, DataType::kU8, {2, 9, 9, 3})}, {src});
  stem.list_attributes["pads"] = kSame;
  add_convolution(random, stem, int8 ? DataType::kU8 : src, {5, 3, 3, 3}, stem.outputs, "relu");
  nodes.push_back(stem);

  Node pointwise = node_of("Pointwise", {activation({2, 3, 4, 6})}, {src, src, src, src});
  pointwise.list_attributes["outputs"] = {1, 2, 3, 4};
  const std::string by_table = int8 ? "table" : "silu";
  pointwise.text_attributes["activation"] = by_table;
  add_convolution(random, pointwise, src, {10, 6}, pointwise.outputs, by_table);
  nodes.push_back(pointwise);

  Node depthwise = node_of("Depthwise", {activation({2, 5, 5, 7})}, {src});
  depthwise.list_attributes["pads"] = kSame;
  add_convolution(random, depthwise, src, {7, 3, 3}, depthwise.outputs, "none");
  nodes.push_back(depthwise);

  Node convolution = node_of("Convolution", {activation({2, 5, 5, 7})}, {src});
  convolution.list_attributes["pads"] = kSame;
  add_convolution(random, convolution, src, {6, 7, 3, 3}, convolution.outputs, "none");
  nodes.push_back(convolution);

  Node pool = node_of("Pooling", {activation({2, 9, 8, 6})}, {src});
  pool.list_attributes["kernel"] = {3, 3};
  nodes.push_back(pool);

  Node block = node_of("Block", {activation({2, 5, 5, 7})}, {src});
  block.list_attributes["pads"] = kSame;
  const DataType inner = int8 ? DataType::kU8 : src;
  add_convolution(random, block, src, {9, 7}, {inner}, "none");
  add_convolution(random, block, inner, {9, 3, 3}, {inner}, "none");
  add_convolution(random, block, inner, {4, 9}, block.outputs, "none");
  nodes.push_back(block);

  nodes.push_back(node_of("SpatialPyramidPool", {activation({2, 9, 8, 6})}, {src, src, src}));

  Node predictor = node_of("Predictor", {activation({2, 3, 4, 6}), activation({2, 1, 2, 6})},
                           std::vector<DataType>(3, DataType::kF32));
  predictor.integer_attributes["levels"] = 2;
  predictor.list_attributes["outputs"] = {4, 1, 2};
  predictor.list_attributes["sigmoid"] = {0, 1, 1};
  for (int level = 0; level < 2; ++level)
    add_convolution(random, predictor, src, {7, 6}, {DataType::kF32}, "none");
  nodes.push_back(predictor);

  if (src == DataType::kF32) {
    nodes.push_back(node_of("Rearrange", {activation({2, 3, 4})}, {src}));
    nodes.push_back(
        node_of("Concatenation", {activation({2, 3, 4}), activation({5, 3, 4})}, {src}));
    Node elementwise = node_of("Elementwise", {activation({2, 3, 4}), activation({4})}, {src});
    elementwise.text_attributes["kind"] = "add";
    nodes.push_back(elementwise);
    nodes.push_back(node_of("Softmax", {activation({2, 3, 4})}, {src}));
  }
  if (src == DataType::kI16) return nodes;  // which PooledHead does not read
  Node head =
      node_of("PooledHead", {activation({2, 3, 4, 6})}, std::vector<DataType>(3, DataType::kF32));
  head.list_attributes["outputs"] = {5, 2};
  head.real_attributes["feature_multiplier"] = 0.01F;
  head.real_attributes["pooled_multiplier"] = 30.0F;
  add_convolution(random, head, src, {7, 6}, {DataType::kF32}, "none");
  nodes.push_back(head);
  return nodes;
}

TEST_CASE("There is a node of every op to try") {
  std::set<std::string_view> tried;
  const std::vector<Node> nodes = one_of_each(DataType::kF32);
  for (const Node& node : nodes) tried.insert(node.op);
  std::set<std::string_view> known;
  for (const OpType* type : op_table()) known.insert(type->name);
  CHECK(tried == known);
}

TEST_CASE("Whichever outputs nobody wants, the others are the same and those are not written") {
  for (const DataType type : kPixelTypes) {
    for (const Node& node : one_of_each(type)) {
      CAPTURE(node.op);
      const std::vector<Tensor> all = run(node);
      for (unsigned subset = 0; subset < 1U << all.size(); ++subset) {
        CAPTURE(subset);
        std::vector<bool> wanted;
        for (std::size_t i = 0; i < all.size(); ++i) wanted.push_back((subset >> i & 1) != 0);
        for (const int threads : {1, 2}) {
          const std::vector<Tensor> some = run(node, threads, wanted);
          for (std::size_t i = 0; i < all.size(); ++i) {
            const std::vector<std::byte> untouched(all[i].bytes().size());
            CHECK(some[i].bytes() == (wanted[i] ? all[i].bytes() : untouched));
          }
        }
      }
    }
  }
}

TEST_CASE("A node that declares no output at all does nothing") {
  Node node = node_of("PooledHead", {Tensor(DataType::kF32, {1, 2, 2, 3})}, {});
  const auto op = make_op(node);
  const std::vector<TensorView> inputs = {node.activations[0].view()};
  std::vector<std::byte> scratch(op->scratch_bytes(std::vector<Shape>{{1, 2, 2, 3}}, 1));
  struct Serial final : Parallel {
    int threads() const override { return 1; }
    void run(int count, Task task) override {
      for (int i = 0; i < count; ++i) task(i, 0);
    }
  } serial;
  CHECK_NOTHROW(op->run(inputs, {}, scratch, serial));
}

TEST_CASE("Several threads may run one op at the same time") {
  for (const DataType type : kPixelTypes) {
    for (const Node& node : one_of_each(type)) {
      CAPTURE(node.op);
      const std::vector<Tensor> expected = run(node);
      const std::shared_ptr<Op> op = make_op(node);
      std::vector<std::vector<Tensor>> results(3);
      {
        std::vector<std::jthread> threads;
        for (auto& result : results)
          threads.emplace_back([&] {
            for (int round = 0; round < 20; ++round) result = run(*op, node);
          });
      }
      for (const auto& result : results)
        for (std::size_t i = 0; i < expected.size(); ++i)
          CHECK(result[i].bytes() == expected[i].bytes());
    }
  }
}

}  // namespace
}  // namespace camclassify::testing
