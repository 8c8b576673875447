#include "onnx/graph.hpp"

#include <doctest/doctest.h>

#include "camclassify/error.hpp"
#include "onnx/onnx_builder.hpp"

namespace camclassify {
namespace {

using test::bytes_of;
using test::names_of;
using test::OnnxBuilder;

// A trunk with a head "people" and a head "animals".
std::string trunk_and_heads() {
  return OnnxBuilder()
      .input("x", DataType::kF32, {1, 2})
      .input("unused", DataType::kF32, {1})
      .output("people", DataType::kF32, {1, 2})
      .output("animals", DataType::kF32, {1, 2})
      .inner("features", DataType::kF32, {1, 2})
      .initializer<float>("w", DataType::kF32, {2}, {1.F, 2.F})
      .node("", "Relu", "trunk", {"x"}, {"features"})
      .node("", "Sigmoid", "people_head", {"features"}, {"people"})
      .node("", "Mul", "animals_head", {"features", "w"}, {"animals"})
      .file();
}

Model pruned(const std::string& file, const std::vector<std::string>& outputs) {
  Model model = read_onnx(bytes_of(file));
  prune(model, outputs);
  return model;
}

TEST_CASE("a head that nobody wants goes with its weights, the trunk stays") {
  const auto file = trunk_and_heads();
  const Model model = pruned(file, {"people"});
  CHECK(names_of(model.nodes) == std::vector<std::string>{"trunk", "people_head"});
  CHECK(names_of(model.inputs) == std::vector<std::string>{"x"});
  CHECK(names_of(model.outputs) == std::vector<std::string>{"people"});
  CHECK(model.initializers.empty());
}

TEST_CASE("outputs come in the order in which they are asked for") {
  const auto file = trunk_and_heads();
  CHECK(names_of(pruned(file, {"animals", "people"}).outputs) ==
        std::vector<std::string>{"animals", "people"});
}

TEST_CASE("an output that the network has not is named") {
  const auto file = trunk_and_heads();
  CHECK_THROWS_WITH_AS(pruned(file, {"fish"}), "The network has no output 'fish'.", BundleError);
}

TEST_CASE("of a fused node's outputs the unwanted ones become absent") {
  const auto file = OnnxBuilder()
                        .input("x", DataType::kF32, {1, 2})
                        .output("people", DataType::kF32, {1, 2})
                        .output("animals", DataType::kF32, {1, 2})
                        .node("camclassify", "Predictor", "heads", {"x"}, {"people", "animals"})
                        .file();
  const Model model = pruned(file, {"animals"});
  CHECK(model.nodes[0].outputs == std::vector<std::string>{"", "animals"});
  const std::string written = write_onnx(model);
  CHECK(read_onnx(bytes_of(written)).nodes[0].outputs == std::vector<std::string>{"", "animals"});
}

TEST_CASE("a written network reads back the same") {
  const auto file = trunk_and_heads();
  const std::string written = write_onnx(pruned(file, {"people", "animals"}));
  const Model model = read_onnx(bytes_of(written));
  CHECK(names_of(model.nodes) == std::vector<std::string>{"trunk", "people_head", "animals_head"});
  CHECK(names_of(model.initializers) == std::vector<std::string>{"w"});
  CHECK(names_of(model.values) == std::vector<std::string>{"features"});
  CHECK(model.opsets.size() == 2);
}

}  // namespace
}  // namespace camclassify
