#pragma once

// Reading what an op is made of and runs on, a node's constants and attributes and its inputs'
// shapes, checked, as docs/ops.md has them.

#include <string>
#include <string_view>
#include <vector>

#include "camclassify/error.hpp"
#include "camclassify/tensor.hpp"
#include "kernels/packing.hpp"
#include "ops/op.hpp"

namespace camclassify {

// BundleError with the op's type and name in front.
[[noreturn]] void fail(const NodeInfo& node, const std::string& problem);

// Walks over a node's inputs, activations first, then constants.
class ConstantReader {
 public:
  ConstantReader(const NodeInfo& node, std::size_t first) : node_(node), position_(first) {}

  // Reads one convolution. `src` is the type that it reads, `rank` that of its weights, `outputs`
  // the types of what it writes, `activation` the attribute that names its activation.
  Convolution next(DataType src, std::size_t rank, const std::vector<DataType>& outputs,
                   std::string_view activation);

  // To be called at the end: there must be nothing left.
  void finish() const;

 private:
  TensorView constant(DataType type, const Shape& shape, std::string_view what);

  const NodeInfo& node_;
  std::size_t position_;
};

// Stride and padding of a spatial convolution.
struct Window {
  int kernel = 3;        // rows
  int kernel_width = 3;  // columns, as many as rows but in a Convolution and a Pool
  int stride = 1;
  int top = 0, left = 0, bottom = 0, right = 0;
  int pad_value = 0;

  bool pads() const { return top + left + bottom + right > 0; }
  // Of the input, that so many rows of the output are computed from.
  int in_rows(int rows) const { return (rows - 1) * stride + kernel; }
  // 0 if the kernel is larger than what it moves over.
  int out_height(int height) const { return positions(height + top + bottom, kernel); }
  int out_width(int width) const { return positions(width + left + right, kernel_width); }

 private:
  int positions(int length, int extent) const {
    return length < extent ? 0 : (length - extent) / stride + 1;
  }
};

// Reads `stride`, `pads` and `pad_value`, which must be a value of type `src`.
Window read_window(const NodeInfo& node, int kernel, int default_stride, DataType src);
Window read_window(const NodeInfo& node, int kernel, int kernel_width, int default_stride,
                   int largest_stride, DataType src);

// Channels that the attribute `key` gives each of `count` inputs or outputs, `all` together; by
// default one has all of them.
std::vector<int> read_channels(const NodeInfo& node, std::string_view key, std::size_t count,
                               int all);

// The attribute `residual` with its multipliers. `type` is that of the output.
Epilogue read_residual(const NodeInfo& node, DataType type);

// Gives an epilogue the residual of another, as read_residual() leaves it.
void set_residual(Epilogue& epilogue, const Epilogue& residual);

// Attribute `key` as an activation type of an int8 op.
DataType read_inner_type(const NodeInfo& node, std::string_view key);

// Height, width and channels of an NHWC shape; throws BundleError if it is none, an extent is not
// positive or there are more than kMostElements.
struct Extent {
  int batch = 0, height = 0, width = 0, channels = 0;
  std::size_t pixels() const { return static_cast<std::size_t>(height) * width; }
  std::size_t elements() const { return pixels() * static_cast<std::size_t>(channels); }
};
Extent extent_of(std::span<const std::int64_t> shape);

// Bytes of a tensor of this type and shape.
inline std::int64_t bytes_of(std::span<const std::int64_t> shape, DataType type) {
  return element_count(shape) * static_cast<std::int64_t>(size_of(type));
}

}  // namespace camclassify
