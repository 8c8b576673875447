#include "ops/any_shape.hpp"

#include <algorithm>

#include "camclassify/error.hpp"
#include "ops/node_reader.hpp"

namespace camclassify {

AnyShapeInputs::AnyShapeInputs(const NodeInfo& node) {
  for (std::size_t i = 0; i < node.input_count(); ++i) {
    if (node.input_type(i) != DataType::kF32) fail(node, "its inputs must be f32");
    const std::optional<TensorView> constant = node.constant(i);
    if (!constant) {
      constants_.emplace_back();
      continue;
    }
    if (!is_sound(constant->shape) || constant->shape.size() > kMostAxes) {
      fail(node, "a constant has no size, too large a one or too many axes");
    }
    PackedBytes data(constant->bytes());
    std::copy_n(constant->data, constant->bytes(), data.as<std::byte>());
    constants_.emplace_back(Constant{constant->shape, std::move(data)});
  }
  for (std::size_t i = 0; i < node.output_count(); ++i) {
    if (node.has_output(i) && node.output_type(i) != DataType::kF32) {
      fail(node, "its outputs must be f32");
    }
  }
}

const float* AnyShapeInputs::data(std::span<const TensorView> inputs, std::size_t index) const {
  const auto& constant = constants_[index];
  return constant ? constant->data.as<const float>()
                  : reinterpret_cast<const float*>(inputs[index].data);
}

const Shape& AnyShapeInputs::shape(std::span<const Shape> inputs, std::size_t index) const {
  const auto& constant = constants_[index];
  const Shape& shape = constant ? constant->shape : inputs[index];
  if (shape.size() > kMostAxes || !is_sound(shape)) {
    throw BundleError("A tensor of the network has no size, too large a one or too many axes.");
  }
  return shape;
}

const Shape& AnyShapeInputs::shape(std::span<const TensorView> inputs, std::size_t index) const {
  const auto& constant = constants_[index];
  return constant ? constant->shape : inputs[index].shape;
}

std::int64_t AnyShapeInputs::read_bytes(std::span<const Shape> inputs) const {
  std::int64_t bytes = 0;
  for (std::size_t i = 0; i < constants_.size(); ++i) {
    if (!constants_[i]) bytes += bytes_of(inputs[i], DataType::kF32);
  }
  return bytes;
}

Checked AnyShapeOp::needed_scratch(std::span<const Shape> /*inputs*/, int /*threads*/) const {
  return 0;
}

OpWork AnyShapeOp::count(std::span<const Shape> inputs, int /*threads*/) const {
  OpWork work;
  work.read_bytes = inputs_.read_bytes(inputs);
  work.written_bytes = work.copied_bytes = bytes_of(infer(inputs)[0], DataType::kF32);
  return work;
}

Shape dense_strides(const Shape& shape) {
  Shape strides(shape.size());
  std::int64_t stride = 1;
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

}  // namespace camclassify
