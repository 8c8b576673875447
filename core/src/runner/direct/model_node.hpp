#pragma once

#include <string_view>
#include <unordered_map>
#include <vector>

#include "onnx/model.hpp"
#include "ops/op.hpp"

namespace camclassify {

// What a model says about its tensors, by name.
class ModelTensors {
 public:
  explicit ModelTensors(const Model& model);

  // Null if it is no initializer.
  const Model::Initializer* initializer(std::string_view name) const;
  // Declared type. Throws BundleError if there is none that a fused op knows.
  DataType type(std::string_view name) const;

 private:
  std::unordered_map<std::string_view, const Model::Initializer*> initializers_;
  std::unordered_map<std::string_view, DataType> types_;
};

// A node of a model, as the op that is made from it sees it.
class ModelNode final : public NodeInfo {
 public:
  ModelNode(const Model::Node& node, const ModelTensors& tensors);

  std::string_view type() const override { return node_.type; }
  std::string_view name() const override { return node_.name; }
  std::size_t input_count() const override { return node_.inputs.size(); }
  std::size_t output_count() const override { return node_.outputs.size(); }
  DataType input_type(std::size_t index) const override;
  DataType output_type(std::size_t index) const override;
  bool has_output(std::size_t index) const override;
  std::optional<TensorView> constant(std::size_t index) const override;
  std::int64_t integer(std::string_view key, std::int64_t absent) const override;
  float real(std::string_view key, float absent) const override;
  std::vector<std::int64_t> integers(std::string_view key) const override;
  std::string text(std::string_view key, std::string_view absent) const override;

  // Whether the op has asked for this input's value: then it needs none when it runs.
  bool was_read(std::size_t index) const { return was_read_[index]; }

 private:
  const Model::Node& node_;
  const ModelTensors& tensors_;
  mutable std::vector<bool> was_read_;
};

}  // namespace camclassify
