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

TEST_CASE(
    "The work of a Depthwise is every output once, from rows that are copied once for each part") {
  Random random(34);
  for (const DataType src : {DataType::kF32, DataType::kU8}) {
    Node node;
    node.op = "Depthwise";
    node.activations.push_back(random_tensor(random, src, {2, 56, 56, 64}));
    node.outputs = {src};
    node.integer_attributes["stride"] = 2;
    node.list_attributes["pads"] = {2, 2, 2, 2};
    add_convolution(random, node, src, {64, 5, 5}, node.outputs, "none");
    const OpWork found = work(node);
    REQUIRE(found.depthwise);
    CHECK(found.depthwise->rows % (2 * 28) == 0);
    CHECK(found.rows == 2 * 56);
    CHECK(found.written_bytes == 2 * 28 * 28 * 64 * static_cast<std::int64_t>(size_of(src)));
    CHECK(found.products.empty());
    CHECK(work(node, 2).parts == 2);
    CHECK(work(node, 2).rows == 2 * (56 + 3));  // 5 rows of the window less 2 of the stride
    CHECK(work(node, 2).depthwise->outputs == found.depthwise->outputs);
  }
}

}  // namespace
}  // namespace camclassify::testing
