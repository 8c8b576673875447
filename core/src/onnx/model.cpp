#include "onnx/model.hpp"

#include <algorithm>

#include "camclassify/error.hpp"

namespace camclassify {

void fail_wrong_kind(std::string_view attribute, const std::string& node, const std::string& type) {
  throw BundleError("Attribute '" + std::string(attribute) + "' of node '" + node + "' (" + type +
                    ") is of the wrong kind.");
}

const Model::Value* find_value(const Model& model, std::string_view name) {
  for (const auto* values : {&model.inputs, &model.outputs, &model.values}) {
    const auto value = std::ranges::find(*values, name, &Model::Value::name);
    if (value != values->end()) return &*value;
  }
  return nullptr;
}

}  // namespace camclassify
