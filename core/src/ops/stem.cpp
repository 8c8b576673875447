#include <algorithm>
#include <array>
#include <cstring>

#include "kernels/counting.hpp"
#include "kernels/packing.hpp"
#include "kernels/work_split.hpp"
#include "ops/node_reader.hpp"
#include "ops/op_table.hpp"

namespace camclassify {
namespace {

constexpr int kColours = 3;
constexpr int kLargestStem = 7;
constexpr int kRowsAtOnce = 8;  // output rows for which padded input rows are prepared together

// A product whose reduction has one segment for each row of the kernel: its pixels lie side by side
// in the padded picture, so nothing is gathered. In int8, an even kernel with stride 2 takes its
// rows two at a time, interleaved by two elements: they fill whole steps, each row would not.
class Stem final : public Op {
 public:
  explicit Stem(const NodeInfo& node) : dst_(node.output_type(0)) {
    if (node.input_type(0) != DataType::kU8) fail(node, "its input must be u8");
    ConstantReader reader(node, 1);
    const Convolution c = reader.next(DataType::kU8, 4, {dst_}, "activation");
    reader.finish();
    const std::int64_t kernel = c.weights.shape[2];
    if (c.weights.shape[1] != kColours || c.weights.shape[3] != kernel || kernel > kLargestStem) {
      fail(node, "its weights must be [O, 3, k, k] with k up to 7");
    }
    window_ = read_window(node, static_cast<int>(kernel), 2, DataType::kU8);
    type_ = c.int8 ? DataType::kU8 : DataType::kF32;
    rows_of_segment_ = c.int8 && window_.kernel % 2 == 0 && window_.stride == 2 ? 2 : 1;
    // A product reads whole steps: what lies beyond a segment meets weights of zero.
    const int columns = window_.kernel * kColours;
    depth_ = c.int8 ? (rows_of_segment_ * columns + 3) / 4 * 4 : columns;
    const std::vector<int> depths(static_cast<std::size_t>(segments()), depth_);
    const std::vector<std::byte> weights = segment_weights(c, columns);
    packed_ = pack_pointwise(c, weights.data(), 0, c.outputs(), depths, type_, dst_,
                             c.tables.empty() ? nullptr : c.tables.data());
    packed_.depth = window_.kernel * columns;
  }

  std::vector<Shape> infer_shapes(std::span<const Shape> inputs) const override {
    const Extent in = extent_of(inputs[0]);
    const int height = window_.out_height(in.height), width = window_.out_width(in.width);
    if (in.channels != kColours || height < 1 || width < 1) {
      throw BundleError(
          "A Stem node's input must be a picture of three channels, not smaller than "
          "its kernel.");
    }
    return {{in.batch, height, width, packed_.channels}};
  }

  Checked needed_scratch(std::span<const Shape> inputs, int threads) const override {
    return Checked(threads) * part_bytes(extent_of(inputs[0]).width);
  }

  void compute(std::span<const TensorView> inputs, std::span<const TensorView> outputs,
               std::span<std::byte> scratch, Parallel& parallel) const override {
    const Extent in = extent_of(inputs[0].shape), out = extent_of(outputs[0].shape);
    const std::size_t slot = part_bytes(in.width).value();
    const Chunks chunks(parallel, out.height, multiply_adds(out));
    for (int n = 0; n < in.batch; ++n) {
      const std::size_t image = static_cast<std::size_t>(n);
      const auto* src =
          reinterpret_cast<const std::uint8_t*>(inputs[0].data) + image * in.elements();
      std::byte* dst = outputs[0].data + image * out.elements() * size_of(dst_);
      split_rows(parallel, chunks, [&](int thread, int begin, int end) {
        std::byte* rows = scratch.data() + static_cast<std::size_t>(thread) * slot;
        for (int y = begin; y < end; y += kRowsAtOnce) {
          run_rows(in, out, src, dst, y, std::min(y + kRowsAtOnce, end), rows);
        }
      });
    }
  }

  OpWork count(std::span<const Shape> inputs, int threads) const override {
    const Shape written = infer_shapes(inputs)[0];
    const Extent in = extent_of(inputs[0]), out = extent_of(written);
    OpWork work;
    const Chunks chunks(threads, out.height, multiply_adds(out));
    work.parts = chunks.parts();
    work.weight_bytes = static_cast<std::int64_t>(packed_.weights.size());
    work.read_bytes = bytes_of(inputs[0], DataType::kU8);
    work.written_bytes = bytes_of(written, dst_);
    work.rows = static_cast<std::int64_t>(in.batch) * out.height;
    std::int64_t padded = 0;  // rows
    for_each_chunk(chunks, [&](int begin, int end) {
      for (int y = begin; y < end; y += kRowsAtOnce) {
        padded += window_.in_rows(std::min(kRowsAtOnce, end - y));
      }
    });
    const int width = in.width + window_.left + window_.right;
    work.padded_bytes =
        in.batch * padded * width * kColours * static_cast<std::int64_t>(size_of(type_));
    work.part_scratch_bytes = static_cast<std::int64_t>(part_bytes(in.width).value());
    work.products = {count_product(packed_, type_, out.width, work.rows)};
    return work;
  }

 private:
  // By which it is split over threads.
  std::int64_t multiply_adds(const Extent& out) const {
    return static_cast<std::int64_t>(out.elements()) * window_.kernel * window_.kernel * kColours;
  }

