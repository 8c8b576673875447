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
      node.list_attributes["outputs"].push_back(uniform(random, 1, 60));
      rows += node.list_attributes["outputs"].back();
    }
    if (rows > 0) add_convolution(random, node, src, {rows, channels}, {DataType::kF32}, "none");
    CAPTURE(round);
    check_against_reference(node);
  }
}

}  // namespace
}  // namespace camclassify::testing
