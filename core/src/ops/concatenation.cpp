#include <cstring>

#include "ops/any_shape.hpp"
#include "ops/node_reader.hpp"
#include "ops/op_table.hpp"

namespace camclassify {
namespace {

constexpr std::size_t kMostParts = 64;

// Tensors one after the other along an axis.
class Concatenation final : public AnyShapeOp {
 public:
  explicit Concatenation(const NodeInfo& node) : AnyShapeOp(node) {
    const std::int64_t axis = node.integer("axis", 0);
    if (inputs_.count() > kMostParts || node.output_count() != 1) {
      fail(node, "it must have one output, and at most 64 inputs");
    }
    if (axis < 0 || axis >= static_cast<std::int64_t>(kMostAxes)) {
      fail(node, "its axis is out of range");
    }
    axis_ = static_cast<std::size_t>(axis);
  }

  std::vector<Shape> infer_shapes(std::span<const Shape> inputs) const override {
    Shape whole = inputs_.shape(inputs, 0);
    if (axis_ >= whole.size()) throw BundleError("A Concatenation node's inputs lack its axis.");
    for (std::size_t i = 1; i < inputs_.count(); ++i) {
      Shape part = inputs_.shape(inputs, i);
      const std::int64_t extent = axis_ < part.size() ? part[axis_] : 0;
      if (axis_ < part.size()) part[axis_] = whole[axis_];
      if (part != whole) throw BundleError("A Concatenation node's inputs differ in shape.");
      whole[axis_] += extent;
    }
    return {whole};
  }

  void compute(std::span<const TensorView> inputs, std::span<const TensorView> outputs,
               std::span<std::byte>, Parallel&) const override {
    const Shape& whole = outputs[0].shape;
    auto* dst = reinterpret_cast<float*>(outputs[0].data);
    const std::int64_t row = dense_strides(whole)[axis_] * whole[axis_];
    const std::int64_t rows = element_count(whole) / row;
    for (std::size_t i = 0; i < inputs_.count(); ++i) {
      const float* src = inputs_.data(inputs, i);
      const Shape& part = inputs_.shape(inputs, i);
      const std::int64_t length = dense_strides(part)[axis_] * part[axis_];
      for (std::int64_t r = 0; r < rows; ++r) {
        std::memcpy(dst + r * row, src + r * length,
                    static_cast<std::size_t>(length) * sizeof(float));
      }
      dst += length;
    }
  }

 private:
  std::size_t axis_ = 0;
};

}  // namespace

constinit const OpType kConcatenation = {"Concatenation", make<Concatenation>};

}  // namespace camclassify
