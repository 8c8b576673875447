#include "onnx/model.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "camclassify/error.hpp"
#include "onnx/onnx_builder.hpp"

namespace camclassify {
namespace {

using test::bytes_of;
using test::OnnxBuilder;

std::string message_of(const std::string& file) {
  try {
    read_onnx(bytes_of(file));
  } catch (const BundleError& error) {
    return error.what();
  }
  return "";
}

bool mentions(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

OnnxBuilder chain() {
  return std::move(OnnxBuilder()
                       .input("x", DataType::kF32, {1, 4})
                       .output("y", DataType::kF32, {1, 4})
                       .node("", "Relu", "first", {"x"}, {"h"})
                       .node("", "Relu", "second", {"h"}, {"y"}));
}

TEST_CASE("a network's nodes, attributes, types and shapes are read") {
  const auto file = OnnxBuilder()
                        .input("x", DataType::kU8, {1, 5, 7, 3})
                        .output("y", DataType::kF32, {-1, 8})
                        .inner("h", DataType::kI16, {1, 2})
                        .initializer<float>("w", DataType::kF32, {2, 2}, {1, 2, 3, 4})
                        .node("camclassify", "Stem", "stem", {"x", "w"}, {"h", "y"},
                              {{"stride", std::int64_t{2}},
                               {"scale", 0.5F},
                               {"activation", std::string("relu")},
                               {"pads", std::vector<std::int64_t>{0, -1, 1}}})
                        .file();
  const Model model = read_onnx(bytes_of(file));
  REQUIRE(model.nodes.size() == 1);
  const auto& node = model.nodes[0];
  CHECK(node.fused());
  CHECK(node.type == "Stem");
  CHECK(node.inputs == std::vector<std::string>{"x", "w"});
  CHECK(std::get<std::int64_t>(node.attributes[0].value) == 2);
  CHECK(std::get<float>(node.attributes[1].value) == 0.5F);
  CHECK(std::get<std::string>(node.attributes[2].value) == "relu");
  CHECK(std::get<std::vector<std::int64_t>>(node.attributes[3].value) ==
        std::vector<std::int64_t>{0, -1, 1});
  CHECK(model.inputs[0].type == DataType::kU8);
  CHECK(model.outputs[0].shape == Shape{-1, 8});
  CHECK(find_value(model, "h")->type == DataType::kI16);
  CHECK(find_value(model, "nothing") == nullptr);
  const auto* const weights = reinterpret_cast<const float*>(model.initializers[0].data.data());
  CHECK(std::vector<float>(weights, weights + 4) == std::vector<float>{1, 2, 3, 4});
}

TEST_CASE("nodes come in an order in which they can run") {
  const auto file = OnnxBuilder()
                        .input("x", DataType::kF32, {1})
                        .output("c", DataType::kF32, {1})
                        .node("", "Relu", "last", {"b"}, {"c"})
                        .node("", "Relu", "middle", {"a"}, {"b"})
                        .node("", "Relu", "first", {"x"}, {"a"})
                        .file();
  const Model model = read_onnx(bytes_of(file));
  CHECK(model.nodes[0].name == "first");
  CHECK(model.nodes[1].name == "middle");
  CHECK(model.nodes[2].name == "last");
}

TEST_CASE("values in typed fields are read like raw ones") {
  std::string tensor_bytes;
  protozero::pbf_builder<onnx::TensorField> tensor(tensor_bytes);
  tensor.add_int64(onnx::TensorField::kDims, 3);
  tensor.add_int64(onnx::TensorField::kDataType, 3);
  tensor.add_string(onnx::TensorField::kName, "w");
  const std::vector<std::int32_t> values{-128, 0, 127};
  tensor.add_packed_int32(onnx::TensorField::kInt32Data, values.begin(), values.end());
  const auto file = chain().initializer_message(tensor_bytes).file();
  const Model model = read_onnx(bytes_of(file));
  const auto* const data = reinterpret_cast<const std::int8_t*>(model.initializers[0].data.data());
  CHECK(std::vector<int>(data, data + 3) == std::vector<int>{-128, 0, 127});
}

TEST_CASE("a tensor that nobody makes, or that two make, is named") {
  const auto missing = chain().node("", "Add", "sum", {"x", "ghost"}, {"z"}).file();
  CHECK(mentions(message_of(missing), "'ghost'"));
  const auto twice = chain().node("", "Relu", "again", {"x"}, {"h"}).file();
  CHECK(mentions(message_of(twice), "'h' twice"));
  const auto output = chain().output("none", DataType::kF32, {1}).file();
  CHECK(mentions(message_of(output), "'none'"));
}

TEST_CASE("a name that an error could not quote whole is refused") {
  const auto file = OnnxBuilder()
                        .input("x", DataType::kF32, {1})
                        .output("y", DataType::kF32, {1})
                        .node("", "Conv", std::string("con\0v", 5), {"x"}, {"y"})
                        .file();
  CHECK_THROWS_WITH_AS(read_onnx(bytes_of(file)), doctest::Contains("zero byte"), BundleError);
}

TEST_CASE("a cycle is refused") {
  const auto file =
      chain().node("", "Add", "a", {"x", "q"}, {"p"}).node("", "Relu", "b", {"p"}, {"q"}).file();
  CHECK(mentions(message_of(file), "cycle"));
}

TEST_CASE("far more nodes than a network has are refused") {
  OnnxBuilder builder = chain();
  for (int i = 0; i < 20'000; ++i) builder.node("", "Relu", "", {"x"}, {std::to_string(i)});
  CHECK(mentions(message_of(builder.file()), "too many nodes"));
}

TEST_CASE("an initializer of the wrong size or with mad dimensions is refused") {
  const auto short_one =
      chain().initializer<float>("w", DataType::kF32, {3}, std::vector<float>{1, 2}).file();
  CHECK(mentions(message_of(short_one), "'w' holds 8 bytes where its shape needs 12"));
  const auto huge =
      chain()
          .initializer<float>("w", DataType::kF32, {1LL << 40, 1LL << 40}, std::vector<float>{1})
          .file();
  CHECK(mentions(message_of(huge), "dimensions"));
  const auto negative =
      chain().initializer<float>("w", DataType::kF32, {-1}, std::vector<float>{1}).file();
  CHECK(mentions(message_of(negative), "dimensions"));
}

TEST_CASE("bytes that are no network are refused") {
  CHECK(mentions(message_of(""), "no graph"));
  CHECK(mentions(message_of("<html>404</html>"), "not a valid ONNX file"));
}

TEST_CASE("every cut and any changed byte of a network gives an error or a network") {
  const auto file = chain().initializer<float>("w", DataType::kF32, {2}, {1.F, 2.F}).file();
  for (std::size_t length = 0; length < file.size(); ++length) {
    message_of(file.substr(0, length));
  }
  std::mt19937 random(1);
  for (int i = 0; i < 20000; ++i) {
    auto damaged = file;
    for (int changes = 1 + static_cast<int>(random() % 3); changes > 0; --changes) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
    }
    message_of(damaged);
  }
}

}  // namespace
}  // namespace camclassify
