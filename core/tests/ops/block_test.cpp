#include <doctest/doctest.h>

#include "ops/constants.hpp"
#include "ops/node.hpp"

namespace camclassify::testing {
namespace {

const char* name_of(DataType type) { return type == DataType::kI16 ? "i16" : "u8"; }

Node random_block(Random& random, DataType src) {
  Node node;
  node.op = "Block";
  const bool expands = uniform(random, 0, 3) > 0;
  const bool residual = src != DataType::kI16 && uniform(random, 0, 1) == 0;
  const int kernel = uniform(random, 0, 1) == 0 ? 3 : 5;
  const int in = uniform(random, 1, 50), inner = expands ? uniform(random, 1, 90) : in;
  const int out = residual ? in : uniform(random, 1, 50);
  const int pad = kernel / 2;
  node.activations.push_back(random_tensor(
      random, src, {uniform(random, 1, 2), uniform(random, 1, 14), uniform(random, 1, 14), in}));
  const DataType expanded = expands ? random_output(random, src, false) : src;
  const DataType filtered = random_output(random, src, false);
  node.outputs = {src == DataType::kU8 ? DataType::kU8 : random_output(random, src, true)};
  node.integer_attributes["expand"] = expands ? 1 : 0;
  node.integer_attributes["stride"] = residual ? 1 : uniform(random, 1, 2);
  node.integer_attributes["rows"] = uniform(random, 0, 5);
  node.list_attributes["pads"] = {pad, pad, pad, pad};
  if (expanded == DataType::kU8) node.integer_attributes["pad_value"] = uniform(random, 0, 255);
  node.text_attributes["expand_type"] = name_of(expanded);
  node.text_attributes["depthwise_type"] = name_of(filtered);
  if (residual) {
    node.text_attributes["residual"] = uniform(random, 0, 1) == 0 ? "before" : "after";
    if (src == DataType::kU8) node.real_attributes["residual_multiplier"] = 0.6F;
  }
  const auto stage = [&](const char* key, DataType reads, DataType writes, const Shape& shape) {
    const std::string activation = random_activation(random, reads, {writes});
    node.text_attributes[key] = activation;
    add_convolution(random, node, reads, shape, {writes}, activation);
  };
  if (expands) stage("expand_activation", src, expanded, {inner, in});
  stage("depthwise_activation", expanded, filtered, {inner, kernel, kernel});
  stage("activation", filtered, node.outputs[0], {out, inner});
  return node;
}

TEST_CASE("Block equals the composition of its three convolutions, however many rows it holds") {
  Random random(5);
  for (int round = 0; round < 120; ++round) {
    CAPTURE(round);
    check_against_reference(random_block(random, kPixelTypes[round % 3]));
  }
}

}  // namespace
}  // namespace camclassify::testing
