#include "runner/onnxruntime/custom_op_node.hpp"

#include "camclassify/error.hpp"
#include "onnx/model.hpp"

namespace camclassify {
namespace {

bool succeeds(const OrtApi& api, OrtStatus* status) {
  return Owned<OrtStatus>(status, api.ReleaseStatus) == nullptr;
}

}  // namespace

CustomOpNode::CustomOpNode(const OrtApi& api, std::string_view type, const OrtKernelInfo* info)
    : api_(api), type_(type), info_(info) {
  name_ = text_of(api_, [&](char* text, std::size_t* size) {
    return api_.KernelInfo_GetNodeName(info_, text, size);
  });
  check(api_, api_.KernelInfo_GetInputCount(info_, &input_count_));
  check(api_, api_.KernelInfo_GetOutputCount(info_, &output_count_));
}

DataType CustomOpNode::input_type(std::size_t index) const {
  OrtTypeInfo* info = nullptr;
  check(api_, api_.KernelInfo_GetInputTypeInfo(info_, index, &info));
  return known_type(info, "input", index);
}

DataType CustomOpNode::output_type(std::size_t index) const {
  if (!has_output(index)) return DataType::kF32;
  OrtTypeInfo* info = nullptr;
  check(api_, api_.KernelInfo_GetOutputTypeInfo(info_, index, &info));
  return known_type(info, "output", index);
}

bool CustomOpNode::has_output(std::size_t index) const {
  return !text_of(api_, [&](char* text, std::size_t* size) {
            return api_.KernelInfo_GetOutputName(info_, index, text, size);
          }).empty();
}

DataType CustomOpNode::known_type(OrtTypeInfo* info, const char* which, std::size_t index) const {
  const Owned<OrtTypeInfo> owned(info, api_.ReleaseTypeInfo);
  const OrtTensorTypeAndShapeInfo* tensor = nullptr;
  check(api_, api_.CastTypeInfoToTensorInfo(info, &tensor));
  if (tensor != nullptr) {
    if (const auto type = declared_tensor(api_, tensor).type) return *type;
  }
  throw BundleError("Node '" + name_ + "' (" + std::string(type_) + ") has an " + which + " (" +
                    std::to_string(index) + ") of a type that no fused op knows.");
}

std::optional<TensorView> CustomOpNode::constant(std::size_t index) const {
  int is_constant = 0;
  const OrtValue* value = nullptr;
  check(api_, api_.KernelInfoGetConstantInput_tensor(info_, index, &is_constant, &value));
  if (is_constant == 0) return std::nullopt;
  OrtTensorTypeAndShapeInfo* info = nullptr;
  check(api_, api_.GetTensorTypeAndShape(value, &info));
  const Owned<OrtTensorTypeAndShapeInfo> owned(info, api_.ReleaseTensorTypeAndShapeInfo);
  DeclaredTensor tensor = declared_tensor(api_, info);
  if (!tensor.type) return std::nullopt;
  void* data = nullptr;
  check(api_, api_.GetTensorMutableData(const_cast<OrtValue*>(value), &data));
  return TensorView{*tensor.type, std::move(tensor.shape), static_cast<std::byte*>(data)};
}

bool CustomOpNode::found(OrtStatus* status, const std::string& key) const {
  if (succeeds(api_, status)) return true;
  if (has_attribute(key.c_str())) fail_wrong_kind(key, name_, std::string(type_));
  return false;
}

// ONNX Runtime has no way to ask whether an attribute is there: asking for an absent one fails as
// asking for another kind does.
bool CustomOpNode::has_attribute(const char* key) const {
  std::int64_t integer = 0;
  float real = 0;
  std::size_t size = 0;
  OrtAllocator* allocator = nullptr;
  check(api_, api_.GetAllocatorWithDefaultOptions(&allocator));
  OrtValue* tensor = nullptr;
  const auto reads = [&](OrtStatus* status) { return succeeds(api_, status); };
  const bool is_there = reads(api_.KernelInfoGetAttribute_int64(info_, key, &integer)) ||
                        reads(api_.KernelInfoGetAttribute_float(info_, key, &real)) ||
                        reads(api_.KernelInfoGetAttribute_string(info_, key, nullptr, &size)) ||
                        reads(api_.KernelInfoGetAttributeArray_int64(info_, key, nullptr, &size)) ||
                        reads(api_.KernelInfoGetAttributeArray_float(info_, key, nullptr, &size)) ||
                        reads(api_.KernelInfoGetAttribute_tensor(info_, key, allocator, &tensor));
  const Owned<OrtValue> owner(tensor, api_.ReleaseValue);
  return is_there;
}

std::int64_t CustomOpNode::integer(std::string_view key, std::int64_t absent) const {
  const std::string name(key);
  std::int64_t value = 0;
  const bool is_there = found(api_.KernelInfoGetAttribute_int64(info_, name.c_str(), &value), name);
  return is_there ? value : absent;
}

float CustomOpNode::real(std::string_view key, float absent) const {
  const std::string name(key);
  float value = 0;
  const bool is_there = found(api_.KernelInfoGetAttribute_float(info_, name.c_str(), &value), name);
  return is_there ? value : absent;
}

std::vector<std::int64_t> CustomOpNode::integers(std::string_view key) const {
  const std::string name(key);
  std::size_t count = 0;
  if (!found(api_.KernelInfoGetAttributeArray_int64(info_, name.c_str(), nullptr, &count), name)) {
    return {};
  }
  std::vector<std::int64_t> values(count);
  check(api_, api_.KernelInfoGetAttributeArray_int64(info_, name.c_str(), values.data(), &count));
  return values;
}

std::string CustomOpNode::text(std::string_view key, std::string_view absent) const {
  const std::string name(key);
  const auto get = [&](char* text, std::size_t* size) {
    return api_.KernelInfoGetAttribute_string(info_, name.c_str(), text, size);
  };
  std::size_t size = 0;
  return found(get(nullptr, &size), name) ? text_of(api_, get) : std::string(absent);
}

}  // namespace camclassify
