#include <algorithm>
#include <protozero/pbf_builder.hpp>
#include <protozero/pbf_message.hpp>

#include "onnx/element_type.hpp"
#include "onnx/fields.hpp"
#include "onnx/model.hpp"

namespace camclassify {
namespace {

using namespace onnx;

// From this version on an initializer need not be declared among the inputs.
constexpr std::int64_t kFirstIrVersionWithoutDeclarations = 4;

template <class Field>
void add(protozero::pbf_builder<Field>& message, Field field, Model::Bytes view) {
  message.add_bytes(field, reinterpret_cast<const char*>(view.data()), view.size());
}

// The node with the outputs that it has now: prune() makes unwanted ones absent.
std::string rewritten(const Model::Node& node) {
  std::string result;
  protozero::pbf_builder<NodeField> message(result);
  protozero::pbf_message<NodeField> field(reinterpret_cast<const char*>(node.message.data()),
                                          node.message.size());
  while (field.next()) {
    // All other fields of a node are strings and messages.
    if (field.tag() == NodeField::kOutput ||
        !field.has_wire_type(protozero::pbf_wire_type::length_delimited)) {
      field.skip();
    } else {
      message.add_bytes(field.tag(), field.get_view());
    }
  }
  for (const auto& output : node.outputs) message.add_string(NodeField::kOutput, output);
  return result;
}

void add(protozero::pbf_builder<GraphField>& graph, GraphField field, const Model::Value& value) {
  if (!value.message.empty()) {
    add(graph, field, value.message);
    return;
  }
  std::string bytes;
  {
    protozero::pbf_builder<ValueField> message(bytes);
    message.add_string(ValueField::kName, value.name);
    protozero::pbf_builder<TypeField> type(message, ValueField::kType);
    protozero::pbf_builder<TensorTypeField> tensor(type, TypeField::kTensor);
    tensor.add_int32(TensorTypeField::kElementType, element_type(value.type.value()));
    protozero::pbf_builder<ShapeField> shape(tensor, TensorTypeField::kShape);
    for (const std::int64_t dimension : value.shape.value()) {
      std::string dim;  // empty: open
      if (dimension >= 0) {
        protozero::pbf_builder<DimField>(dim).add_int64(DimField::kValue, dimension);
      }
      shape.add_message(ShapeField::kDim, dim);
    }
  }
  graph.add_message(field, bytes);
}

}  // namespace

std::string write_onnx(const Model& model) {
  std::string graph_bytes;
  protozero::pbf_builder<GraphField> graph(graph_bytes);
  for (const auto& node : model.nodes) {
    if (node.fused()) {
      graph.add_message(GraphField::kNode, rewritten(node));
    } else {
      add(graph, GraphField::kNode, node.message);
    }
  }
  graph.add_string(GraphField::kName, "network");
  for (const auto& tensor : model.initializers)
    add(graph, GraphField::kInitializer, tensor.message);
  for (const auto& view : model.sparse_initializers) {
    add(graph, GraphField::kSparseInitializer, view);
  }
  for (const auto& value : model.inputs) add(graph, GraphField::kInput, value);
  for (const auto& value : model.outputs) add(graph, GraphField::kOutput, value);
  for (const auto& value : model.values) add(graph, GraphField::kValueInfo, value);

  std::string file_bytes;
  protozero::pbf_builder<ModelField> file(file_bytes);
  file.add_int64(ModelField::kIrVersion,
                 std::max(model.ir_version, kFirstIrVersionWithoutDeclarations));
  for (const auto& opset : model.opsets) add(file, ModelField::kOpsetImport, opset.message);
  for (const auto& view : model.functions) add(file, ModelField::kFunctions, view);
  file.add_message(ModelField::kGraph, graph_bytes);
  return file_bytes;
}

}  // namespace camclassify
