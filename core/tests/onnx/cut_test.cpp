#include "onnx/cut.hpp"

#include <doctest/doctest.h>

#include "camclassify/error.hpp"
#include "onnx/onnx_builder.hpp"

namespace camclassify {
namespace {

using test::bytes_of;
using test::names_of;
using test::OnnxBuilder;
using Names = std::vector<std::string>;

// A trunk with outputs of its own, and two heads of one and two layers on `features`.
std::string two_heads(bool declares_features = true) {
  OnnxBuilder builder;
  builder.input("x", DataType::kF32, {1, 2})
      .output("objectness", DataType::kF32, {1, 2})
      .output("people", DataType::kF32, {1, 2})
      .output("animals", DataType::kF32, {1, 2});
  if (declares_features) builder.inner("features", DataType::kF32, {1, 2});
  return builder.initializer<float>("w", DataType::kF32, {2}, {1.F, 2.F})
      .node("", "Relu", "trunk", {"x"}, {"features"})
      .node("", "Sigmoid", "objectness", {"features"}, {"objectness"})
      .node("", "Sigmoid", "people_head", {"features"}, {"people"})
      .node("", "Mul", "animals_layer", {"features", "w"}, {"animals_features"})
      .node("", "Sigmoid", "animals_head", {"animals_features"}, {"animals"})
      .file();
}

CutModel cut_file(const std::string& file, const std::vector<Names>& heads) {
  static Model model;
  model = read_onnx(bytes_of(file));
  return cut(model, heads);
}

TEST_CASE("a head takes what serves it alone, and reads the rest from the trunk") {
  const auto file = two_heads();
  const CutModel parts = cut_file(file, {{"people"}, {"animals"}});
  CHECK(names_of(parts.trunk.nodes) == Names{"trunk", "objectness"});
  CHECK(names_of(parts.trunk.outputs) == Names{"objectness", "features"});
  CHECK(parts.trunk.initializers.empty());
  REQUIRE(parts.heads.size() == 2);
  CHECK(names_of(parts.heads[0].nodes) == Names{"people_head"});
  CHECK(names_of(parts.heads[0].inputs) == Names{"features"});
  CHECK(names_of(parts.heads[1].nodes) == Names{"animals_layer", "animals_head"});
  CHECK(names_of(parts.heads[1].initializers) == Names{"w"});
}

TEST_CASE("an output that is in no head stays with the trunk") {
  const auto file = two_heads();
  const CutModel parts = cut_file(file, {{"animals"}});
  CHECK(names_of(parts.trunk.nodes) == Names{"trunk", "objectness", "people_head"});
  CHECK(parts.heads.size() == 1);
}

TEST_CASE("what two heads share is the trunk's") {
  const auto file = two_heads();
  const CutModel parts = cut_file(file, {{"people", "objectness"}, {"animals"}});
  CHECK(names_of(parts.trunk.nodes) == Names{"trunk"});
  CHECK(names_of(parts.heads[0].outputs) == Names{"objectness", "people"});
}

TEST_CASE("a head that one node makes together with another has nothing of its own") {
  const auto file = OnnxBuilder()
                        .input("x", DataType::kU8, {1, 4, 4, 1})
                        .output("a", DataType::kU8, {1, 4, 4, 1})
                        .output("b", DataType::kU8, {1, 4, 4, 1})
                        .inner("y", DataType::kU8, {1, 4, 4, 1})
                        .node("", "Relu", "trunk", {"x"}, {"y"})
                        .node("", "Split", "both", {"y"}, {"a", "b"})
                        .file();
  const CutModel parts = cut_file(file, {{"a"}, {"b"}});
  CHECK(names_of(parts.trunk.outputs) == Names{"a", "b"});
  CHECK(parts.heads[0].nodes.empty());
  CHECK(parts.heads[1].nodes.empty());
}

TEST_CASE("a head that reads what the file does not describe stays with the trunk") {
  const auto file = two_heads(false);
  const CutModel parts = cut_file(file, {{"people"}});
  CHECK(parts.trunk.nodes.size() == 5);
  CHECK(names_of(parts.trunk.outputs) == Names{"objectness", "people", "animals"});
  CHECK(parts.heads.at(0).nodes.empty());
}

TEST_CASE("a head of an output that is not there is refused") {
  const auto file = two_heads();
  CHECK_THROWS_WITH_AS(cut_file(file, {{"unicorn"}}), doctest::Contains("'unicorn'"), BundleError);
}

}  // namespace
}  // namespace camclassify
