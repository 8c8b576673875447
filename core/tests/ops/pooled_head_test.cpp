#include <doctest/doctest.h>

#include "ops/constants.hpp"
#include "ops/node.hpp"

namespace camclassify::testing {
namespace {

TEST_CASE("PooledHead gives the mean features and each classifier's logits") {
  Random random(9);
  for (int round = 0; round < 40; ++round) {
    Node node;
    node.op = "PooledHead";
    const DataType src = round % 2 == 0 ? DataType::kF32 : DataType::kU8;
    const int channels = uniform(random, 1, 200);
    const int height = uniform(random, 1, 8), width = uniform(random, 1, 8);
    node.activations.push_back(
        random_tensor(random, src, {uniform(random, 1, 2), height, width, channels}));
    node.outputs = {DataType::kF32};
    node.real_attributes["feature_multiplier"] = 0.031F / static_cast<float>(height * width);
    node.real_attributes["pooled_multiplier"] = 47.0F;
    std::int64_t rows = 0;
    for (int i = uniform(random, 0, 3); i > 0; --i) {
      node.outputs.push_back(DataType::kF32);
      node.list_attributes["outputs"].push_back(uniform(random, 1, 300));
      rows += node.list_attributes["outputs"].back();
    }
    if (rows > 0) add_convolution(random, node, src, {rows, channels}, {DataType::kF32}, "none");
    CAPTURE(round);
    check_against_reference(node);
  }
}

TEST_CASE("The work of a PooledHead adds up every pixel and multiplies once for each picture") {
  Random random(32);
  Node node;
  node.op = "PooledHead";
  node.activations.push_back(random_tensor(random, DataType::kU8, {2, 7, 7, 192}));
  node.outputs = {DataType::kF32, DataType::kF32};
  node.list_attributes["outputs"] = {128};
  add_convolution(random, node, DataType::kU8, {128, 192}, {DataType::kF32}, "none");
  const OpWork found = work(node, 2);
  CHECK(found.parts == 1);
  CHECK(found.pooled == 2 * 7 * 7 * 192);
  CHECK(found.rows == 2 * 7 * 7);
  CHECK(tiled_multiply_adds(found) == 2 * 192 * 128);
  CHECK(found.written_bytes == 2 * (192 + 128) * 4);
}

}  // namespace
}  // namespace camclassify::testing
