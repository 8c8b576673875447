#pragma once

#include <string>

#include "ops/op.hpp"
#include "runner/onnxruntime/library.hpp"

namespace camclassify {

// A node of an ONNX Runtime session that is being created.
class CustomOpNode final : public NodeInfo {
 public:
  CustomOpNode(std::string_view type, const OrtKernelInfo* info);

  std::string_view type() const override { return type_; }
  std::string_view name() const override { return name_; }
  std::size_t input_count() const override { return info_.GetInputCount(); }
  std::size_t output_count() const override { return info_.GetOutputCount(); }
  DataType input_type(std::size_t index) const override;
  DataType output_type(std::size_t index) const override;
  bool has_output(std::size_t index) const override;
  std::optional<TensorView> constant(std::size_t index) const override;
  std::int64_t integer(std::string_view key, std::int64_t absent) const override;
  float real(std::string_view key, float absent) const override;
  std::vector<std::int64_t> integers(std::string_view key) const override;
  std::string text(std::string_view key, std::string_view absent) const override;

 private:
  bool has_attribute(const char* key) const;
  template <class T, class Get>
  T attribute(std::string_view key, T absent, Get get) const;
  DataType known_type(const Ort::TypeInfo& info, const char* which, std::size_t index) const;

  std::string type_;
  Ort::ConstKernelInfo info_;
  std::string name_;
};

}  // namespace camclassify
