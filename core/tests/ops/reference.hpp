#pragma once

#include <vector>

#include "ops/node.hpp"

namespace camclassify::testing {

// The outputs of a node, computed as docs/ops.md says by plain loops: fp32 in double precision,
// int8 exactly.
std::vector<Tensor> reference(const Node& node);

}  // namespace camclassify::testing
