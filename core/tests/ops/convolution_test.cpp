#include <doctest/doctest.h>

#include "camclassify/error.hpp"
#include "ops/constants.hpp"
#include "ops/node.hpp"
#include "ops/op_table.hpp"

namespace camclassify::testing {
namespace {

struct Kind {
  int rows, columns, stride, groups;
};

Node convolution(Random& random, DataType src, const Kind& kind, int inputs, int outputs,
                 const Shape& picture, bool padded) {
  Node node;
  node.op = "Convolution";
  if (padded) {
    node.list_attributes["pads"] = {
        uniform(random, 0, kind.rows - 1), uniform(random, 0, kind.columns - 1),
        uniform(random, 0, kind.rows - 1), uniform(random, 0, kind.columns - 1)};
    if (src == DataType::kU8) node.integer_attributes["pad_value"] = uniform(random, 0, 255);
    if (src == DataType::kI16) node.integer_attributes["pad_value"] = uniform(random, -900, 900);
  }
  node.integer_attributes["stride"] = kind.stride;
  if (kind.groups > 1) node.integer_attributes["groups"] = kind.groups;
  node.activations.push_back(
      random_tensor(random, src, {picture[0], picture[1], picture[2], kind.groups * inputs}));
  node.outputs = {random_output(random, src, true)};
  const std::string activation = random_activation(random, src, node.outputs);
  node.text_attributes["activation"] = activation;
  add_convolution(random, node, src, {kind.groups * outputs, inputs, kind.rows, kind.columns},
                  node.outputs, activation);
  return node;
}

TEST_CASE("Convolution equals the reference for any kernel, stride, padding and type") {
  Random random(40);
  for (int round = 0; round < 120; ++round) {
    CAPTURE(round);
    const Kind kind = {uniform(random, 1, 5), uniform(random, 1, 5), uniform(random, 1, 3), 1};
    const Shape picture = {uniform(random, 1, 2), uniform(random, kind.rows, 12),
                           uniform(random, kind.columns, 14)};
    check_against_reference(convolution(random, kPixelTypes[round % 3], kind,
                                        uniform(random, 1, 40), uniform(random, 1, 150), picture,
                                        round % 4 != 0));
  }
}

TEST_CASE("Convolution of one pixel, or whose kernel covers its picture, equals the reference") {
  Random random(41);
  for (const DataType src : kPixelTypes) {
    check_against_reference(convolution(random, src, {1, 1, 1, 1}, 7, 9, {1, 1, 1}, false));
    Node surrounded = convolution(random, src, {3, 3, 2, 1}, 16, 64, {1, 1, 1}, false);
    surrounded.list_attributes["pads"] = {2, 1, 1, 2};
    check_against_reference(surrounded);
    check_against_reference(convolution(random, src, {16, 16, 16, 1}, 2, 3, {1, 16, 16}, true));
  }
}

TEST_CASE("Convolution in groups equals the reference, however few channels a group has") {
  Random random(42);
  for (int round = 0; round < 60; ++round) {
    CAPTURE(round);
    const Kind kind = {uniform(random, 1, 4), uniform(random, 1, 4), uniform(random, 1, 2),
                       uniform(random, 2, 6)};
    const Shape picture = {1, uniform(random, kind.rows, 9), uniform(random, kind.columns, 9)};
    check_against_reference(convolution(random, kPixelTypes[round % 3], kind,
                                        uniform(random, 1, 17), uniform(random, 1, 70), picture,
                                        round % 2 == 0));
  }
}

TEST_CASE("Convolution adds a residual before or after the activation") {
  Random random(43);
  for (int round = 0; round < 60; ++round) {
    CAPTURE(round);
    const DataType src = kPixelTypes[round % 3];
    const DataType dst = src == DataType::kF32 ? DataType::kF32 : DataType::kU8;
    const int height = uniform(random, 1, 7), width = uniform(random, 1, 14);
    const int channels = uniform(random, 1, 150);
    Node node;
    node.op = "Convolution";
    node.list_attributes["pads"] = {1, 1, 1, 1};
    node.activations.push_back(
        random_tensor(random, src, {1, height, width, uniform(random, 1, 60)}));
    node.activations.push_back(random_tensor(random, dst, {1, height, width, channels}));
    node.outputs = {dst};
    node.text_attributes["residual"] = uniform(random, 0, 1) == 0 ? "before" : "after";
    if (dst == DataType::kU8) {
      node.real_attributes["residual_multiplier"] = 0.43F;
      node.real_attributes["activation_multiplier"] = 0.71F;
      node.real_attributes["residual_offset"] = -3.3F;
    }
    const std::string activation = random_activation(random, src, node.outputs);
    node.text_attributes["activation"] = activation;
    add_convolution(random, node, src, {channels, node.activations[0].shape()[3], 3, 3},
                    node.outputs, activation);
    check_against_reference(node);
  }
}

TEST_CASE("Convolution of a plane larger than what is padded at once equals the reference") {
  Random random(44);
  for (const DataType src : kPixelTypes) {
    check_against_reference(convolution(random, src, {3, 3, 1, 1}, 64, 8, {1, 40, 70}, true));
  }
}

// 3x3 with stride 1, which has a way of its own where its channels are not few.
TEST_CASE("Convolution of 3x3 equals the reference, whatever its channels, plane and padding") {
  Random random(47);
  for (int round = 0; round < 45; ++round) {
    CAPTURE(round);
    const Shape picture = {uniform(random, 1, 2), uniform(random, 3, 9), uniform(random, 3, 15)};
    check_against_reference(convolution(random, kPixelTypes[round % 3], {3, 3, 1, 1},
                                        uniform(random, 14, 50), uniform(random, 14, 90), picture,
                                        round % 4 != 0));
  }
  for (const DataType src : kPixelTypes) {
    for (const Shape& picture : {Shape{1, 1, 1}, Shape{1, 2, 1}, Shape{1, 1, 2}, Shape{3, 1, 5}}) {
      Node node = convolution(random, src, {3, 3, 1, 1}, 32, 64, picture, false);
      node.list_attributes["pads"] = {1, 1, 1, 1};
      check_against_reference(node);
    }
  }
}

TEST_CASE("Convolution of 3x3 is exact with the largest weights, pixels and biases") {
  Random random(48);
  for (const int bias : {0, 400'000'000, -400'000'000, 1'500'000'000, -1'500'000'000}) {
    Node node = convolution(random, DataType::kU8, {3, 3, 1, 1}, 200, 34, {1, 4, 5}, true);
    Tensor &weights = node.constants[0], &biases = node.constants[1];
    for (std::size_t i = 0; i < weights.size(); ++i) weights.set(i, i % 7 < 5 ? 127 : -128);
    for (std::size_t i = 0; i < biases.size(); ++i) {
      biases.set(i, bias);
      node.constants[2].set(i, 1e-7);
    }
    Tensor& pixels = node.activations[0];
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels.set(i, i % 11 < 8 ? 255 : 0);
    check_against_reference(node);
  }
}

TEST_CASE("A Convolution with a kernel, stride, groups or residual that do not fit is refused") {
  Random random(45);
  const auto node = [&] {
    return convolution(random, DataType::kF32, {3, 3, 1, 1}, 4, 6, {1, 8, 8}, false);
  };
  Node strided = node();
  strided.integer_attributes["stride"] = 17;
  CHECK_THROWS_WITH_AS(make_op(strided), doctest::Contains("stride"), BundleError);
  Node grouped = node();
  grouped.integer_attributes["groups"] = 4;
  CHECK_THROWS_WITH_AS(make_op(grouped), doctest::Contains("groups"), BundleError);
  Node padded = node();
  padded.list_attributes["pads"] = {0, 3, 0, 0};
  CHECK_THROWS_WITH_AS(make_op(padded), doctest::Contains("pads"), BundleError);
  CHECK_THROWS_WITH_AS(
      make_op(convolution(random, DataType::kF32, {17, 1, 1, 1}, 1, 1, {1, 20, 20}, false)),
      doctest::Contains("16 x 16"), BundleError);
  Node wide = node();
  wide.activations[0] = random_tensor(random, DataType::kF32, {1, 8, 8, 5});
  CHECK_THROWS_AS(run(wide), BundleError);
  Node adding = node();
  adding.text_attributes["residual"] = "before";
  adding.activations.push_back(random_tensor(random, DataType::kF32, {1, 5, 6, 6}));
  CHECK_THROWS_WITH_AS(run(adding), doctest::Contains("shape"), BundleError);
}

TEST_CASE("The work of a Convolution is every element of its kernel for every pixel and channel") {
  Random random(46);
  for (const DataType src : {DataType::kF32, DataType::kU8}) {
    Node node = convolution(random, src, {5, 5, 1, 1}, 64, 128, {2, 24, 12}, false);
    node.list_attributes["pads"] = {2, 2, 2, 2};
    node.outputs = {src};
    for (const int threads : {1, 3}) {
      const OpWork found = work(node, threads);
      CHECK(tiled_multiply_adds(found) == std::int64_t{2} * 24 * 12 * 25 * 64 * 128);
      CHECK(found.parts == threads);
      CHECK(found.rows == 48);
    }
    CHECK(work(node).padded_bytes >=
          static_cast<std::int64_t>(std::size_t{2} * 28 * 16 * 64 * size_of(src)));
    node.list_attributes["pads"] = {0, 0, 0, 0};
    CHECK(work(node).padded_bytes == 0);
    CHECK(work(node).part_scratch_bytes == 0);
  }
}

TEST_CASE("The work of a 3x3 Convolution of f32 is four products for every pixel, in whole tiles") {
  Random random(50);
  Node node = convolution(random, DataType::kF32, {3, 3, 1, 1}, 64, 128, {2, 23, 11}, false);
  node.list_attributes["pads"] = {1, 1, 1, 1};
  for (const int threads : {1, 3}) {
    const OpWork found = work(node, threads);
    CHECK(tiled_multiply_adds(found) == std::int64_t{2} * 24 * 12 * 4 * 64 * 128);
    CHECK(found.parts == threads);
    CHECK(found.rows == 24);
    CHECK(found.copied_bytes == std::int64_t{2} * 12 * 6 * 16 * 64 * 4);
  }
}

}  // namespace
}  // namespace camclassify::testing
