#include "ops/depthwise_stage.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "kernels/counting.hpp"

namespace camclassify {
namespace {

void fill_with(std::byte* dst, std::size_t count, int value) {
  std::fill_n(reinterpret_cast<std::int16_t*>(dst), count, static_cast<std::int16_t>(value));
}

}  // namespace

DepthwiseStage make_depthwise_stage(const NodeInfo& node, const Convolution& c, DataType src,
                                    DataType dst) {
  const std::int64_t kernel = c.weights.shape[1];
  if ((kernel != 3 && kernel != 5) || c.weights.shape[2] != kernel) {
    fail(node, "a depthwise kernel must be 3x3 or 5x5");
  }
  if (c.int8 == (src == DataType::kF32))
    fail(node, "its input's type does not go with its weights");
  if (c.int8 && dst == DataType::kF32) fail(node, "an int8 depthwise output must be u8 or i16");
  return {c, read_window(node, static_cast<int>(kernel), 1, src), src, dst};
}

DataType depthwise_row_type(DataType src, DataType dst) {
  if (src == DataType::kF32) return DataType::kF32;
  const bool stays_u8 = src == DataType::kU8 && dst == DataType::kU8;
  return stays_u8 && kernel_set().layout.native_quads ? DataType::kU8 : DataType::kI16;
}

DepthwiseStage::DepthwiseStage(const Convolution& c, const Window& window, DataType src,
                               DataType dst)
    : window_(window),
      row_type_(depthwise_row_type(src, dst)),
      packed_(row_type_ == DataType::kU8 ? pack_depthwise_planes(c) : pack_depthwise(c, dst)) {}

Checked DepthwiseStage::row_bytes(int width) const {
  const int lanes = planes() ? kernel_set().layout.lanes : 1;
  const int padded = (channels() + lanes - 1) / lanes * lanes;
  // A u8 is read beyond its end.
  return align_up(Checked(row_pixels(width)) * padded * size_of(row_type_) + kAlignment);
}

Checked DepthwiseStage::ring_bytes(int width, int rows) const {
  return row_bytes(width) * window_.in_rows(rows);
}

DepthwiseWork DepthwiseStage::count(int width, std::int64_t rows) const {
  DepthwiseWork work = count_depthwise(row_type_, window_.kernel, window_.stride, channels(),
                                       window_.out_width(width), rows);
  work.window_bytes = std::int64_t{window_.kernel} * width * channels() *
                      static_cast<std::int64_t>(size_of(row_type_));
  return work;
}

void DepthwiseStage::fill(const std::byte* pixels, DataType src, int width, std::byte* dst) const {
  const KernelSet& kernels = kernel_set();
  const std::size_t count = static_cast<std::size_t>(width) * static_cast<std::size_t>(channels());
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(pixels);
  if (row_type_ == DataType::kU8) {
    kernels.u8_to_planes(bytes, reinterpret_cast<std::uint8_t*>(dst), width, channels(),
                         row_pixels(width), window_.left);
  } else if (row_type_ == DataType::kF32) {
    kernels.f32_to_planes(reinterpret_cast<const float*>(pixels), reinterpret_cast<float*>(dst),
                          width, channels(), row_pixels(width), window_.left);
  } else if (src == DataType::kU8) {
    kernels.widen_u8(bytes, reinterpret_cast<std::int16_t*>(dst), count);
  } else {
    std::memcpy(dst, pixels, count * size_of(src));
  }
}

void DepthwiseStage::pad_sides(const Ring& ring, int width) const {
  if (planes()) {
    // Whole rows: the padding of every plane, between pixels that fill() overwrites. That of
    // f32 is 0.
    std::memset(ring.data, window_.pad_value,
                static_cast<std::size_t>(ring.capacity) * ring.row_bytes);
    return;
  }
  const std::size_t pixel = static_cast<std::size_t>(channels()) * size_of(row_type_);
  const std::size_t left = static_cast<std::size_t>(window_.left * channels());
  const std::size_t right = static_cast<std::size_t>(window_.right * channels());
  for (int i = 0; i < ring.capacity; ++i) {
    std::byte* row = ring.data + static_cast<std::size_t>(i) * ring.row_bytes;
    fill_with(row, left, window_.pad_value);
    fill_with(row + static_cast<std::size_t>(window_.left + width) * pixel, right,
              window_.pad_value);
  }
}

void DepthwiseStage::pad_row(const Ring& ring, int y, int width) const {
  if (planes()) {
    std::memset(row_at(ring, y), window_.pad_value, ring.row_bytes);
    return;
  }
  const std::size_t pixels = static_cast<std::size_t>(row_pixels(width));
  fill_with(row_at(ring, y), pixels * static_cast<std::size_t>(channels()), window_.pad_value);
}

void DepthwiseStage::compute_row(const Ring& ring, int y, int width, std::byte* dst) const {
  std::array<const std::byte*, 5> taps{};
  for (int i = 0; i < window_.kernel; ++i) {
    taps[static_cast<std::size_t>(i)] = row_at(ring, y * window_.stride - window_.top + i);
  }
  DepthwiseRow row;
  row.rows = taps.data();
  row.plane_pixels = row_pixels(width);
  row.kernel = window_.kernel;
  row.stride = window_.stride;
  row.channels = channels();
  row.width = window_.out_width(width);
  row.weights = packed_.weights.data();
  row.epilogue = packed_.epilogue;
  row.dst = dst;
  const KernelSet& kernels = kernel_set();
  switch (row_type_) {
    case DataType::kU8:
      return kernels.depthwise_u8(row);
    case DataType::kI16:
      return kernels.depthwise_i16(row);
    default:
      return kernels.depthwise_f32(row);
  }
}

}  // namespace camclassify
