#include <doctest/doctest.h>

#include "ops/constants.hpp"
#include "ops/node.hpp"

namespace camclassify::testing {
namespace {

TEST_CASE("Depthwise equals the reference for any shape, kernel, stride and padding") {
  Random random(4);
  for (int round = 0; round < 150; ++round) {
    Node node;
    node.op = "Depthwise";
    const DataType src = kPixelTypes[round % 3];
    const int kernel = uniform(random, 0, 1) == 0 ? 3 : 5;
    const int channels = uniform(random, 1, 100);
    for (int i = 0; i < 4; ++i) {
      node.list_attributes["pads"].push_back(uniform(random, 0, kernel - 1));
    }
    const auto& pads = node.list_attributes["pads"];
    const int height =
        uniform(random, std::max<int>(1, kernel - static_cast<int>(pads[0] + pads[2])), 12);
    const int narrowest = std::max<int>(1, kernel - static_cast<int>(pads[1] + pads[3]));
    const int width = uniform(random, narrowest, uniform(random, 0, 1) == 0 ? 12 : 80);
    node.activations.push_back(
        random_tensor(random, src, {uniform(random, 1, 2), height, width, channels}));
    node.integer_attributes["stride"] = uniform(random, 1, 2);
    if (src != DataType::kF32) node.integer_attributes["pad_value"] = uniform(random, 0, 255);
    node.outputs = {random_output(random, src, false)};
    const std::string activation = random_activation(random, src, node.outputs);
    node.text_attributes["activation"] = activation;
    add_convolution(random, node, src, {channels, kernel, kernel}, node.outputs, activation);
    CAPTURE(round);
    check_against_reference(node);
  }
}

}  // namespace
}  // namespace camclassify::testing
