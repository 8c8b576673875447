#include <doctest/doctest.h>

#include "camclassify/error.hpp"
#include "camclassify/network.hpp"
#include "runner/onnx_builder.hpp"

namespace camclassify {
namespace {

using test::bytes_of;
using test::OnnxBuilder;

TEST_CASE("the direct runner refuses a standard op and names it") {
  const auto file = OnnxBuilder()
                        .input("x", DataType::kF32, {1})
                        .output("y", DataType::kF32, {1})
                        .node("", "Conv", "/stem/conv", {"x"}, {"y"})
                        .file();
  CHECK_THROWS_WITH_AS(open_network(bytes_of(file), {.runner = Runner::kDirect}),
                       doctest::Contains("'/stem/conv' (Conv)"), BundleError);
}

TEST_CASE("an op of our domain that does not exist is named") {
  const auto file = OnnxBuilder()
                        .input("x", DataType::kF32, {1})
                        .output("y", DataType::kF32, {1})
                        .node("camclassify", "Teleport", "beam", {"x"}, {"y"})
                        .file();
  CHECK_THROWS_WITH_AS(open_network(bytes_of(file), {}), doctest::Contains("Teleport"),
                       BundleError);
}

}  // namespace
}  // namespace camclassify
