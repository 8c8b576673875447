#pragma once

#include <memory>

#include "ops/op.hpp"

namespace camclassify {

// The op `Block` of docs/ops.md. Throws BundleError if the node is not as described there.
std::unique_ptr<Op> make_block(const NodeInfo& node);

}  // namespace camclassify
