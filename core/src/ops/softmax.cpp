#include <algorithm>
#include <cmath>

#include "ops/any_shape.hpp"
#include "ops/node_reader.hpp"
#include "ops/op_table.hpp"

namespace camclassify {
namespace {

// exp(x) over their sum along an axis.
class Softmax final : public AnyShapeOp {
 public:
  explicit Softmax(const NodeInfo& node) : AnyShapeOp(node) {
    const std::int64_t axis = node.integer("axis", 0);
    if (inputs_.count() != 1 || node.output_count() != 1) {
      fail(node, "it must have one input and one output");
    }
    if (axis < 0 || axis >= static_cast<std::int64_t>(kMostAxes)) {
      fail(node, "its axis is out of range");
    }
    axis_ = static_cast<std::size_t>(axis);
  }

  std::vector<Shape> infer_shapes(std::span<const Shape> inputs) const override {
    const Shape& shape = inputs_.shape(inputs, 0);
    if (axis_ >= shape.size()) throw BundleError("A Softmax node's input lacks its axis.");
    return {shape};
  }

  void compute(std::span<const TensorView> inputs, std::span<const TensorView> outputs,
               std::span<std::byte>, Parallel&) const override {
    const Shape& shape = outputs[0].shape;
    const std::int64_t inner = dense_strides(shape)[axis_], count = shape[axis_];
    const std::int64_t outer = element_count(shape) / (inner * count);
    const float* src = inputs_.data(inputs, 0);
    auto* dst = reinterpret_cast<float*>(outputs[0].data);
    for (std::int64_t o = 0; o < outer; ++o, src += count * inner, dst += count * inner) {
      for (std::int64_t i = 0; i < inner; ++i) {
        float largest = src[i], sum = 0;
        for (std::int64_t k = 1; k < count; ++k) largest = std::max(largest, src[k * inner + i]);
        for (std::int64_t k = 0; k < count; ++k) {
          const float power = std::exp(src[k * inner + i] - largest);
          dst[k * inner + i] = power;
          sum += power;
        }
        for (std::int64_t k = 0; k < count; ++k) dst[k * inner + i] /= sum;
      }
    }
  }

 private:
  std::size_t axis_ = 0;
};

}  // namespace

constinit const OpType kSoftmax = {"Softmax", make<Softmax>};

}  // namespace camclassify
