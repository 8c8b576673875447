#include <doctest/doctest.h>

#include "ops/constants.hpp"
#include "ops/node.hpp"
#include "ops/op_table.hpp"

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

// 28 x 28 x 32, expanded six times.
Node inverted_residual(DataType src, int stride) {
  Random random(50);
  Node node;
  node.op = "Block";
  node.activations.push_back(random_tensor(random, src, {1, 28, 28, 32}));
  node.outputs = {src};
  node.integer_attributes["stride"] = stride;
  node.list_attributes["pads"] = {1, 1, 1, 1};
  add_convolution(random, node, src, {192, 32}, {src}, "none");
  add_convolution(random, node, src, {192, 3, 3}, {src}, "none");
  add_convolution(random, node, src, {64, 192}, {src}, "none");
  return node;
}

TEST_CASE("The work of a Block expands every row, filters and projects every output, once") {
  for (const DataType src : {DataType::kF32, DataType::kU8}) {
    for (const int stride : {1, 2}) {
      const OpWork found = work(inverted_residual(src, stride));
      const int out = 28 / stride;
      CHECK(tiled_multiply_adds(found) == 28 * 28 * 32 * 192 + out * out * 192 * 64);
      CHECK(found.rows == 28);
      REQUIRE(found.depthwise);
      CHECK(found.depthwise->kernel == 3);
      CHECK(found.depthwise->stride == stride);
      CHECK(found.depthwise->rows % out == 0);
      CHECK(found.residual == 0);
      CHECK(found.copied_bytes == 0);
    }
  }
}

TEST_CASE("The parts of a Block each expand the rows that they share with others") {
  const Node node = inverted_residual(DataType::kF32, 1);
  CHECK(work(node, 3).parts == 3);
  CHECK(work(node, 3).rows == 28 + 2 * 2);
  CHECK(work(node, 3).written_bytes == work(node, 1).written_bytes);
}

TEST_CASE("A Block takes as many turns as its scratch is made for") {
  Node node = inverted_residual(DataType::kU8, 1);
  for (const int rows : {1, 5, 28}) {
    node.integer_attributes["rows"] = rows;
    const OpWork found = work(node);
    CHECK(found.turns == (28 + rows - 1) / rows);
    std::vector<Shape> shapes;
    for (std::size_t i = 0; i < node.input_count(); ++i) shapes.push_back(node.input(i).shape());
    CHECK(static_cast<std::size_t>(found.part_scratch_bytes) ==
          make_op(node)->scratch_bytes(shapes, 1));
  }
}

}  // namespace
}  // namespace camclassify::testing