  int segments() const { return window_.kernel / rows_of_segment_; }

  Checked row_bytes(int width) const {
    const Checked pixels = Checked(width) + window_.left + window_.right;
    return align_up(pixels * kColours * size_of(type_) + kAlignment);  // a last step reads beyond
  }

  // With two rows that are not interleaved yet.
  Checked part_bytes(int width) const {
    return row_bytes(width) * (window_.in_rows(kRowsAtOnce) + 2);
  }

  void pad_row(const std::uint8_t* src, int width, std::byte* dst) const {
    const std::size_t left = static_cast<std::size_t>(window_.left) * kColours;
    const std::size_t count = src ? static_cast<std::size_t>(width) * kColours : 0;
    const std::size_t total =
        static_cast<std::size_t>(width + window_.left + window_.right) * kColours;
    if (type_ == DataType::kU8) {
      auto* row = reinterpret_cast<std::uint8_t*>(dst);
      const auto value = static_cast<std::uint8_t>(window_.pad_value);
      std::fill_n(row, src ? left : total, value);
      if (!src) return;
      std::copy_n(src, count, row + left);
      std::fill(row + left + count, row + total, value);
    } else {
      float* row = reinterpret_cast<float*>(dst);
      const auto value = static_cast<float>(window_.pad_value);
      std::fill_n(row, src ? left : total, value);
      if (!src) return;
      kernel_set().widen_u8_to_f32(src, row + left, count);
      std::fill(row + left + count, row + total, value);
    }
  }

  void run_rows(const Extent& in, const Extent& out, const std::uint8_t* src, std::byte* dst,
                int begin, int end, std::byte* rows) const {
    const std::size_t row_size = row_bytes(in.width).value();
    const int top = begin * window_.stride - window_.top;
    const int count = window_.in_rows(end - begin);
    const auto row_at = [&](int i) { return rows + static_cast<std::size_t>(i) * row_size; };
    const auto pad = [&](int i, std::byte* to) {
      const int y = top + i;
      const bool inside = y >= 0 && y < in.height;
      pad_row(
          inside ? src + static_cast<std::size_t>(y) * static_cast<std::size_t>(in.width) * kColours
                 : nullptr,
          in.width, to);
    };
    if (rows_of_segment_ == 1) {
      for (int i = 0; i < count; ++i) pad(i, row_at(i));
    } else {
      std::byte *const upper = row_at(count), *const lower = row_at(count + 1);
      for (int i = 0; i < count; i += 2) {
        pad(i, upper);
        pad(i + 1, lower);
        interleave(upper, lower, in.width, row_at(i));
      }
    }
    for (int y = begin; y < end; ++y) {
      std::array<Segment, kLargestStem> segment;
      for (int i = 0; i < segments(); ++i) {
        segment[static_cast<std::size_t>(i)] = {
            row_at((y - begin) * window_.stride + i * rows_of_segment_),
            rows_of_segment_ * window_.stride * kColours *
                static_cast<std::ptrdiff_t>(size_of(type_)),
            depth_};
      }
      Gemm gemm = gemm_with(packed_);
      gemm.segments = segment.data();
      gemm.segment_count = segments();
      gemm.pixels = out.width;
      gemm.dst_stride = packed_.channels * static_cast<std::ptrdiff_t>(size_of(dst_));
      gemm.dst = dst + static_cast<std::ptrdiff_t>(y) * out.width * gemm.dst_stride;
      run_gemm(gemm, type_);
    }
  }

  // Of two padded rows of bytes, two elements of each in turn.
  void interleave(const std::byte* upper, const std::byte* lower, int width, std::byte* dst) const {
    const std::size_t elements =
        static_cast<std::size_t>(width + window_.left + window_.right) * kColours;
    for (std::size_t i = 0; i < elements; i += 2) {
      std::memcpy(dst + 2 * i, upper + i, 2);
      std::memcpy(dst + 2 * i + 2, lower + i, 2);
    }
  }

  // Rows of the kernels, each of so many elements, as segments have them.
  std::vector<std::byte> segment_weights(const Convolution& c, int columns) const {
    const std::vector<std::byte> weights = channels_last(c);
    const std::size_t row = static_cast<std::size_t>(columns) * size_of(c.weights.type);
    const std::size_t rows = static_cast<std::size_t>(rows_of_segment_);
    const std::size_t segment = static_cast<std::size_t>(depth_) * size_of(c.weights.type);
    std::vector<std::byte> result(weights.size() / (row * rows) * segment);
    std::byte* to = result.data();
    const std::byte *from = weights.data(), *const end = from + weights.size();
    for (; from != end; from += rows * row, to += segment) {
      for (std::size_t i = 0; i < rows * row; ++i) {
        const std::size_t which = rows == 1 ? 0 : i / 2 % 2;
        to[i] = from[which * row + (rows == 1 ? i : i / 4 * 2 + i % 2)];
      }
    }
    return result;
  }

  DataType dst_;
  DataType type_ = DataType::kF32;  // of the padded rows: f32, or u8 in int8
  Window window_;
  int rows_of_segment_ = 1;
  int depth_ = 0;
  PackedConvolution packed_;
};

}  // namespace

constinit const OpType kStem = {"Stem", make<Stem>};

}  // namespace camclassify
