#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "camclassify/tensor.hpp"

namespace camclassify {

// Domain of the fused ops in a network file.
inline constexpr std::string_view kFusedDomain = "camclassify";

// An ONNX file in memory, as far as a runner needs it. Everything that is only passed on to ONNX
// Runtime stays as the bytes of the file: a Model is valid as long as the bytes it was read from.
struct Model {
  // A part of the file, serialised as it stands there.
  using Bytes = std::span<const std::byte>;

  using AttributeValue = std::variant<std::monostate,  // of a kind that only ONNX Runtime reads
                                      std::int64_t, float, std::string, std::vector<std::int64_t>>;
  struct Attribute {
    std::string name;
    AttributeValue value;
  };

  struct Node {
    std::string domain;  // "" for the ops of ONNX itself
    std::string type;    // "Conv"
    std::string name;
    std::vector<std::string> inputs, outputs;  // "" where an optional one is absent
    std::vector<std::string> captured;         // tensors that its subgraphs use from outside
    std::vector<Attribute> attributes;
    Bytes message;

    bool fused() const { return domain == kFusedDomain; }
  };

  // A tensor whose value the file holds.
  struct Initializer {
    std::string name;
    std::optional<DataType> type;  // absent: a type that only ONNX Runtime knows
    Shape shape;
    Bytes data;  // little endian, aligned for the type; empty if `type` is absent
    Bytes message;
  };

  struct Value {
    std::string name;
    std::optional<DataType> type;
    std::optional<Shape> shape;  // -1 where a dimension is not fixed
    Bytes message;               // empty: written anew from the type and the shape
  };

  struct Opset {
    std::string domain;
    std::int64_t version = 0;
    Bytes message;
  };

  std::int64_t ir_version = 0;
  std::vector<Opset> opsets;
  std::vector<Bytes> functions;
  std::vector<Node> nodes;
  std::vector<Initializer> initializers;
  std::vector<Bytes> sparse_initializers;
  std::vector<Value> inputs;  // without those that merely declare an initializer
  std::vector<Value> outputs;
  std::vector<Value> values;  // declared types of tensors in between

  // Data of initializers that the file holds in another form or at an odd address.
  std::deque<std::vector<std::int64_t>> storage;
};

// Reads an ONNX file. Throws BundleError if it is malformed: cut off, a tensor that is used but
// never made or made twice, a cycle, dimensions that overflow, a tensor in another file, an
// initializer of the wrong size, far more nodes than any network. Afterwards the nodes are in an
// order in which they can run.
Model read_onnx(std::span<const std::byte> file);

// The ONNX file of a model.
std::string write_onnx(const Model& model);

// Throws BundleError: the op of a node wants an attribute of another kind.
[[noreturn]] void fail_wrong_kind(std::string_view attribute, const std::string& node,
                                  const std::string& type);

// Declared type and shape of a tensor: an input, an output or one in between; null if undeclared.
const Model::Value* find_value(const Model& model, std::string_view name);

}  // namespace camclassify
