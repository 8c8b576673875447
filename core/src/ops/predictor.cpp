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

constexpr std::int64_t kMostLevels = 8;
constexpr int kAtOnce = 16;      // columns
constexpr int kTilePixels = 96;  // computed into scratch, then dealt out to the outputs

class Predictor final : public Op {
 public:
  explicit Predictor(const NodeInfo& node) : src_(node.input_type(0)) {
    const std::int64_t levels = node.integer("levels", 1);
    if (levels < 1 || levels > kMostLevels ||
        node.input_count() < static_cast<std::size_t>(levels)) {
      fail(node, "`levels` does not go with its inputs");
    }
    ConstantReader reader(node, static_cast<std::size_t>(levels));
    for (std::size_t level = 0; level < static_cast<std::size_t>(levels); ++level) {
      if (node.input_type(level) != src_) fail(node, "its inputs must have one type");
      const Convolution c = reader.next(src_, 2, {DataType::kF32}, "");
      if (c.int8 == (src_ == DataType::kF32)) {
        fail(node, "its input's type does not go with its weights");
      }
      if (level > 0 && c.outputs() != channels_) fail(node, "its levels differ in outputs");
      channels_ = c.outputs();
      depths_.push_back(c.depth());
      levels_.push_back(pack_pointwise(c, src_, DataType::kF32));
    }
    reader.finish();
    read_outputs(node);
  }

  std::vector<Shape> infer_shapes(std::span<const Shape> inputs) const override {
    std::int64_t anchors = 0;
    for (std::size_t level = 0; level < levels_.size(); ++level) {
      const Extent e = extent_of(inputs[level]);
      if (e.channels != depths_[level] || inputs[level][0] != inputs[0][0]) {
        throw BundleError("A Predictor node's inputs do not fit its weights or each other.");
      }
      anchors += static_cast<std::int64_t>(e.pixels());
    }
    std::vector<Shape> shapes;
    for (const Column& column : columns_) shapes.push_back({inputs[0][0], anchors, column.width});
    return shapes;
  }

  Checked needed_scratch(std::span<const Shape>, int threads) const override {
    return Checked(threads) * slot_bytes();
  }

  void compute(std::span<const TensorView> inputs, std::span<const TensorView> outputs,
               std::span<std::byte> scratch, Parallel& parallel) const override {
    const std::size_t slot = slot_bytes().value();
    std::array<Extent, kMostLevels> extents;
    Size size;
    for (std::size_t level = 0; level < levels_.size(); ++level) {
      extents[level] = extent_of(inputs[level].shape);
      add(extents[level], size);
    }
    const Chunks chunks(parallel, size.tiles, size.multiply_adds);
    split_rows(parallel, chunks, [&](int thread, int begin, int end) {
      auto* memory =
          reinterpret_cast<float*>(scratch.data() + static_cast<std::size_t>(thread) * slot);
      int tile = 0;
      std::int64_t before = 0;  // anchors of other levels
      for (std::size_t level = 0; level < levels_.size(); ++level) {
        const Extent& e = extents[level];
        const int pixels = static_cast<int>(e.pixels());
        for (int n = 0; n < e.batch; ++n) {
          for (int first = 0; first < pixels; first += kTilePixels, ++tile) {
            if (tile < begin || tile >= end) continue;
            const int count = std::min(kTilePixels, pixels - first);
            compute(inputs[level], level, n * pixels + first, count, memory);
            deal_out(memory, count, n * size.anchors + before + first, outputs);
          }
        }
        before += pixels;
      }
    });
  }

