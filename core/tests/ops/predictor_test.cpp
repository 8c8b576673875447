#include <doctest/doctest.h>

#include "ops/constants.hpp"
#include "ops/node.hpp"

namespace camclassify::testing {
namespace {

TEST_CASE("Predictor joins its levels and deals its channels out to its outputs") {
  Random random(8);
  for (int round = 0; round < 40; ++round) {
    Node node;
    node.op = "Predictor";
    const DataType src = kPixelTypes[round % 3];
    const int levels = uniform(random, 1, 3), batch = uniform(random, 1, 2);
    std::int64_t channels = 0;
    for (int i = uniform(random, 1, 4); i > 0; --i) {
      node.outputs.push_back(DataType::kF32);
      node.list_attributes["outputs"].push_back(uniform(random, 1, 20));
      node.list_attributes["sigmoid"].push_back(uniform(random, 0, 1));
      channels += node.list_attributes["outputs"].back();
    }
    node.integer_attributes["levels"] = levels;
    for (int i = 0; i < levels; ++i) {
      const int depth = uniform(random, 1, 70);
      node.activations.push_back(random_tensor(
          random, src, {batch, uniform(random, 1, 20), uniform(random, 1, 20), depth}));
      add_convolution(random, node, src, {channels, depth}, {DataType::kF32}, "none");
    }
    CAPTURE(round);
    check_against_reference(node);
  }
}

TEST_CASE("The work of a Predictor is every pixel of every level, in tiles that fit its scratch") {
  Random random(35);
  Node node;
  node.op = "Predictor";
  node.outputs = {DataType::kF32, DataType::kF32};
  node.list_attributes["outputs"] = {48, 16};
  node.list_attributes["sigmoid"] = {0, 1};
  node.integer_attributes["levels"] = 2;
  for (const int size : {20, 10}) {
    node.activations.push_back(random_tensor(random, DataType::kF32, {2, size, size, 32}));
    add_convolution(random, node, DataType::kF32, {64, 32}, {DataType::kF32}, "none");
  }
  const OpWork found = work(node, 2);
  CHECK(tiled_multiply_adds(found) == 2 * (400 + 100) * 32 * 64);
  for (const ProductWork& product : found.products) {
    CHECK(product.pixels * 64 * 4 <= found.part_scratch_bytes);
  }
  CHECK(found.copied_bytes == 2 * 500 * 64 * 4);
  CHECK(found.parts == 2);
}

}  // namespace
}  // namespace camclassify::testing
