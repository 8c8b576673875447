#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "kernels/counting.hpp"
#include "kernels/packing.hpp"
#include "kernels/work_split.hpp"
#include "ops/node_reader.hpp"
#include "ops/op_table.hpp"
#include "ops/padded_row.hpp"
#include "ops/winograd_stage.hpp"

namespace camclassify {
namespace {

constexpr int kLargestKernel = 16;
constexpr int kLargestStride = 16;
// Rows of the input are padded for as many rows of the output as keep within this: while all of
// these are computed for one block of channels, its weights stay near.
constexpr std::size_t kPaddedBytes = 128 * 1024;

// A product whose reduction has one segment for each row of the kernel: the channels of all its
// columns lie side by side, so nothing is gathered. In groups, one for each element of the kernel.
// Of 3x3 with stride 1, where fewer multiplications do, what a WinogradStage does instead.
class DenseConvolution final : public Op {
 public:
  explicit DenseConvolution(const NodeInfo& node)
      : src_(node.input_type(0)), dst_(node.output_type(0)), residual_(read_residual(node, dst_)) {
    const bool adds = residual_.residual != Residual::kNone;
    ConstantReader reader(node, adds ? 2 : 1);
    const Convolution c = reader.next(src_, 4, {dst_}, "activation");
    reader.finish();
    if (c.int8 == (src_ == DataType::kF32))
      fail(node, "its input's type does not go with its weights");
    if (adds && (node.input_type(1) != dst_ || (c.int8 && dst_ != DataType::kU8))) {
      fail(node, "a residual needs an output of its own type, u8 in int8");
    }
    const std::int64_t rows = c.weights.shape[2], columns = c.weights.shape[3];
    if (rows > kLargestKernel || columns > kLargestKernel) {
      fail(node, "its kernel is larger than 16 x 16");
    }
    window_ = read_window(node, static_cast<int>(rows), static_cast<int>(columns), 1,
                          kLargestStride, src_);
    const std::int64_t groups = node.integer("groups", 1);
    if (groups < 1 || groups > c.outputs() || c.outputs() % groups != 0) {
      fail(node, "its outputs cannot be split into its groups");
    }
    groups_ = static_cast<int>(groups);
    depth_ = static_cast<int>(c.weights.shape[1]);
    outputs_ = c.outputs();
    if (groups_ == 1 && WinogradStage::suits(c, window_, src_, residual_.residual)) {
      winograd_.emplace(c, window_, src_, dst_, residual_);
    } else {
      pack(c);
    }
  }

  std::vector<Shape> infer_shapes(std::span<const Shape> inputs) const override {
    const Extent in = extent_of(inputs[0]);
    const int height = window_.out_height(in.height), width = window_.out_width(in.width);
    if (in.channels != std::int64_t{groups_} * depth_ || height < 1 || width < 1) {
      throw BundleError("A Convolution node's input does not fit its weights.");
    }
    const Shape written = {in.batch, height, width, outputs_};
    if (residual_.residual != Residual::kNone && inputs[1] != written) {
      throw BundleError("A Convolution node's residual differs from its output in shape.");
    }
    return {written};
  }

  Checked needed_scratch(std::span<const Shape> inputs, int threads) const override {
    return Checked(threads) * part_bytes(extent_of(inputs[0]));
  }

  void compute(std::span<const TensorView> inputs, std::span<const TensorView> outputs,
               std::span<std::byte> scratch, Parallel& parallel) const override {
    const Extent in = extent_of(inputs[0].shape), out = extent_of(outputs[0].shape);
    const std::size_t slot = part_bytes(in).value();
    const Chunks chunks(parallel, lines(out), multiply_adds(out));
    for (std::size_t n = 0; n < static_cast<std::size_t>(in.batch); ++n) {
      const std::byte* src = inputs[0].data + n * in.elements() * size_of(src_);
      const std::size_t written = n * out.elements() * size_of(dst_);
      std::byte* dst = outputs[0].data + written;
      const std::byte* added =
          residual_.residual == Residual::kNone ? nullptr : inputs[1].data + written;
      split_rows(parallel, chunks, [&](int thread, int begin, int end) {
        std::byte* own = scratch.data() + static_cast<std::size_t>(thread) * slot;
        if (winograd_) return winograd_->run(in, src, dst, added, begin, end, own);
        const int at_once = rows_at_once(in);
        for (int y = begin; y < end; y += at_once) {
          run_rows(in, out, src, dst, added, y, std::min(y + at_once, end), own);
        }
      });
    }
  }

  OpWork count(std::span<const Shape> inputs, int threads) const override {
    const Shape written = infer_shapes(inputs)[0];
    const Extent in = extent_of(inputs[0]), out = extent_of(written);
    OpWork work;
    const Chunks chunks(threads, lines(out), multiply_adds(out));
    work.parts = chunks.parts();
    work.read_bytes = bytes_of(inputs[0], src_);
    work.written_bytes = bytes_of(written, dst_);
    work.rows = std::int64_t{in.batch} * lines(out);
    if (residual_.residual != Residual::kNone) work.residual = element_count(written);
    work.part_scratch_bytes = static_cast<std::int64_t>(part_bytes(in).value());
    if (winograd_) {
      winograd_->count(in, chunks, work);
      return work;
    }
    if (window_.pads()) {
      std::int64_t padded = 0;  // rows
      for_each_chunk(chunks, [&](int begin, int end) {
        for (int y = begin; y < end; y += rows_at_once(in)) {
          padded += window_.in_rows(std::min(rows_at_once(in), end - y));
        }
      });
      work.padded_bytes = in.batch * padded * static_cast<std::int64_t>(row_bytes(in).value());
    }
    for (const Block& block : blocks_) {
      work.weight_bytes += static_cast<std::int64_t>(block.packed.weights.size());
      work.products.push_back(count_product(block.packed, src_, out.width, work.rows));
    }
    return work;
  }

