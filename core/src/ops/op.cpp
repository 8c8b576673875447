#include "ops/op.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "camclassify/error.hpp"
#include "ops/block.hpp"
#include "ops/depthwise.hpp"
#include "ops/node_reader.hpp"
#include "ops/pointwise.hpp"
#include "ops/pooled_head.hpp"
#include "ops/predictor.hpp"
#include "ops/spatial_pyramid_pool.hpp"
#include "ops/stem.hpp"

namespace camclassify {
namespace {

using Make = std::unique_ptr<Op> (*)(const NodeInfo&);

constexpr std::array<std::string_view, 7> kTypes = {
    "Stem", "Pointwise", "Depthwise", "Block", "SpatialPyramidPool", "Predictor", "PooledHead"};
constexpr std::array<Make, 7> kMakers = {
    make_stem,      make_pointwise,  make_depthwise, make_block, make_spatial_pyramid_pool,
    make_predictor, make_pooled_head};

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

std::vector<Shape> Op::infer(std::span<const Shape> inputs) const {
  std::vector<Shape> shapes = infer_shapes(inputs);
  if (!std::ranges::all_of(shapes, is_sound)) {
    throw BundleError("An op of the network would make a tensor of more than " +
                      std::to_string(kMostElements) + " elements.");
  }
  return shapes;
}

std::size_t Op::scratch_bytes(std::span<const Shape> inputs, int threads) const {
  const std::size_t bytes = needed_scratch(inputs, threads).value();
  if (bytes > kMostBufferBytes) {
    throw BundleError("An op of the network needs more than " +
                      std::to_string(kMostBufferBytes >> 20) + " MB of memory while it runs.");
  }
  return bytes;
}

void Op::run(std::span<const TensorView> inputs, std::span<const TensorView> outputs,
             std::span<std::byte> scratch, Parallel& parallel) const {
  const auto is_wanted = [](const TensorView& output) { return output.data != nullptr; };
  if (std::ranges::any_of(outputs, is_wanted)) compute(inputs, outputs, scratch, parallel);
}

std::unique_ptr<Op> make_op(const NodeInfo& node) {
  for (std::size_t i = 0; i < kTypes.size(); ++i) {
    if (node.type() != kTypes[i]) continue;
    check_types(node);
    return kMakers[i](node);
  }
  throw BundleError("The network uses the op camclassify." + std::string(node.type()) +
                    ", which this version does not know. Update CamClassify.");
}

std::span<const std::string_view> op_types() { return kTypes; }

}  // namespace camclassify
