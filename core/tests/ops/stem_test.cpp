#include <doctest/doctest.h>

#include "ops/constants.hpp"
#include "ops/node.hpp"

namespace camclassify::testing {
namespace {

void check_stem(Random& random, bool int8, int kernel, int stride, int channels, int width) {
  Node node;
  node.op = "Stem";
  for (int i = 0; i < 4; ++i) {
    node.list_attributes["pads"].push_back(uniform(random, 0, kernel - 1));
  }
  node.activations.push_back(random_tensor(
      random, DataType::kU8, {uniform(random, 1, 2), uniform(random, kernel, 30), width, 3}));
  node.integer_attributes["stride"] = stride;
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
  check_against_reference(node);
}

TEST_CASE("Stem equals the reference for any picture, kernel and padding") {
  Random random(6);
  for (int round = 0; round < 80; ++round) {
    CAPTURE(round);
    const int kernel = uniform(random, 1, 7);
    check_stem(random, round % 2 == 0, kernel, uniform(random, 1, 2), uniform(random, 1, 50),
               uniform(random, kernel, 30));
  }
}

TEST_CASE("Stem of a YOLOX equals the reference at any width and number of channels") {
  Random random(7);
  for (int round = 0; round < 40; ++round) {
    CAPTURE(round);
    check_stem(random, round % 2 == 0, 6, 2, uniform(random, 1, 17), uniform(random, 6, 100));
  }
}

TEST_CASE("The work of a Stem pads the rows of eight outputs together, in every chunk anew") {
  Random random(33);
  Node node;
  node.op = "Stem";
  node.activations.push_back(random_tensor(random, DataType::kU8, {1, 96, 64, 3}));
  node.outputs = {DataType::kU8};
  node.integer_attributes["stride"] = 2;
  node.list_attributes["pads"] = {0, 0, 1, 1};
  add_convolution(random, node, DataType::kU8, {64, 3, 3, 3}, node.outputs, "none");
  const OpWork found = work(node);
  CHECK(found.rows == 48);
  CHECK(found.padded_bytes == 48 / 8 * (7 * 2 + 3) * (64 + 1) * 3);
  // Each of the three rows of the window is 9 values in 3 steps of 4.
  CHECK(tiled_multiply_adds(found) == 48 * 32 * 64 * 3 * 12);
  CHECK(work(node, 3).parts == 3);
  CHECK(work(node, 3).padded_bytes == found.padded_bytes);
  CHECK(work(node, 2).parts == 2);
  node.activations[0] = random_tensor(random, DataType::kU8, {1, 72, 64, 3});  // 36 rows
  CHECK(work(node).padded_bytes == (4 * 17 + 9) * 65 * 3);
  CHECK(work(node, 2).padded_bytes == 4 * (17 + 3) * 65 * 3);  // four chunks of nine rows
}

}  // namespace
}  // namespace camclassify::testing
