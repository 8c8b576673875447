#include "onnx/fp32_twin.hpp"

#include <algorithm>

namespace camclassify {
namespace {

// As a constant of the fp32 op; small, so that no sum of weights and no layer's answer grows beyond
// all bounds, and not 0, so that it does not vanish in numbers that processors are slow with.
constexpr float kWeight = 0.001F, kBias = 0.1F;

void fill(Model& model, Model::Initializer& constant, float value) {
  const auto count = static_cast<std::size_t>(element_count(constant.shape));
  auto& storage = model.storage.emplace_back((count * sizeof(float) + 7) / 8);
  const std::span<float> values(reinterpret_cast<float*>(storage.data()), count);
  std::ranges::fill(values, value);
  constant.type = DataType::kF32;
  constant.data = std::as_bytes(values);
}

void forget_numbers(Model::Node& node) {
  if (node.type != "Stem")
    std::erase_if(node.attributes, [](const auto& each) { return each.name == "pad_value"; });
  for (Model::Attribute& each : node.attributes) {
    if (const auto* text = std::get_if<std::string>(&each.value); text && *text == "table")
      each.value = "silu";
  }
}

}  // namespace

void make_fp32_twin(Model& model) {
  const auto type_of = [&](const std::string& name) -> std::optional<DataType> {
    const auto found = std::ranges::find(model.initializers, name, &Model::Initializer::name);
    return found == model.initializers.end() ? std::nullopt : found->type;
  };
  for (Model::Node& node : model.nodes) {
    const auto weights = std::ranges::find(node.inputs, DataType::kS8, type_of);
    // Of a convolution's constants, weights and bias stay.
    if (weights != node.inputs.end())
      node.inputs.erase(std::remove_if(weights, node.inputs.end(),
                                       [&](const std::string& name) {
                                         const auto type = type_of(name);
                                         return type != DataType::kS8 && type != DataType::kI32;
                                       }),
                        node.inputs.end());
    forget_numbers(node);
  }
  for (Model::Initializer& each : model.initializers) {
    if (each.type == DataType::kS8) fill(model, each, kWeight);
    if (each.type == DataType::kI32) fill(model, each, kBias);
  }
  for (auto* values : {&model.outputs, &model.values}) {
    for (Model::Value& each : *values)
      if (each.type == DataType::kU8 || each.type == DataType::kI16) each.type = DataType::kF32;
  }
}

}  // namespace camclassify
