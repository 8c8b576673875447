#pragma once

// What ops have in common that read f32 tensors of any shape: those behind a network's last
// convolutions, which bring answers into their form (docs/ops.md, "Behind the convolutions").

#include <array>
#include <optional>
#include <vector>

#include "memory/weight_arena.hpp"
#include "ops/op.hpp"

namespace camclassify {

inline constexpr std::size_t kMostAxes = 6;

// The inputs of such an op. Constants among them are kept by the op.
class AnyShapeInputs {
 public:
  // Throws BundleError unless all inputs and outputs are f32.
  explicit AnyShapeInputs(const NodeInfo& node);

  std::size_t count() const { return constants_.size(); }
  const float* data(std::span<const TensorView> inputs, std::size_t index) const;
  // Throws BundleError if the input has more than kMostAxes axes.
  const Shape& shape(std::span<const Shape> inputs, std::size_t index) const;
  // Of inputs that shapes were worked out for.
  const Shape& shape(std::span<const TensorView> inputs, std::size_t index) const;
  // Of those that are not constant.
  std::int64_t read_bytes(std::span<const Shape> inputs) const;

 private:
  struct Constant {
    Shape shape;
    PackedBytes data;
  };
  std::vector<std::optional<Constant>> constants_;
};

// An op that copies what it is given in one pass, without scratch.
class AnyShapeOp : public Op {
 protected:
  explicit AnyShapeOp(const NodeInfo& node) : inputs_(node) {}

  AnyShapeInputs inputs_;

 private:
  Checked needed_scratch(std::span<const Shape> inputs, int threads) const final;
  OpWork count(std::span<const Shape> inputs, int threads) const final;
};

// Elements from one index of an axis to the next, of a dense tensor.
Shape dense_strides(const Shape& shape);

// Calls visit(offsets) for the indices of all axes but the last of `shape`, in order; offsets[k] is
// the sum of index times strides[k] over them.
template <std::size_t kTensors, class Visit>
void for_each_row(const Shape& shape, const std::array<Shape, kTensors>& strides,
                  const Visit& visit) {
  std::array<std::int64_t, kMostAxes> index = {};
  std::array<std::int64_t, kTensors> offsets = {};
  const std::size_t axes = shape.empty() ? 0 : shape.size() - 1;
  while (true) {
    visit(offsets);
    std::size_t axis = axes;
    while (axis > 0) {
      --axis;
      for (std::size_t k = 0; k < kTensors; ++k) offsets[k] += strides[k][axis];
      if (++index[axis] < shape[axis]) break;
      for (std::size_t k = 0; k < kTensors; ++k) offsets[k] -= strides[k][axis] * shape[axis];
      index[axis] = 0;
      if (axis == 0) return;
    }
    if (axes == 0) return;
  }
}

}  // namespace camclassify
