#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>

#include "ops/any_shape.hpp"
#include "ops/node_reader.hpp"
#include "ops/op_table.hpp"

namespace camclassify {
namespace {

// A part of a tensor, its axes in another order, in another shape.
class Rearrange final : public AnyShapeOp {
 public:
  explicit Rearrange(const NodeInfo& node)
      : AnyShapeOp(node),
        starts_(node.integers("starts")),
        steps_(node.integers("steps")),
        sizes_(node.integers("sizes")),
        order_(node.integers("order")),
        written_(node.integers("shape")) {
    if (inputs_.count() != 1 || node.output_count() != 1) {
      fail(node, "it must have one input and one output");
    }
    if (starts_.size() != sizes_.size() || (!steps_.empty() && steps_.size() != sizes_.size())) {
      fail(node, "starts, sizes and steps must be of the same axes");
    }
    const auto out_of_range = [](std::int64_t low, std::int64_t extent) {
      return extent < low || extent > static_cast<std::int64_t>(kMostElements);
    };
    for (const auto* positive : {&steps_, &sizes_, &written_}) {
      for (const std::int64_t extent : *positive) {
        if (out_of_range(1, extent)) fail(node, "an extent or a step is out of range");
      }
    }
    for (const std::int64_t start : starts_) {
      if (out_of_range(0, start)) fail(node, "a start is out of range");
    }
    std::vector<std::int64_t> sorted = order_, axes(order_.size());
    std::ranges::sort(sorted);
    std::iota(axes.begin(), axes.end(), 0);
    if (sorted != axes || order_.size() > kMostAxes || written_.size() > kMostAxes) {
      fail(node, "order must name each axis once, and there may be six");
    }
  }

  std::vector<Shape> infer_shapes(std::span<const Shape> inputs) const override {
    Shape part = part_of(inputs_.shape(inputs, 0));
    if (!order_.empty()) part = in_order(part);
    if (written_.empty()) return {part};
    if (!is_sound(written_) || element_count(written_) != element_count(part)) {
      throw BundleError("A Rearrange node's shape has another number of elements than its input.");
    }
    return {written_};
  }

  void compute(std::span<const TensorView> inputs, std::span<const TensorView> outputs,
               std::span<std::byte>, Parallel&) const override {
    const Shape& in = inputs_.shape(inputs, 0);
    const float* src = inputs_.data(inputs, 0);
    Shape part = part_of(in), strides = dense_strides(in);
    for (std::size_t axis = 0; axis < starts_.size(); ++axis) {
      src += starts_[axis] * strides[axis];
      if (!steps_.empty()) strides[axis] *= steps_[axis];
    }
    if (!order_.empty()) {
      part = in_order(part);
      strides = in_order(strides);
    }
    auto* dst = reinterpret_cast<float*>(outputs[0].data);
    const std::int64_t length = part.empty() ? 1 : part.back();
    const std::int64_t stride = part.empty() ? 1 : strides.back();
    for_each_row<1>(part, {strides}, [&](const std::array<std::int64_t, 1>& offsets) {
      const float* from = src + offsets[0];
      if (stride == 1) {
        std::memcpy(dst, from, static_cast<std::size_t>(length) * sizeof(float));
      } else {
        for (std::int64_t i = 0; i < length; ++i) dst[i] = from[i * stride];
      }
      dst += length;
    });
  }

 private:
  Shape part_of(const Shape& in) const {
    if (sizes_.empty()) {
      if (!order_.empty() && order_.size() != in.size()) throw_misfit();
      return in;
    }
    if (sizes_.size() != in.size() || (!order_.empty() && order_.size() != in.size())) {
      throw_misfit();
    }
    for (std::size_t axis = 0; axis < in.size(); ++axis) {
      const std::int64_t step = steps_.empty() ? 1 : steps_[axis];
      const Checked last = Checked(sizes_[axis] - 1) * step + starts_[axis];
      if (last.value() >= static_cast<std::size_t>(in[axis])) throw_misfit();
    }
    return sizes_;
  }

  [[noreturn]] static void throw_misfit() {
    throw BundleError("A Rearrange node takes a part that its input does not have.");
  }

  Shape in_order(const Shape& values) const {
    Shape result;
    for (const std::int64_t axis : order_) result.push_back(values[static_cast<std::size_t>(axis)]);
    return result;
  }

  std::vector<std::int64_t> starts_, steps_, sizes_, order_;
  Shape written_;
};

}  // namespace

constinit const OpType kRearrange = {"Rearrange", make<Rearrange>};

}  // namespace camclassify
