#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "kernels/work_split.hpp"
#include "memory/alignment.hpp"
#include "ops/node_reader.hpp"
#include "ops/op_table.hpp"

namespace camclassify {
namespace {

constexpr int kLargestPool = 64;

// Maxima or means of windows, channel by channel.
class Pooling final : public Op {
 public:
  explicit Pooling(const NodeInfo& node) : type_(node.input_type(0)) {
    if (node.input_count() != 1 || node.output_count() != 1) {
      fail(node, "it must have one input and one output");
    }
    if (node.has_output(0) && node.output_type(0) != type_)
      fail(node, "its output must have its input's type");
    const std::string kind = node.text("kind", "max");
    if (kind != "max" && kind != "average") fail(node, "kind must be max or average");
    averages_ = kind == "average";
    counts_pads_ = node.integer("count_pads", 0) != 0;
    const std::vector<std::int64_t> kernel = node.integers("kernel");
    if (kernel.size() != 2 || std::ranges::any_of(kernel, [](std::int64_t extent) {
          return extent < 1 || extent > kLargestPool;
        })) {
      fail(node, "kernel must be two numbers between 1 and 64");
    }
    window_ = read_window(node, static_cast<int>(kernel[0]), static_cast<int>(kernel[1]), 1,
                          kLargestPool, type_);
  }

  std::vector<Shape> infer_shapes(std::span<const Shape> inputs) const override {
    const Extent in = extent_of(inputs[0]);
    const int height = window_.out_height(in.height), width = window_.out_width(in.width);
    if (height < 1 || width < 1) {
      throw BundleError("A Pooling node's input is smaller than its kernel.");
    }
    // Every window has something of the picture in it.
    const int last_row = (height - 1) * window_.stride - window_.top;
    const int last_column = (width - 1) * window_.stride - window_.left;
    if (last_row >= in.height || last_column >= in.width) {
      throw BundleError("A Pooling node's pads are larger than its input needs.");
    }
    return {{in.batch, height, width, in.channels}};
  }

  Checked needed_scratch(std::span<const Shape> inputs, int threads) const override {
    return Checked(threads) * row_bytes(extent_of(inputs[0]));
  }

  void compute(std::span<const TensorView> inputs, std::span<const TensorView> outputs,
               std::span<std::byte> scratch, Parallel& parallel) const override {
    const Extent in = extent_of(inputs[0].shape), out = extent_of(outputs[0].shape);
    const std::size_t slot = row_bytes(in).value();
    const Chunks chunks(parallel, out.height, comparisons(out));
    for (std::size_t n = 0; n < static_cast<std::size_t>(in.batch); ++n) {
      const std::byte* src = inputs[0].data + n * in.elements() * size_of(type_);
      std::byte* dst = outputs[0].data + n * out.elements() * size_of(type_);
      split_rows(parallel, chunks, [&](int thread, int begin, int end) {
        std::byte* row = scratch.data() + static_cast<std::size_t>(thread) * slot;
        for (int y = begin; y < end; ++y) {
          std::byte* to = dst + static_cast<std::size_t>(y) * static_cast<std::size_t>(out.width) *
                                    pixel_bytes(in);
          if (!averages_) {
            maxima(in, out, src, y, row, to);
          } else if (type_ == DataType::kF32) {
            means<float, float>(in, out, src, y, row, to);
          } else if (type_ == DataType::kU8) {
            means<std::uint8_t, std::int32_t>(in, out, src, y, row, to);
          } else {
            means<std::int16_t, std::int32_t>(in, out, src, y, row, to);
          }
        }
      });
    }
  }

  OpWork count(std::span<const Shape> inputs, int threads) const override {
    const Shape written = infer_shapes(inputs)[0];
    const Extent in = extent_of(inputs[0]), out = extent_of(written);
    OpWork work;
    work.parts = Chunks(threads, out.height, comparisons(out)).parts();
    work.read_bytes = bytes_of(inputs[0], type_);
    work.written_bytes = bytes_of(written, type_);
    work.rows = std::int64_t{in.batch} * out.height * (window_.kernel + window_.kernel_width);
    work.part_scratch_bytes = static_cast<std::int64_t>(row_bytes(in).value());
    return work;
  }

