#pragma once

#include <memory>

#include "ops/op.hpp"

namespace camclassify {

// The op `PooledHead` of docs/ops.md. Throws BundleError if the node is not as described there.
std::unique_ptr<Op> make_pooled_head(const NodeInfo& node);

}  // namespace camclassify
