#pragma once

#include <protozero/pbf_builder.hpp>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "camclassify/tensor.hpp"
#include "onnx/element_type.hpp"
#include "onnx/fields.hpp"

namespace camclassify::test {

// Writes small ONNX files for tests.
class OnnxBuilder {
 public:
  using Attribute =
      std::pair<std::string,
                std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>,
                             std::vector<float>, std::vector<std::string>>>;

  OnnxBuilder& input(const std::string& name, DataType type, const Shape& shape) {
    return value(onnx::GraphField::kInput, name, type, shape);
  }
  OnnxBuilder& output(const std::string& name, DataType type, const Shape& shape) {
    return value(onnx::GraphField::kOutput, name, type, shape);
  }
  OnnxBuilder& inner(const std::string& name, DataType type, const Shape& shape) {
    return value(onnx::GraphField::kValueInfo, name, type, shape);
  }

  template <class T>
  OnnxBuilder& initializer(const std::string& name, DataType type, const Shape& shape,
                           const std::vector<T>& data) {
    std::string bytes;
    protozero::pbf_builder<onnx::TensorField> tensor(bytes);
    for (const auto size : shape) tensor.add_int64(onnx::TensorField::kDims, size);
    tensor.add_int64(onnx::TensorField::kDataType, element_type(type));
    tensor.add_string(onnx::TensorField::kName, name);
    tensor.add_bytes(onnx::TensorField::kRawData, reinterpret_cast<const char*>(data.data()),
                     data.size() * sizeof(T));
    return initializer_message(bytes);
  }

  OnnxBuilder& initializer_message(const std::string& tensor) {
    add(onnx::GraphField::kInitializer, tensor);
    return *this;
  }

  OnnxBuilder& node(const std::string& domain, const std::string& type, const std::string& name,
                    const std::vector<std::string>& inputs, const std::vector<std::string>& outputs,
                    const std::vector<Attribute>& attributes = {}) {
    std::string bytes;
    protozero::pbf_builder<onnx::NodeField> node(bytes);
    for (const auto& tensor : inputs) node.add_string(onnx::NodeField::kInput, tensor);
    for (const auto& tensor : outputs) node.add_string(onnx::NodeField::kOutput, tensor);
    node.add_string(onnx::NodeField::kName, name);
    node.add_string(onnx::NodeField::kType, type);
    for (const auto& one : attributes)
      node.add_message(onnx::NodeField::kAttribute, attribute(one));
    if (!domain.empty()) node.add_string(onnx::NodeField::kDomain, domain);
    add(onnx::GraphField::kNode, bytes);
    return *this;
  }

  // The file so far.
  std::string file() const {
    std::string bytes;
    protozero::pbf_builder<onnx::ModelField> model(bytes);
    model.add_int64(onnx::ModelField::kIrVersion, 8);
    model.add_message(onnx::ModelField::kOpsetImport, opset("", 17));
    model.add_message(onnx::ModelField::kOpsetImport, opset("camclassify", 1));
    model.add_message(onnx::ModelField::kGraph, graph_bytes_);
    return bytes;
  }

 private:
  // Kinds of attribute that no fused op reads.
  static constexpr auto kFloats = static_cast<onnx::AttributeField>(7);
  static constexpr auto kStrings = static_cast<onnx::AttributeField>(9);

  void add(onnx::GraphField field, const std::string& message) {
    protozero::pbf_builder<onnx::GraphField>(graph_bytes_).add_message(field, message);
  }

  static std::string opset(const std::string& domain, int version) {
    std::string bytes;
    protozero::pbf_builder<onnx::OpsetField> opset(bytes);
    opset.add_string(onnx::OpsetField::kDomain, domain);
    opset.add_int64(onnx::OpsetField::kVersion, version);
    return bytes;
  }

  static std::string attribute(const Attribute& attribute) {
    std::string bytes;
    protozero::pbf_builder<onnx::AttributeField> message(bytes);
    message.add_string(onnx::AttributeField::kName, attribute.first);
    auto type = onnx::AttributeType::kInt;
    if (const auto* integer = std::get_if<std::int64_t>(&attribute.second)) {
      message.add_int64(onnx::AttributeField::kInt, *integer);
    } else if (const auto* real = std::get_if<float>(&attribute.second)) {
      message.add_float(onnx::AttributeField::kFloat, *real);
      type = onnx::AttributeType::kFloat;
    } else if (const auto* text = std::get_if<std::string>(&attribute.second)) {
      message.add_string(onnx::AttributeField::kString, *text);
      type = onnx::AttributeType::kString;
    } else if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&attribute.second)) {
      for (const auto value : *integers) message.add_int64(onnx::AttributeField::kInts, value);
      type = onnx::AttributeType::kInts;
    } else if (const auto* reals = std::get_if<std::vector<float>>(&attribute.second)) {
      for (const auto value : *reals) message.add_float(kFloats, value);
      type = static_cast<onnx::AttributeType>(6);
    } else {
      for (const auto& value : std::get<std::vector<std::string>>(attribute.second)) {
        message.add_string(kStrings, value);
      }
      type = static_cast<onnx::AttributeType>(8);
    }
    message.add_int64(onnx::AttributeField::kType, static_cast<int>(type));
    return bytes;
  }

  OnnxBuilder& value(onnx::GraphField field, const std::string& name, DataType type,
                     const Shape& shape) {
    std::string shape_bytes, tensor_bytes, type_bytes, value_bytes;
    protozero::pbf_builder<onnx::ShapeField> shape_message(shape_bytes);
    for (const auto size : shape) {
      std::string dim_bytes;
      protozero::pbf_builder<onnx::DimField> dim(dim_bytes);
      if (size >= 0) dim.add_int64(onnx::DimField::kValue, size);
      shape_message.add_message(onnx::ShapeField::kDim, dim_bytes);
    }
    protozero::pbf_builder<onnx::TensorTypeField> tensor(tensor_bytes);
    tensor.add_int64(onnx::TensorTypeField::kElementType, element_type(type));
    tensor.add_message(onnx::TensorTypeField::kShape, shape_bytes);
    protozero::pbf_builder<onnx::TypeField>(type_bytes)
        .add_message(onnx::TypeField::kTensor, tensor_bytes);
    protozero::pbf_builder<onnx::ValueField> message(value_bytes);
    message.add_string(onnx::ValueField::kName, name);
    message.add_message(onnx::ValueField::kType, type_bytes);
    add(field, value_bytes);
    return *this;
  }

  std::string graph_bytes_;
};

inline std::span<const std::byte> bytes_of(const std::string& file) {
  return std::as_bytes(std::span(file));
}

// The names of nodes, inputs, outputs or weights.
std::vector<std::string> names_of(const auto& things) {
  std::vector<std::string> names;
  for (const auto& thing : things) names.push_back(thing.name);
  return names;
}

}  // namespace camclassify::test
