#include "ops/op_table.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "camclassify/error.hpp"
#include "ops/node_reader.hpp"

namespace camclassify {
namespace {

constexpr std::array kTable = {&kStem,       &kPointwise, &kDepthwise,          &kConvolution,
                               &kBlock,      &kPooling,   &kSpatialPyramidPool, &kPredictor,
                               &kPooledHead, &kRearrange, &kConcatenation,      &kElementwise,
                               &kSoftmax};

constexpr bool is_activation(DataType type) {
  return type == DataType::kF32 || type == DataType::kU8 || type == DataType::kI16;
}

// All other inputs must have the type of the first or of an output, or are constants.
void check_types(const NodeInfo& node) {
  if (node.input_count() == 0) fail(node, "it has no input");
  bool known = is_activation(node.input_type(0));
  for (std::size_t i = 0; i < node.output_count(); ++i) {
    known &= !node.has_output(i) || is_activation(node.output_type(i));
  }
  if (!known) fail(node, "it reads or writes activations of a type other than f32, u8 and i16");
}

}  // namespace

std::span<const OpType* const> op_table() { return kTable; }

std::unique_ptr<Op> make_op(const NodeInfo& node) {
  const auto* const type = std::ranges::find(kTable, node.type(), &OpType::name);
  if (type == kTable.end()) {
    throw BundleError("The network uses the op camclassify." + std::string(node.type()) +
                      ", which this version does not know. Update CamClassify.");
  }
  check_types(node);
  return (*type)->make(node);
}

}  // namespace camclassify