 private:
  struct Range {
    int begin, end;
    int size() const { return end - begin; }
  };

  // The part of a window that lies in the picture.
  static Range inside(int index, int stride, int before, int kernel, int length) {
    const int first = index * stride - before;
    return {std::max(first, 0), std::min(first + kernel, length)};
  }

  // By which it is split over threads.
  std::int64_t comparisons(const Extent& out) const {
    return static_cast<std::int64_t>(out.elements()) * (window_.kernel + window_.kernel_width);
  }

  std::size_t pixel_bytes(const Extent& in) const {
    return static_cast<std::size_t>(in.channels) * size_of(type_);
  }

  // What the rows of a window come to, column by column; sums have 32 bits.
  static Checked row_bytes(const Extent& in) {
    return align_up(Checked(in.width) * in.channels * sizeof(std::int32_t));
  }

  void maxima(const Extent& in, const Extent& out, const std::byte* src, int y, std::byte* row,
              std::byte* dst) const {
    const auto channels = static_cast<std::size_t>(in.channels);
    const std::size_t pixel = pixel_bytes(in), width = static_cast<std::size_t>(in.width);
    const Range rows = inside(y, window_.stride, window_.top, window_.kernel, in.height);
    std::memcpy(row, src + static_cast<std::size_t>(rows.begin) * width * pixel, width * pixel);
    for (int i = rows.begin + 1; i < rows.end; ++i) {
      kernel_set().maximum(src + static_cast<std::size_t>(i) * width * pixel, row, type_,
                           width * channels);
    }
    for (int x = 0; x < out.width; ++x, dst += pixel) {
      const Range columns = inside(x, window_.stride, window_.left, window_.kernel_width, in.width);
      std::memcpy(dst, row + static_cast<std::size_t>(columns.begin) * pixel, pixel);
      for (int j = columns.begin + 1; j < columns.end; ++j) {
        kernel_set().maximum(row + static_cast<std::size_t>(j) * pixel, dst, type_, channels);
      }
    }
  }

  template <class Element, class Sum>
  void means(const Extent& in, const Extent& out, const std::byte* src, int y, std::byte* row,
             std::byte* dst) const {
    const auto channels = static_cast<std::size_t>(in.channels);
    const std::size_t length = static_cast<std::size_t>(in.width) * channels;
    const Range rows = inside(y, window_.stride, window_.top, window_.kernel, in.height);
    const auto* from = reinterpret_cast<const Element*>(src);
    auto* sums = reinterpret_cast<Sum*>(row);
    std::fill_n(sums, length, Sum{0});
    for (int i = rows.begin; i < rows.end; ++i) {
      const Element* line = from + static_cast<std::size_t>(i) * length;
      for (std::size_t k = 0; k < length; ++k) sums[k] += line[k];
    }
    auto* to = reinterpret_cast<Element*>(dst);
    for (int x = 0; x < out.width; ++x, to += channels) {
      const Range columns = inside(x, window_.stride, window_.left, window_.kernel_width, in.width);
      const int pixels = rows.size() * columns.size();
      const int all = window_.kernel * window_.kernel_width;
      const auto padding = static_cast<Sum>(counts_pads_ ? window_.pad_value * (all - pixels) : 0);
      const float factor = 1.0F / static_cast<float>(counts_pads_ ? all : pixels);
      for (std::size_t c = 0; c < channels; ++c) {
        Sum sum = padding;
        for (int j = columns.begin; j < columns.end; ++j) {
          sum += sums[static_cast<std::size_t>(j) * channels + c];
        }
        const float mean = static_cast<float>(sum) * factor;
        if constexpr (std::is_same_v<Element, float>) {
          to[c] = mean;
        } else {
          to[c] = static_cast<Element>(std::nearbyint(mean));  // a mean is never out of range
        }
      }
    }
  }

  DataType type_;
  bool averages_ = false;
  bool counts_pads_ = false;
  Window window_;
};

}  // namespace

constinit const OpType kPooling = {"Pooling", make<Pooling>};

}  // namespace camclassify
