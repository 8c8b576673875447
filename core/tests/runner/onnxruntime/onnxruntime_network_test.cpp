#include <doctest/doctest.h>

#include <filesystem>

#include "camclassify/error.hpp"
#include "camclassify/network.hpp"
#include "onnx/onnx_builder.hpp"

namespace camclassify {
namespace {

using test::bytes_of;
using test::OnnxBuilder;

// script/test names the library in CAMCLASSIFY_ONNXRUNTIME.
bool missing() { return !onnxruntime_status().available; }

std::string two_heads() {
  return OnnxBuilder()
      .input("x", DataType::kF32, {-1, 3})
      .output("positive", DataType::kF32, {-1, 3})
      .output("double", DataType::kF32, {-1, 3})
      .initializer<float>("two", DataType::kF32, {1}, {2.F})
      .node("", "Relu", "relu", {"x"}, {"positive"})
      .node("", "Mul", "mul", {"x", "two"}, {"double"})
      .file();
}

std::vector<float> values(const TensorView& view) {
  const auto span = view.as<float>();
  return {span.begin(), span.end()};
}

TEST_CASE("a plain ONNX network runs in ONNX Runtime" * doctest::skip(missing())) {
  for (const int threads : {1, 2, 3}) {
    const auto network = open_network(bytes_of(two_heads()),
                                      {.threads = threads, .outputs = {"double", "positive"}});
    CHECK(network->runner() == Runner::kOnnxRuntime);
    CHECK(network->inputs()[0].shape == Shape{1, 3});
    CHECK(network->outputs()[0].name == "double");
    const auto x = network->input(0).as<float>();
    std::ranges::copy(std::vector<float>{-1, 0, 2}, x.begin());
    network->run();
    CHECK(values(network->output(0)) == std::vector<float>{-2, 0, 4});
    CHECK(values(network->output(1)) == std::vector<float>{0, 0, 2});
  }
}

TEST_CASE("buffers stay at their address" * doctest::skip(missing())) {
  const auto network = open_network(bytes_of(two_heads()), {.outputs = {"double"}});
  const auto x = network->input(0), y = network->output(0);
  network->run();
  x.as<float>()[0] = 5;
  network->run();
  CHECK(network->input(0).data == x.data);
  CHECK(network->output(0).data == y.data);
  CHECK(y.as<float>()[0] == 10);
}

TEST_CASE("a network that ONNX Runtime refuses gives a BundleError" * doctest::skip(missing())) {
  const auto file = OnnxBuilder()
                        .input("x", DataType::kF32, {1})
                        .output("y", DataType::kF32, {1})
                        .node("", "NoSuchOp", "strange", {"x"}, {"y"})
                        .file();
  CHECK_THROWS_AS(open_network(bytes_of(file), {}), BundleError);
}

TEST_CASE("an input of open size is refused" * doctest::skip(missing())) {
  const auto file = OnnxBuilder()
                        .input("x", DataType::kF32, {1, -1})
                        .output("y", DataType::kF32, {1, -1})
                        .node("", "Relu", "relu", {"x"}, {"y"})
                        .file();
  CHECK_THROWS_AS(open_network(bytes_of(file), {}), BundleError);
}

TEST_CASE("the status tells where ONNX Runtime is" * doctest::skip(missing())) {
  const auto status = onnxruntime_status();
  CHECK(std::filesystem::exists(status.path));
  CHECK(status.version.starts_with("1."));
}

}  // namespace
}  // namespace camclassify
