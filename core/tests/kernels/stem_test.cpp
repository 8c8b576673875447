#include <doctest/doctest.h>

#include "kernels/constants.hpp"
#include "kernels/node.hpp"

namespace camclassify::testing {
namespace {

TEST_CASE("Stem equals the reference for any picture, kernel and padding") {
  Random random(6);
  for (int round = 0; round < 80; ++round) {
    Node node;
    node.op = "Stem";
    const bool int8 = round % 2 == 0;
    const int kernel = uniform(random, 1, 7), channels = uniform(random, 1, 50);
    for (int i = 0; i < 4; ++i) {
      node.list_attributes["pads"].push_back(uniform(random, 0, kernel - 1));
    }
    node.activations.push_back(random_tensor(
        random, DataType::kU8,
        {uniform(random, 1, 2), uniform(random, kernel, 30), uniform(random, kernel, 30), 3}));
    node.integer_attributes["stride"] = uniform(random, 1, 2);
    node.integer_attributes["pad_value"] = uniform(random, 0, 255);
    const DataType src = int8 ? DataType::kU8 : DataType::kF32;
    node.outputs = {random_output(random, src, true)};
    const std::string activation = random_activation(random, src, node.outputs);
    node.text_attributes["activation"] = activation;
    add_convolution(random, node, src, {channels, 3, kernel, kernel}, node.outputs, activation);
    if (!int8) {  // as normalisation does
      for (std::size_t i = 0; i < node.constants[0].size(); ++i) {
        node.constants[0].set(i, node.constants[0][i] / 128);
      }
    }
    CAPTURE(round);
    check_against_reference(node);
  }
}

}  // namespace
}  // namespace camclassify::testing
