#pragma once

#include <memory>

#include "ops/op.hpp"

namespace camclassify {

// The op `Depthwise` of docs/ops.md. Throws BundleError if the node is not as described there.
std::unique_ptr<Op> make_depthwise(const NodeInfo& node);

}  // namespace camclassify
