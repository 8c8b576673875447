#include <protozero/exception.hpp>
#include <utility>

#include "onnx/element_type.hpp"
#include "onnx/external_data.hpp"
#include "onnx/fields.hpp"
#include "onnx/graph.hpp"
#include "onnx/message.hpp"
#include "onnx/model.hpp"

namespace camclassify {
namespace {

using namespace onnx;
using Bytes = Model::Bytes;

// Far above any network's, and few enough for what takes the square of their number.
constexpr std::size_t kMostNodes = 20'000;
// Subgraphs in subgraphs; deeper ones are no network but an attack on the stack.
constexpr int kMaxDepth = 8;
// Tensors that a subgraph (the body of an If or a Loop) uses; those it makes itself are among them,
// which does no harm.
void read_captured(Bytes graph, int depth, std::vector<std::string>& captured) {
  if (depth > kMaxDepth) malformed("subgraphs are nested too deeply");
  auto graph_message = message<GraphField>(graph);
  while (graph_message.next(GraphField::kNode)) {
    auto node = message<NodeField>(bytes(graph_message));
    while (node.next()) {
      if (node.tag() == NodeField::kInput) {
        captured.push_back(name(node));
      } else if (node.tag() == NodeField::kAttribute) {
        auto attribute = message<AttributeField>(bytes(node));
        while (attribute.next()) {
          if (attribute.tag() == AttributeField::kGraph ||
              attribute.tag() == AttributeField::kGraphs) {
            read_captured(bytes(attribute), depth + 1, captured);
          } else {
            attribute.skip();
          }
        }
      } else {
        node.skip();
      }
    }
  }
  graph_message = message<GraphField>(graph);
  while (graph_message.next(GraphField::kOutput)) {
    auto value = message<ValueField>(bytes(graph_message));
    while (value.next(ValueField::kName)) captured.push_back(name(value));
  }
}

Model::Attribute read_attribute(Bytes view, std::vector<std::string>& captured) {
  Model::Attribute attribute;
  std::int64_t type = 0, int_value = 0;
  float float_value = 0;
  std::string string_value;
  std::vector<std::int64_t> ints;
  auto field = message<AttributeField>(view);
  while (field.next()) {
    switch (field.tag()) {
      case AttributeField::kName:
        attribute.name = name(field);
        break;
      case AttributeField::kType:
        type = integer(field);
        break;
      case AttributeField::kInt:
        int_value = integer(field);
        break;
      case AttributeField::kFloat:
        float_value = real(field);
        break;
      case AttributeField::kString:
        string_value = text(field);
        break;
      case AttributeField::kInts:
        append_integers(field, ints);
        break;
      case AttributeField::kGraph:
      case AttributeField::kGraphs:
        read_captured(bytes(field), 1, captured);
        break;
      default:
        field.skip();
    }
  }
  switch (static_cast<AttributeType>(type)) {
    case AttributeType::kInt:
      attribute.value = int_value;
      break;
    case AttributeType::kFloat:
      attribute.value = float_value;
      break;
    case AttributeType::kString:
      attribute.value = std::move(string_value);
      break;
    case AttributeType::kInts:
      attribute.value = std::move(ints);
      break;
  }
  return attribute;
}

Model::Node read_node(Bytes view) {
  Model::Node node;
  node.message = view;
  auto field = message<NodeField>(view);
  while (field.next()) {
    switch (field.tag()) {
      case NodeField::kInput:
        node.inputs.push_back(name(field));
        break;
      case NodeField::kOutput:
        node.outputs.push_back(name(field));
        break;
      case NodeField::kName:
        node.name = name(field);
        break;
      case NodeField::kType:
        node.type = name(field);
        break;
      case NodeField::kDomain:
        node.domain = name(field);
        break;
      case NodeField::kAttribute:
        node.attributes.push_back(read_attribute(bytes(field), node.captured));
        break;
      default:
        field.skip();
    }
  }
  if (node.domain == "ai.onnx") node.domain.clear();
  for (const auto& attribute : node.attributes) {
    if (node.fused() && std::holds_alternative<std::monostate>(attribute.value)) {
      fail_wrong_kind(attribute.name, node.name, node.type);
    }
  }
  return node;
}

Shape read_shape(Bytes view) {
  Shape shape;
  auto field = message<ShapeField>(view);
  while (field.next(ShapeField::kDim)) {
    std::int64_t size = -1;
    auto dim = message<DimField>(bytes(field));
    while (dim.next(DimField::kValue)) size = integer(dim);
    shape.push_back(size < 0 ? -1 : size);
  }
  return shape;
}

Model::Value read_value(Bytes view) {
  Model::Value value;
  value.message = view;
  auto field = message<ValueField>(view);
  while (field.next()) {
    if (field.tag() == ValueField::kName) {
      value.name = name(field);
    } else if (field.tag() == ValueField::kType) {
      auto type = message<TypeField>(bytes(field));
      while (type.next(TypeField::kTensor)) {
        auto tensor = message<TensorTypeField>(bytes(type));
        while (tensor.next()) {
          if (tensor.tag() == TensorTypeField::kElementType) {
            value.type = data_type(integer(tensor));
          } else if (tensor.tag() == TensorTypeField::kShape) {
            value.shape = read_shape(bytes(tensor));
          } else {
            tensor.skip();
          }
        }
      }
    } else {
      field.skip();
    }
  }
  return value;
}

void read_graph(Bytes view, Model& model) {
  auto field = message<GraphField>(view);
  while (field.next()) {
    switch (field.tag()) {
      case GraphField::kNode:
        if (model.nodes.size() == kMostNodes) malformed("it has too many nodes");
        model.nodes.push_back(read_node(bytes(field)));
        break;
      case GraphField::kInitializer:
        model.initializers.push_back(read_initializer(bytes(field), model.storage));
        break;
      case GraphField::kSparseInitializer:
        model.sparse_initializers.push_back(bytes(field));
        break;
      case GraphField::kInput:
        model.inputs.push_back(read_value(bytes(field)));
        break;
      case GraphField::kOutput:
        model.outputs.push_back(read_value(bytes(field)));
        break;
      case GraphField::kValueInfo:
        model.values.push_back(read_value(bytes(field)));
        break;
      default:
        field.skip();
    }
  }
}

Model::Opset read_opset(Bytes view) {
  Model::Opset opset;
  opset.message = view;
  auto field = message<OpsetField>(view);
  while (field.next()) {
    if (field.tag() == OpsetField::kDomain) {
      opset.domain = name(field);
    } else if (field.tag() == OpsetField::kVersion) {
      opset.version = integer(field);
    } else {
      field.skip();
    }
  }
  return opset;
}

Model read_model(Bytes file) {
  Model model;
  std::optional<Bytes> graph;
  auto field = message<ModelField>(file);
  while (field.next()) {
    switch (field.tag()) {
      case ModelField::kIrVersion:
        model.ir_version = integer(field);
        break;
      case ModelField::kOpsetImport:
        model.opsets.push_back(read_opset(bytes(field)));
        break;
      case ModelField::kFunctions:
        model.functions.push_back(bytes(field));
        break;
      case ModelField::kGraph:
        if (graph) malformed("it holds two graphs");
        graph = bytes(field);
        break;
      default:
        field.skip();
    }
  }
  if (!graph) malformed("it holds no graph");
  read_graph(*graph, model);
  return model;
}

}  // namespace

Model read_onnx(std::span<const std::byte> file) {
  try {
    refuse_external_data(file);
    Model model = read_model(file);
    check_and_sort(model);
    return model;
  } catch (const protozero::exception& error) {
    malformed(std::string("it is cut off or damaged (") + error.what() + ")");
  }
}

}  // namespace camclassify
