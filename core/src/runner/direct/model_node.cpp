#include "runner/direct/model_node.hpp"

#include <algorithm>

#include "camclassify/error.hpp"

namespace camclassify {
namespace {

// The value of an attribute, null if it is absent. Throws BundleError if it is of another kind.
template <class T>
const T* attribute(const Model::Node& node, std::string_view key) {
  const auto found = std::ranges::find(node.attributes, key, &Model::Attribute::name);
  if (found == node.attributes.end()) return nullptr;
  const T* const value = std::get_if<T>(&found->value);
  if (value == nullptr) fail_wrong_kind(key, node.name, node.type);
  return value;
}

// The tensor that the op takes or makes there. Throws BundleError if the node has too few.
const std::string& tensor(const Model::Node& node, const std::vector<std::string>& names,
                          std::size_t index) {
  if (index < names.size()) return names[index];
  throw BundleError("Node '" + node.name + "' (" + node.type + ") has too few inputs or outputs.");
}

}  // namespace

ModelTensors::ModelTensors(const Model& model) {
  for (const auto* values : {&model.inputs, &model.outputs, &model.values}) {
    for (const auto& value : *values) {
      if (value.type) types_.emplace(value.name, *value.type);
    }
  }
  for (const auto& tensor : model.initializers) {
    initializers_.emplace(tensor.name, &tensor);
    if (tensor.type) types_.insert_or_assign(tensor.name, *tensor.type);
  }
}

const Model::Initializer* ModelTensors::initializer(std::string_view name) const {
  const auto found = initializers_.find(name);
  return found == initializers_.end() ? nullptr : found->second;
}

DataType ModelTensors::type(std::string_view name) const {
  const auto found = types_.find(name);
  if (found != types_.end()) return found->second;
  throw BundleError("The network declares no type that a fused op knows for tensor '" +
                    std::string(name) + "'.");
}

ModelNode::ModelNode(const Model::Node& node, const ModelTensors& tensors)
    : node_(node), tensors_(tensors), was_read_(node.inputs.size()) {}

DataType ModelNode::input_type(std::size_t index) const {
  return tensors_.type(tensor(node_, node_.inputs, index));
}

DataType ModelNode::output_type(std::size_t index) const {
  const std::string& name = tensor(node_, node_.outputs, index);
  return name.empty() ? DataType::kF32 : tensors_.type(name);
}

bool ModelNode::has_output(std::size_t index) const {
  return !tensor(node_, node_.outputs, index).empty();
}

std::optional<TensorView> ModelNode::constant(std::size_t index) const {
  const auto* const initializer = tensors_.initializer(tensor(node_, node_.inputs, index));
  if (initializer == nullptr || !initializer->type) return std::nullopt;
  was_read_[index] = true;
  return TensorView{*initializer->type, initializer->shape,
                    const_cast<std::byte*>(initializer->data.data())};
}

std::int64_t ModelNode::integer(std::string_view key, std::int64_t absent) const {
  const auto* const value = attribute<std::int64_t>(node_, key);
  return value == nullptr ? absent : *value;
}

float ModelNode::real(std::string_view key, float absent) const {
  const auto* const value = attribute<float>(node_, key);
  return value == nullptr ? absent : *value;
}

std::vector<std::int64_t> ModelNode::integers(std::string_view key) const {
  const auto* const value = attribute<std::vector<std::int64_t>>(node_, key);
  return value == nullptr ? std::vector<std::int64_t>{} : *value;
}

std::string ModelNode::text(std::string_view key, std::string_view absent) const {
  const auto* const value = attribute<std::string>(node_, key);
  return value == nullptr ? std::string(absent) : *value;
}

}  // namespace camclassify