 private:
  // Output channels that are computed together.
  struct Block {
    int first;        // of them
    int first_input;  // channel that they read
    PackedConvolution packed;
  };

  void pack(const Convolution& c) {
    const std::vector<std::byte> weights = channels_last(c);
    const PackedLayout& layout = kernel_set().layout;
    const int most = layout.max_vectors * layout.lanes;
    const int columns = window_.kernel_width;
    const std::vector<int> depths(
        static_cast<std::size_t>(groups_ == 1 ? window_.kernel : window_.kernel * columns),
        groups_ == 1 ? columns * depth_ : depth_);
    const int in_group = outputs_ / groups_;
    for (int first = 0; first < outputs_;) {
      const int group = first / in_group;
      const int count = std::min(most, (group + 1) * in_group - first);
      Block block{first, group * depth_,
                  pack_pointwise(c, weights.data(), first, count, depths, src_, dst_,
                                 c.tables.empty() ? nullptr : c.tables.data())};
      set_residual(block.packed.epilogue, residual_);
      blocks_.push_back(std::move(block));
      first += count;
    }
  }

  // Of output, by which it is split over threads: rows, or rows of tiles.
  int lines(const Extent& out) const {
    return winograd_ ? WinogradStage::tile_rows(out.height) : out.height;
  }

  // By which they are split, however few of them are multiplied.
  std::int64_t multiply_adds(const Extent& out) const {
    return static_cast<std::int64_t>(out.elements()) * window_.kernel * window_.kernel_width *
           depth_;
  }

  std::size_t pixel_bytes(const Extent& in) const {
    return static_cast<std::size_t>(in.channels) * size_of(src_);
  }

  // Of a row that is padded.
  Checked row_bytes(const Extent& in) const {
    const Checked pixels = Checked(in.width) + window_.left + window_.right;
    return align_up(pixels * pixel_bytes(in));
  }

  Checked part_bytes(const Extent& in) const {
    if (winograd_) return winograd_->part_bytes(in);
    return window_.pads() ? row_bytes(in) * window_.in_rows(rows_at_once(in)) : 0;
  }

  int rows_at_once(const Extent& in) const {
    const auto fitting = static_cast<int>(kPaddedBytes / row_bytes(in).value());
    return std::clamp((fitting - window_.kernel) / window_.stride + 1, 1,
                      window_.out_height(in.height));
  }

  // Rows `begin` .. `end - 1` of the output.
  void run_rows(const Extent& in, const Extent& out, const std::byte* src, std::byte* dst,
                const std::byte* added, int begin, int end, std::byte* padded) const {
    const std::size_t pixel = pixel_bytes(in);
    const std::size_t in_row = pixel * static_cast<std::size_t>(in.width);
    const int top = begin * window_.stride - window_.top;
    const std::byte* rows = src + static_cast<std::ptrdiff_t>(in_row) * top;
    std::size_t row_size = in_row;
    if (window_.pads()) {
      row_size = row_bytes(in).value();
      for (int i = 0; i < window_.in_rows(end - begin); ++i) {
        const int y = top + i;
        const bool inside = y >= 0 && y < in.height;
        write_padded_row(window_, src_,
                         inside ? src + static_cast<std::size_t>(y) * in_row : nullptr, in.width,
                         pixel, padded + static_cast<std::size_t>(i) * row_size,
                         window_.left + in.width + window_.right);
      }
      rows = padded;
    }
    std::array<Segment, kLargestKernel * kLargestKernel> segments;
    const std::ptrdiff_t written = outputs_ * static_cast<std::ptrdiff_t>(size_of(dst_));
    for (const Block& block : blocks_) {
      Gemm gemm = gemm_with(block.packed);
      gemm.pixels = out.width;
      gemm.dst_stride = written;
      for (int y = begin; y < end; ++y) {
        const std::byte* window =
            rows + static_cast<std::size_t>((y - begin) * window_.stride) * row_size +
            static_cast<std::size_t>(block.first_input) * size_of(src_);
        gemm.segments = segments.data();
        gemm.segment_count = list_segments(window, row_size, pixel, segments.data());
        const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(y) * out.width * written +
                                  block.first * static_cast<std::ptrdiff_t>(size_of(dst_));
        gemm.dst = dst + at;
        if (added) {
          gemm.residual = added + at;
          gemm.residual_stride = written;
        }
        run_gemm(gemm, src_);
      }
    }
  }

  // What the first pixel of a row of the output reads; returns how many segments that is.
  int list_segments(const std::byte* window, std::size_t row_size, std::size_t pixel,
                    Segment* segments) const {
    const auto stride = static_cast<std::ptrdiff_t>(pixel) * window_.stride;
    int count = 0;
    for (int i = 0; i < window_.kernel; ++i, window += row_size) {
      if (groups_ == 1) {
        segments[count++] = {window, stride, window_.kernel_width * depth_};
        continue;
      }
      for (int j = 0; j < window_.kernel_width; ++j) {
        segments[count++] = {window + static_cast<std::size_t>(j) * pixel, stride, depth_};
      }
    }
    return count;
  }

  DataType src_, dst_;
  Epilogue residual_;
  Window window_;
  int groups_ = 1;
  int depth_ = 0;  // input channels that an output reads
  int outputs_ = 0;
  std::vector<Block> blocks_;  // or
  std::optional<WinogradStage> winograd_;
};

}  // namespace

constinit const OpType kConvolution = {"Convolution", make<DenseConvolution>};

}  // namespace camclassify
