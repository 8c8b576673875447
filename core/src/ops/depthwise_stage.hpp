#pragma once

#include <algorithm>

#include "camclassify/work.hpp"
#include "kernels/packing.hpp"
#include "ops/node_reader.hpp"

namespace camclassify {

// A depthwise convolution that reads a ring of padded rows: whoever makes its input writes row by
// row into the ring, whether by copying a tensor or by computing a pointwise convolution on the
// fly. Rows of f32 lie in planes (kernel_set.hpp). Where there is a kernel for it, u8 stays u8 and
// lies in planes as well; else it is widened to i16.
class DepthwiseStage {
 public:
  DepthwiseStage(const Convolution& convolution, const Window& window, DataType src, DataType dst);

  const Window& window() const { return window_; }
  int channels() const { return packed_.channels; }
  DataType row_type() const { return row_type_; }              // of the ring: f32, i16 or u8
  bool planes() const { return row_type_ != DataType::kI16; }  // how the ring's rows lie
  // Pixels of a ring's row for an input of this width.
  int row_pixels(int width) const { return window_.left + width + window_.right; }
  DataType dst_type() const { return packed_.epilogue.type; }

  // Memory for the ring when `rows` output rows are computed from it at once.
  Checked ring_bytes(int width, int rows) const;

  // Rows of the input that are filled in for output rows `begin` .. `end` - 1.
  int filled_rows(int height, int begin, int end) const {
    const int first = begin * window_.stride - window_.top;
    const int stop = (end - 1) * window_.stride - window_.top + window_.kernel;
    return std::min(stop, height) - std::max(first, 0);
  }
  // What computing so many rows of output is, for an input of this width.
  DepthwiseWork count(int width, std::int64_t rows) const;
  std::int64_t weight_bytes() const { return static_cast<std::int64_t>(packed_.weights.size()); }

  // Writes `width` pixels of type `src`, [width][channels()], to where run() wants row_type().
  void fill(const std::byte* pixels, DataType src, int width, std::byte* dst) const;

  // Computes output rows `begin` .. `end` - 1 of an input of height x width, `rows` at a time.
  // Where it `goes_on`, the ring is as a run left it that ended with the row before. fill(y, dst)
  // writes the pixels of input row y, row_type(), to dst, where the first belongs, or, in planes,
  // where the row begins, padding included; dst(y) says where output row y goes; take(first, last)
  // is called when rows `first` .. `last` - 1 are there.
  template <class Fill, class Dst, class Take>
  void run(int height, int width, int begin, int end, bool goes_on, int rows, std::byte* ring,
           const Fill& fill, const Dst& dst, const Take& take) const {
    const Ring window_rows{ring, window_.in_rows(rows), row_bytes(width).value()};
    int next = begin * window_.stride - window_.top;  // first row that is not in the ring
    if (goes_on) {
      next += window_.kernel - window_.stride;
    } else {
      pad_sides(window_rows, width);
    }
    for (int first = begin; first < end; first += rows) {
      const int last = std::min(first + rows, end);
      const int stop = (last - 1) * window_.stride - window_.top + window_.kernel;
      for (; next < stop; ++next) {
        const bool inside = next >= 0 && next < height;
        if (inside) fill(next, first_pixel(window_rows, next));
        if (!inside) pad_row(window_rows, next, width);
      }
      for (int y = first; y < last; ++y) compute_row(window_rows, y, width, dst(y));
      take(first, last);
    }
  }

 private:
  struct Ring {
    std::byte* data;
    int capacity;  // rows
    std::size_t row_bytes;
  };

  Checked row_bytes(int width) const;
  // Rows are numbered from the first padded one, so that no index is negative.
  std::byte* row_at(const Ring& ring, int y) const {
    return ring.data + static_cast<std::size_t>((y + window_.top) % ring.capacity) * ring.row_bytes;
  }
  std::byte* first_pixel(const Ring& ring, int y) const {
    if (planes()) return row_at(ring, y);
    return row_at(ring, y) +
           static_cast<std::size_t>(window_.left * channels()) * size_of(row_type_);
  }
  // All rows' padding left and right, which nobody overwrites.
  void pad_sides(const Ring& ring, int width) const;
  void pad_row(const Ring& ring, int y, int width) const;
  void compute_row(const Ring& ring, int y, int width, std::byte* dst) const;

  Window window_;
  DataType row_type_;
  PackedConvolution packed_;
};

// The type of the ring's rows for an input and an output of these types.
DataType depthwise_row_type(DataType src, DataType dst);

// From a node's constants and its attributes `stride`, `pads` and `pad_value`; reads `src`, writes
// `dst`. Throws BundleError if they do not go together.
DepthwiseStage make_depthwise_stage(const NodeInfo& node, const Convolution& convolution,
                                    DataType src, DataType dst);

}  // namespace camclassify
