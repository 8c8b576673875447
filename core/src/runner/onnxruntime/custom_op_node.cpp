#include "runner/onnxruntime/custom_op_node.hpp"

#include "camclassify/error.hpp"
#include "onnx/element_type.hpp"
#include "onnx/model.hpp"

namespace camclassify {
namespace {

bool succeeds(OrtStatus* status) { return Ort::Status(status).IsOK(); }

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

// ONNX Runtime has no way to ask whether an attribute is there: asking for an absent one fails as
// asking for another kind does.
bool CustomOpNode::has_attribute(const char* key) const {
  const OrtApi& api = Ort::GetApi();
  std::int64_t integer = 0;
  float real = 0;
  std::size_t size = 0;
  Ort::AllocatorWithDefaultOptions allocator;
  OrtValue* tensor = nullptr;
  const bool found = succeeds(api.KernelInfoGetAttribute_int64(info_, key, &integer)) ||
                     succeeds(api.KernelInfoGetAttribute_float(info_, key, &real)) ||
                     succeeds(api.KernelInfoGetAttribute_string(info_, key, nullptr, &size)) ||
                     succeeds(api.KernelInfoGetAttributeArray_int64(info_, key, nullptr, &size)) ||
                     succeeds(api.KernelInfoGetAttributeArray_float(info_, key, nullptr, &size)) ||
                     succeeds(api.KernelInfoGetAttribute_tensor(info_, key, allocator, &tensor));
  const Ort::Value owner(tensor);
  return found;
}

// What get(key) gives, or `absent`.
template <class T, class Get>
T CustomOpNode::attribute(std::string_view key, T absent, Get get) const {
  const std::string name(key);
  try {
    return get(name.c_str());
  } catch (const Ort::Exception&) {
    if (has_attribute(name.c_str())) fail_wrong_kind(key, name_, type_);
    return absent;
  }
}

std::int64_t CustomOpNode::integer(std::string_view key, std::int64_t absent) const {
  return attribute(key, absent,
                   [&](const char* name) { return info_.GetAttribute<std::int64_t>(name); });
}

float CustomOpNode::real(std::string_view key, float absent) const {
  return attribute(key, absent, [&](const char* name) { return info_.GetAttribute<float>(name); });
}

std::vector<std::int64_t> CustomOpNode::integers(std::string_view key) const {
  return attribute(key, std::vector<std::int64_t>(),
                   [&](const char* name) { return info_.GetAttributes<std::int64_t>(name); });
}

std::string CustomOpNode::text(std::string_view key, std::string_view absent) const {
  return attribute(key, std::string(absent),
                   [&](const char* name) { return info_.GetAttribute<std::string>(name); });
}

}  // namespace camclassify
