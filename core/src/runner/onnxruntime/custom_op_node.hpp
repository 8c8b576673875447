#pragma once

#include <string>

#include "ops/op.hpp"
#include "runner/onnxruntime/c_api.hpp"

namespace camclassify {

// A node of an ONNX Runtime session that is being created.
class CustomOpNode final : public NodeInfo {
 public:
  // `type` must outlive it.
  CustomOpNode(const OrtApi& api, std::string_view type, const OrtKernelInfo* info);

  std::string_view type() const override { return type_; }
  std::string_view name() const override { return name_; }
  std::size_t input_count() const override { return input_count_; }
  std::size_t output_count() const override { return output_count_; }
  DataType input_type(std::size_t index) const override;
  DataType output_type(std::size_t index) const override;
  bool has_output(std::size_t index) const override;
  std::optional<TensorView> constant(std::size_t index) const override;
  std::int64_t integer(std::string_view key, std::int64_t absent) const override;
  float real(std::string_view key, float absent) const override;
  std::vector<std::int64_t> integers(std::string_view key) const override;
  std::string text(std::string_view key, std::string_view absent) const override;

 private:
  // Whether reading attribute `key` succeeded. Throws BundleError if it is of another kind.
  bool found(OrtStatus* status, const std::string& key) const;
  bool has_attribute(const char* key) const;
  DataType known_type(OrtTypeInfo* info, const char* which, std::size_t index) const;

  const OrtApi& api_;
  std::string_view type_;
  const OrtKernelInfo* info_;
  std::string name_;
  std::size_t input_count_ = 0, output_count_ = 0;
};

}  // namespace camclassify
