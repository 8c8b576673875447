#include "runner/custom_op_node.hpp"

#include "camclassify/error.hpp"
#include "runner/element_type.hpp"

namespace camclassify {
namespace {

// ONNX Runtime has no way to ask whether an attribute is there: asking for an absent one fails.
template <class Get>
auto attribute(Get get, decltype(get()) absent) {
  try {
    return get();
  } catch (const Ort::Exception&) {
    return absent;
  }
}

}  // namespace

CustomOpNode::CustomOpNode(std::string_view type, const OrtKernelInfo* info)
    : type_(type), info_(info), name_(info_.GetNodeName()) {}

DataType CustomOpNode::input_type(std::size_t index) const {
  return known_type(info_.GetInputTypeInfo(index), "input", index);
}

DataType CustomOpNode::output_type(std::size_t index) const {
  if (!has_output(index)) return DataType::kF32;
  return known_type(info_.GetOutputTypeInfo(index), "output", index);
}

bool CustomOpNode::has_output(std::size_t index) const {
  return !info_.GetOutputName(index).empty();
}

DataType CustomOpNode::known_type(const Ort::TypeInfo& info, const char* which,
                                  std::size_t index) const {
  const auto type = data_type(info.GetTensorTypeAndShapeInfo().GetElementType());
  if (type) return *type;
  throw BundleError("Node '" + name_ + "' (" + type_ + ") has an " + which + " (" +
                    std::to_string(index) + ") of a type that no fused op knows.");
}

std::optional<TensorView> CustomOpNode::constant(std::size_t index) const {
  int is_constant = 0;
  const OrtValue* value = nullptr;
  Ort::ThrowOnError(
      Ort::GetApi().KernelInfoGetConstantInput_tensor(info_, index, &is_constant, &value));
  if (is_constant == 0) return std::nullopt;
  const Ort::ConstValue tensor(value);
  const auto info = tensor.GetTensorTypeAndShapeInfo();
  const auto type = data_type(info.GetElementType());
  if (!type) return std::nullopt;
  const auto* const data = static_cast<const std::byte*>(tensor.GetTensorRawData());
  return TensorView{*type, info.GetShape(), const_cast<std::byte*>(data)};
}

std::int64_t CustomOpNode::integer(std::string_view key, std::int64_t absent) const {
  return attribute([&] { return info_.GetAttribute<std::int64_t>(std::string(key).c_str()); },
                   absent);
}

float CustomOpNode::real(std::string_view key, float absent) const {
  return attribute([&] { return info_.GetAttribute<float>(std::string(key).c_str()); }, absent);
}

std::vector<std::int64_t> CustomOpNode::integers(std::string_view key) const {
  return attribute([&] { return info_.GetAttributes<std::int64_t>(std::string(key).c_str()); }, {});
}

std::string CustomOpNode::text(std::string_view key, std::string_view absent) const {
  return attribute([&] { return info_.GetAttribute<std::string>(std::string(key).c_str()); },
                   std::string(absent));
}

}  // namespace camclassify