  OpWork count(std::span<const Shape> inputs, int threads) const override {
    OpWork work;
    Size size;
    work.part_scratch_bytes = static_cast<std::int64_t>(slot_bytes().value());
    for (std::size_t level = 0; level < levels_.size(); ++level) {
      const Extent e = extent_of(inputs[level]);
      add(e, size);
      work.weight_bytes += static_cast<std::int64_t>(levels_[level].weights.size());
      work.read_bytes += bytes_of(inputs[level], src_);
      const int pixels = static_cast<int>(e.pixels());
      const auto add_tiles = [&](int length, int times) {
        if (length > 0 && times > 0) {
          work.products.push_back(
              count_product(levels_[level], src_, length, std::int64_t{times} * e.batch));
        }
      };
      add_tiles(kTilePixels, pixels / kTilePixels);
      add_tiles(pixels % kTilePixels, 1);
    }
    work.parts = Chunks(threads, size.tiles, size.multiply_adds).parts();
    for (const Shape& written : infer_shapes(inputs)) {
      work.written_bytes += bytes_of(written, DataType::kF32);
    }
    work.copied_bytes = work.written_bytes;
    return work;
  }

 private:
  // Of all levels, by which they are split over threads.
  struct Size {
    std::int64_t anchors = 0, multiply_adds = 0;
    int tiles = 0;
  };

  void add(const Extent& level, Size& size) const {
    const int pixels = static_cast<int>(level.pixels());
    size.anchors += pixels;
    size.multiply_adds += static_cast<std::int64_t>(level.elements()) * level.batch * channels_;
    size.tiles += level.batch * ((pixels + kTilePixels - 1) / kTilePixels);
  }

  struct Column {  // an output's place in the tile
    int width;
    int first;
    bool sigmoid;
  };

  void read_outputs(const NodeInfo& node) {
    const std::vector<int> widths = read_channels(node, "outputs", node.output_count(), channels_);
    const std::vector<std::int64_t> sigmoid = node.integers("sigmoid");
    if (sigmoid.size() != widths.size()) fail(node, "`sigmoid` must have an entry for each output");
    int first = 0;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (node.output_type(i) != DataType::kF32) fail(node, "its outputs must be f32");
      columns_.push_back({widths[i], first, sigmoid[i] != 0});
      first += widths[i];
    }
  }

  Checked slot_bytes() const { return align_up(Checked(kTilePixels) * channels_ * sizeof(float)); }

  void compute(const TensorView& input, std::size_t level, int first, int count,
               float* tile) const {
    const std::size_t pixel = static_cast<std::size_t>(depths_[level]) * size_of(src_);
    const Segment segment{input.data + static_cast<std::size_t>(first) * pixel,
                          static_cast<std::ptrdiff_t>(pixel), depths_[level]};
    Gemm gemm = gemm_with(levels_[level]);
    gemm.segments = &segment;
    gemm.segment_count = 1;
    gemm.pixels = count;
    gemm.dst = reinterpret_cast<std::byte*>(tile);
    gemm.dst_stride = static_cast<std::ptrdiff_t>(sizeof(float)) * channels_;
    run_gemm(gemm, src_);
  }

  void deal_out(const float* tile, int count, std::int64_t anchor,
                std::span<const TensorView> outputs) const {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (!outputs[i].data) continue;
      const auto [width, column, sigmoid] = columns_[i];
      float* dst = reinterpret_cast<float*>(outputs[i].data) + anchor * width;
      const float* src = tile + column;
      // Many columns at a time: what is written beyond a pixel's, the next pixels replace.
      const int written = (width + kAtOnce - 1) / kAtOnce * kAtOnce;
      int p = 0;
      for (; (count - p) * width >= written; ++p) {
        for (int c = 0; c < written; c += kAtOnce) {
          std::memcpy(dst + p * width + c, src + p * channels_ + c, kAtOnce * sizeof(float));
        }
      }
      for (; p < count; ++p) {
        for (int c = 0; c < width; ++c) dst[p * width + c] = src[p * channels_ + c];
      }
      if (sigmoid) {
        kernel_set().sigmoid(dst, static_cast<std::size_t>(count * width), src_ != DataType::kF32);
      }
    }
  }

  DataType src_;
  int channels_ = 0;
  std::vector<Column> columns_;  // one for each output
  std::vector<int> depths_;
  std::vector<PackedConvolution> levels_;
};

}  // namespace

constinit const OpType kPredictor = {"Predictor", make<Predictor>};

}  // namespace camclassify
