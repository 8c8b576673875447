#include <doctest/doctest.h>

#include <cmath>

#include "ops/constants.hpp"
#include "ops/node.hpp"
#include "ops/reference.hpp"

namespace camclassify::testing {
namespace {

TEST_CASE("Pointwise equals the reference for any shape, number of inputs and outputs") {
  Random random(1);
  for (int round = 0; round < 120; ++round) {
    Node node;
    node.op = "Pointwise";
    const DataType src = kPixelTypes[round % 3];
    const int inputs = uniform(random, 1, 4), outputs = uniform(random, 1, 3);
    const int batch = uniform(random, 1, 2);
    const bool even = uniform(random, 0, 2) == 0;
    const int height = even ? 2 * uniform(random, 1, 4) : uniform(random, 1, 9);
    const int width = even ? 2 * uniform(random, 1, 5) : uniform(random, 1, 11);
    std::int64_t depth = 0;
    for (int i = 0; i < inputs; ++i) {
      const int factor = even ? uniform(random, 1, 2) : 1;
      const int channels = uniform(random, 1, 40);
      node.activations.push_back(
          random_tensor(random, src, {batch, height / factor, width / factor, channels}));
      node.list_attributes["upsample"].push_back(factor);
      node.list_attributes["inputs"].push_back(channels);
      depth += channels;
    }
    std::int64_t channels = 0;
    for (int i = 0; i < outputs; ++i) {
      node.outputs.push_back(random_output(random, src, true));
      node.list_attributes["outputs"].push_back(uniform(random, 1, 90));
      channels += node.list_attributes["outputs"].back();
    }
    const std::string activation = random_activation(random, src, node.outputs);
    node.text_attributes["activation"] = activation;
    add_convolution(random, node, src, {channels, depth}, node.outputs, activation);
    CAPTURE(round);
    check_against_reference(node);
  }
}

TEST_CASE(
    "A Pointwise of few pixels and many weights, which threads share out, equals the reference") {
  Random random(7);
  for (int round = 0; round < 60; ++round) {
    Node node;
    node.op = "Pointwise";
    const DataType src = kPixelTypes[round % 3];
    const int height = uniform(random, 1, 7), width = uniform(random, 1, 7);
    const int depth = uniform(random, 1, 60), outputs = uniform(random, 1, 3);
    node.activations.push_back(random_tensor(random, src, {1, height, width, depth}));
    std::int64_t channels = 0;
    for (int i = 0; i < outputs; ++i) {
      node.outputs.push_back(random_output(random, src, true));
      node.list_attributes["outputs"].push_back(uniform(random, 1, 300));
      channels += node.list_attributes["outputs"].back();
    }
    const bool adds =
        outputs == 1 && node.outputs[0] == (src == DataType::kI16 ? DataType::kU8 : src);
    if (adds) {
      node.activations.push_back(
          random_tensor(random, node.outputs[0], {1, height, width, channels}));
      node.list_attributes["upsample"] = {1};
      node.text_attributes["residual"] = "before";
    }
    const std::string activation = random_activation(random, src, node.outputs);
    node.text_attributes["activation"] = activation;
    add_convolution(random, node, src, {channels, depth}, node.outputs, activation);
    CAPTURE(round);
    check_against_reference(node);
  }
}

TEST_CASE("Products of the largest pixels and weights are added without overflow") {
  Random random(3);
  for (const int weight : {32, 33, 42, 43, 64, 65, 127}) {
    for (const int sign : {1, -1}) {
      Node node;
      node.op = "Pointwise";
      node.activations.push_back(random_tensor(random, DataType::kU8, {1, 5, 3, 70}));
      for (std::size_t i = 0; i < node.activations[0].size(); ++i) node.activations[0].set(i, 255);
      node.outputs = {DataType::kI16};
      add_convolution(random, node, DataType::kU8, {40, 70}, node.outputs, "none");
      for (std::size_t i = 0; i < node.constants[0].size(); ++i) {
        node.constants[0].set(i, sign * weight);
      }
      CAPTURE(sign * weight);
      check_against_reference(node);
    }
  }
}

TEST_CASE("Weights and pixels at the ends of their range are multiplied exactly") {
  Random random(8);
  for (const int weight : {-128, -127, 127}) {
    for (const int pixel : {0, 255}) {
      Node node;
      node.op = "Pointwise";
      node.activations.push_back(random_tensor(random, DataType::kU8, {1, 3, 5, 43}));
      node.outputs = {DataType::kF32};
      add_convolution(random, node, DataType::kU8, {29, 43}, node.outputs, "none");
      // Every third channel as it is, so that sums differ.
      Tensor &pixels = node.activations[0], &weights = node.constants[0];
      for (std::size_t i = 0; i < pixels.size(); ++i) pixels.set(i, pixel);
      for (std::size_t i = 0; i < weights.size(); ++i) {
        if (i / 43 % 3 != 0) weights.set(i, weight);
      }
      CAPTURE(weight);
      CAPTURE(pixel);
      check_against_reference(node);
    }
  }
}

TEST_CASE("Pointwise adds a residual before or after the activation") {
  Random random(2);
  for (int round = 0; round < 80; ++round) {
    Node node;
    node.op = "Pointwise";
    const DataType src = kPixelTypes[round % 3];
    const DataType dst = src == DataType::kF32 ? DataType::kF32 : DataType::kU8;
    const int height = uniform(random, 1, 7), width = uniform(random, 1, 7);
    const int depth = uniform(random, 1, 30), channels = uniform(random, 1, 150);
    node.activations.push_back(random_tensor(random, src, {1, height, width, depth}));
    node.activations.push_back(random_tensor(random, dst, {1, height, width, channels}));
    node.outputs = {dst};
    node.list_attributes["upsample"] = {1};
    node.text_attributes["residual"] = uniform(random, 0, 1) == 0 ? "before" : "after";
    if (dst == DataType::kU8) {
      node.real_attributes["residual_multiplier"] = 0.43F;
      node.real_attributes["activation_multiplier"] = 0.71F;
      node.real_attributes["residual_offset"] = -3.3F;
    }
    const std::string activation = random_activation(random, src, node.outputs);
    node.text_attributes["activation"] = activation;
    add_convolution(random, node, src, {channels, depth}, node.outputs, activation);
    CAPTURE(round);
    check_against_reference(node);
  }
}

TEST_CASE("Activations are right for arguments of any magnitude, and densely around zero") {
  Random random(11);
  constexpr std::size_t kCount = 2500, kMagnitudes = 25;
  for (const char* activation : {"none", "relu", "relu6", "silu", "hard_swish", "sigmoid"}) {
    Node node;
    node.op = "Pointwise";
    node.activations.push_back(random_tensor(random, DataType::kF32, {1, 50, 50, 1}));
    for (std::size_t i = 0; i < kCount; ++i) {
      const double position = static_cast<double>(i);
      node.activations[0].set(i, i < kMagnitudes
                                     ? (i % 2 == 0 ? 1 : -1) * std::pow(10.0, position / 3 - 3)
                                     : 40 * position / kCount - 20);
    }
    node.outputs = {DataType::kF32};
    node.text_attributes["activation"] = activation;
    add_convolution(random, node, DataType::kF32, {1, 1}, node.outputs, activation);
    node.constants[0].set(0, 1);
    node.constants[1].set(0, 0);
    CAPTURE(activation);
    const std::vector<Tensor> expected = reference(node), results = run(node);
    for (std::size_t i = 0; i < kCount; ++i) {
      CHECK(results[0][i] == doctest::Approx(expected[0][i]).epsilon(1e-5).scale(1));
    }
  }
}

TEST_CASE("Pointwise leaves out an output that nobody wants") {
  Random random(3);
  Node node;
  node.op = "Pointwise";
  node.activations.push_back(random_tensor(random, DataType::kF32, {1, 2, 2, 4}));
  node.outputs = {DataType::kF32, DataType::kF32};
  node.list_attributes["outputs"] = {3, 5};
  add_convolution(random, node, DataType::kF32, {8, 4}, node.outputs, "none");
  const std::vector<Tensor> all = run(node);
  const std::vector<Tensor> some = run(node, 1, {false, true});
  CHECK(some[1].bytes() == all[1].bytes());
  CHECK(some[0].bytes() == std::vector<std::byte>(some[0].bytes().size()));
}

TEST_CASE("The work of a Pointwise is every pixel by every channel, once for each output") {
  Random random(30);
  for (const DataType src : {DataType::kF32, DataType::kU8}) {
    Node node;
    node.op = "Pointwise";
    node.activations.push_back(random_tensor(random, src, {2, 30, 40, 64}));
    node.outputs = {src, src};
    node.list_attributes["outputs"] = {128, 64};
    add_convolution(random, node, src, {192, 64}, node.outputs, "none");
    for (const int threads : {1, 2, 3}) {
      const OpWork found = work(node, threads);
      CHECK(tiled_multiply_adds(found) == std::int64_t{2} * 30 * 40 * 64 * 192);
      CHECK(found.parts == threads);
    }
    const auto element = static_cast<std::int64_t>(size_of(src));
    CHECK(work(node).read_bytes == 2 * 30 * 40 * 64 * element);
    CHECK(work(node).written_bytes == 2 * 30 * 40 * 192 * element);
    CHECK(work(node).copied_bytes == 0);
  }
}

TEST_CASE("Where threads share out the weights of a Pointwise, its work is still all of it") {
  Random random(31);
  for (const DataType src : {DataType::kF32, DataType::kU8}) {
    Node node;
    node.op = "Pointwise";
    node.activations.push_back(random_tensor(random, src, {1, 7, 7, 128}));
    node.outputs = {src};
    add_convolution(random, node, src, {192, 128}, node.outputs, "none");
    for (const int threads : {1, 2, 3}) {
      CAPTURE(threads);
      const OpWork found = work(node, threads);
      CHECK(tiled_multiply_adds(found) == std::int64_t{7} * 7 * 128 * 192);
      CHECK(found.parts == threads);
    }
  }
}

TEST_CASE("An upsampled input of a Pointwise is copied row by row, and read at its own size") {
  Random random(31);
  Node node;
  node.op = "Pointwise";
  node.activations.push_back(random_tensor(random, DataType::kU8, {1, 6, 8, 32}));
  node.activations.push_back(random_tensor(random, DataType::kU8, {1, 12, 16, 48}));
  node.outputs = {DataType::kU8};
  node.list_attributes["upsample"] = {2, 1};
  node.list_attributes["inputs"] = {32, 48};
  add_convolution(random, node, DataType::kU8, {64, 80}, node.outputs, "none");
  const OpWork found = work(node);
  CHECK(found.copied_bytes == 12 * 16 * 32);
  CHECK(found.read_bytes == 6 * 8 * 32 + 12 * 16 * 48);
  REQUIRE(found.products.size() == 1);
  CHECK(found.products[0].pixels == 16);
  CHECK(found.products[0].times == 12);
}

}  // namespace
}  // namespace camclassify::testing
