#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "ops/op.hpp"

namespace camclassify {

// What a node of the domain `camclassify` can be.
struct OpType {
  std::string_view name;
  // Throws BundleError if the node is not as docs/ops.md describes it.
  std::unique_ptr<Op> (*make)(const NodeInfo& node);
};

template <class T>
std::unique_ptr<Op> make(const NodeInfo& node) {
  return std::make_unique<T>(node);
}

// Each is defined beside its op, in the file of that name.
extern const OpType kStem, kPointwise, kDepthwise, kConvolution, kBlock, kPooling,
    kSpatialPyramidPool, kPredictor, kPooledHead, kRearrange, kConcatenation, kElementwise,
    kSoftmax;

// All of them.
std::span<const OpType* const> op_table();

// Makes the op for a node of the domain `camclassify`. Throws BundleError for a type that is not in
// the table, or attributes and constants that do not fit.
std::unique_ptr<Op> make_op(const NodeInfo& node);

}  // namespace camclassify
