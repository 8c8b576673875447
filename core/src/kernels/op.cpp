#include "kernels/op.hpp"

#include <array>
#include <string>

#include "camclassify/error.hpp"
#include "kernels/block.hpp"
#include "kernels/depthwise.hpp"
#include "kernels/pointwise.hpp"
#include "kernels/pooled_head.hpp"
#include "kernels/predictor.hpp"
#include "kernels/spatial_pyramid_pool.hpp"
#include "kernels/stem.hpp"

namespace camclassify {
namespace {

using Make = std::unique_ptr<Op> (*)(const NodeInfo&);

constexpr std::array<std::string_view, 7> kTypes = {
    "Stem", "Pointwise", "Depthwise", "Block", "SpatialPyramidPool", "Predictor", "PooledHead"};
constexpr std::array<Make, 7> kMakers = {
    make_stem,      make_pointwise,  make_depthwise, make_block, make_spatial_pyramid_pool,
    make_predictor, make_pooled_head};

}  // namespace

std::unique_ptr<Op> make_op(const NodeInfo& node) {
  for (std::size_t i = 0; i < kTypes.size(); ++i) {
    if (node.type() == kTypes[i]) return kMakers[i](node);
  }
  throw BundleError("The network uses the op camclassify." + std::string(node.type()) +
                    ", which this version does not know. Update CamClassify.");
}

std::span<const std::string_view> op_types() { return kTypes; }

}  // namespace camclassify
