#include "kernels/op.hpp"

#include <string>

#include "camclassify/error.hpp"

namespace camclassify {

std::unique_ptr<Op> make_op(const NodeInfo& node) {
  throw BundleError("Unknown fused op '" + std::string(node.type()) + "' in node '" +
                    std::string(node.name()) + "'.");
}

std::span<const std::string_view> op_types() { return {}; }

}  // namespace camclassify
