#include <algorithm>
#include <cstring>
#include <map>

#include "kernels/counting.hpp"
#include "kernels/work_split.hpp"
#include "ops/depthwise_stage.hpp"
#include "ops/op_table.hpp"

namespace camclassify {
namespace {

// Memory of one part while it runs.
struct Scratch {
  int rows;          // of output at once
  Checked ring;      // the depthwise convolution's input
  Checked expanded;  // one row of it in u8, before it is widened
  Checked filtered;  // `rows` rows of the depthwise convolution's output
  Checked bytes() const { return ring + expanded + filtered; }
};

class Block final : public Op {
 public:
  explicit Block(const NodeInfo& node)
      : src_(node.input_type(0)),
        dst_(node.output_type(0)),
        expands_(node.integer("expand", 1) != 0),
        rows_(static_cast<int>(std::clamp<std::int64_t>(node.integer("rows", 0), 0, 1 << 16))) {
    const bool int8 = src_ != DataType::kF32;
    read_type_ = !expands_ ? src_ : int8 ? read_inner_type(node, "expand_type") : DataType::kF32;
    const DataType filtered = int8 ? read_inner_type(node, "depthwise_type") : DataType::kF32;
    ConstantReader reader(node, 1);
    if (expands_) {
      const Convolution c = reader.next(src_, 2, {read_type_}, "expand_activation");
      if (c.int8 != int8) fail(node, "its input's type does not go with its weights");
      in_channels_ = c.depth();
      const bool narrow =
          read_type_ == DataType::kU8 && depthwise_row_type(read_type_, filtered) != read_type_;
      // Unless it goes through a table, a u8 is stored as the i16 that the depthwise kernel reads.
      widens_ = narrow && c.activation == Activation::kTable;
      const bool stores_i16 = narrow && !widens_;
      expand_ = pack_pointwise(c, src_, stores_i16 ? DataType::kI16 : read_type_);
      if (stores_i16) expand_.epilogue.activation = Activation::kClampToU8;
    }
    const Convolution c = reader.next(read_type_, 3, {filtered}, "depthwise_activation");
    depthwise_.emplace(make_depthwise_stage(node, c, read_type_, filtered));
    if (!expands_) in_channels_ = depthwise_->channels();
    if (expands_ && expand_.channels != depthwise_->channels()) {
      fail(node, "its expansion and its depthwise convolution differ in channels");
    }
    const Convolution project = reader.next(filtered, 2, {dst_}, "activation");
    reader.finish();
    if (project.depth() != depthwise_->channels() || project.int8 != int8) {
      fail(node, "its depthwise convolution and its projection do not go together");
    }
    project_ = pack_pointwise(project, filtered, dst_);
    const Epilogue residual = read_residual(node, dst_);
    if (residual.residual != Residual::kNone) {
      if (src_ != dst_ || in_channels_ != project_.channels || depthwise_->window().stride != 1) {
        fail(node, "a residual needs an input of the output's shape and type");
      }
      set_residual(project_.epilogue, residual);
    }
  }

  std::vector<Shape> infer_shapes(std::span<const Shape> inputs) const override {
    const Extent in = extent_of(inputs[0]);
    const int height = depthwise_->window().out_height(in.height);
    const int width = depthwise_->window().out_width(in.width);
    const bool grows =
        project_.epilogue.residual != Residual::kNone && (height != in.height || width != in.width);
    if (in.channels != in_channels_ || height < 1 || width < 1 || grows) {
      throw BundleError("A Block node's input does not fit its weights, padding or residual.");
    }
    return {{in.batch, height, width, project_.channels}};
  }

  Checked needed_scratch(std::span<const Shape> inputs, int threads) const override {
    const Extent in = extent_of(inputs[0]);
    return Checked(threads) * scratch_for(in).bytes();
  }

  void compute(std::span<const TensorView> inputs, std::span<const TensorView> outputs,
               std::span<std::byte> scratch, Parallel& parallel) const override {
    const Extent in = extent_of(inputs[0].shape), out = extent_of(outputs[0].shape);
    const Chunks chunks(parallel, out.height, multiply_adds(out), least_rows(out));
    const Scratch layout = scratch_for(in);
    const std::size_t slot = layout.bytes().value();
    for (int n = 0; n < in.batch; ++n) {
      LastRows last;
      const std::size_t image = static_cast<std::size_t>(n);
      const std::byte* src = inputs[0].data + image * in.elements() * size_of(src_);
      std::byte* dst = outputs[0].data + image * out.elements() * size_of(dst_);
      split_rows(parallel, chunks, [&](int thread, int begin, int end) {
        run_rows(in, out, src, dst, begin, end, last.goes_on(thread, begin, end), layout,
                 scratch.data() + static_cast<std::size_t>(thread) * slot);
      });
    }
  }

  OpWork count(std::span<const Shape> inputs, int threads) const override {
    const Shape written = infer_shapes(inputs)[0];
    const Extent in = extent_of(inputs[0]), out = extent_of(written);
    const Scratch layout = scratch_for(in);
    const DataType filtered = depthwise_->dst_type();
    OpWork work;
    const Chunks chunks(threads, out.height, multiply_adds(out), least_rows(out));
    work.parts = chunks.parts();
    work.weight_bytes =
        static_cast<std::int64_t>(expand_.weights.size() + project_.weights.size()) +
        depthwise_->weight_bytes();
    work.read_bytes = bytes_of(inputs[0], src_);
    work.written_bytes = bytes_of(written, dst_);
    work.part_scratch_bytes = static_cast<std::int64_t>(layout.bytes().value());
    std::map<int, std::int64_t> projections;  // by rows
    for_each_share(chunks, [&](int begin, int end) {
      work.rows += in.batch * depthwise_->filled_rows(in.height, begin, end);
    });
    for_each_chunk(chunks, [&](int begin, int end) {
      for (int y = begin; y < end; y += layout.rows) {
        projections[std::min(layout.rows, end - y)] += in.batch;
        work.turns += in.batch;
      }
    });
    const std::int64_t filled = work.rows * in.width * depthwise_->channels() *
                                static_cast<std::int64_t>(size_of(depthwise_->row_type()));
    if (expands_) {
      work.products.push_back(
          count_product(expand_, src_, in.width, work.rows, depthwise_->planes()));
      work.inside_bytes = filled;
    }
    if (!expands_ || widens_) work.copied_bytes = filled;
    if (depthwise_->planes()) {
      work.padded_bytes = in.batch * work.parts * static_cast<std::int64_t>(layout.ring.value());
    }
    work.depthwise = depthwise_->count(in.width, std::int64_t{in.batch} * out.height);
    work.inside_bytes += bytes_of(
        std::to_array<std::int64_t>({out.batch, out.height, out.width, depthwise_->channels()}),
        filtered);
    for (const auto& [rows, times] : projections) {
      work.products.push_back(count_product(project_, filtered, rows * out.width, times));
    }
    if (project_.epilogue.residual != Residual::kNone) {
      work.residual = element_count(written);
    }
    return work;
  }

 private:
  // Enough for the projection to see a run of pixels.
  static int least_rows(const Extent& out) {
    constexpr int kPixels = 40;
    return (kPixels + out.width - 1) / out.width;
  }

  // By which it is split over threads.
  std::int64_t multiply_adds(const Extent& out) const {
    return static_cast<std::int64_t>(out.pixels()) * depthwise_->channels() *
           (in_channels_ + project_.channels);
  }

  // Few enough rows for the inner activations to stay in the second-level cache, many enough for
  // the projection to see a long run of pixels.
  Scratch scratch_for(const Extent& in) const {
    const int height = depthwise_->window().out_height(in.height);
    if (rows_ > 0) return scratch_for(in, std::min(rows_, height));
    constexpr std::size_t kCache = 256 * 1024;
    Scratch scratch = scratch_for(in, 1);
    while (scratch.rows < height) {
      const Scratch larger = scratch_for(in, scratch.rows + 1);
      if (larger.bytes().value() >= kCache) break;
      scratch = larger;
    }
    return scratch;
  }

  Scratch scratch_for(const Extent& in, int rows) const {
    const int channels = depthwise_->channels();
    const int out_width = depthwise_->window().out_width(in.width);
    return {rows, depthwise_->ring_bytes(in.width, rows),
            widens_ ? align_up(Checked(in.width) * channels) : 0,
            align_up(Checked(rows) * out_width * channels * size_of(depthwise_->dst_type()))};
  }

  // Input row y of the depthwise convolution, as the ring wants it.
  void fill(const Extent& in, const std::byte* src, int y, std::byte* dst,
            std::byte* expanded) const {
    const std::size_t pixel = static_cast<std::size_t>(in_channels_) * size_of(src_);
    const std::size_t width = static_cast<std::size_t>(in.width);
    const std::byte* row = src + static_cast<std::size_t>(y) * width * pixel;
    if (!expands_) return depthwise_->fill(row, read_type_, in.width, dst);
    std::byte* to = widens_ ? expanded : dst;
    const Segment segment{row, static_cast<std::ptrdiff_t>(pixel), in_channels_};
    Gemm gemm = gemm_with(expand_);
    gemm.segments = &segment;
    gemm.segment_count = 1;
    gemm.pixels = in.width;
    gemm.dst = to;
    gemm.dst_stride =
        expand_.channels * static_cast<std::ptrdiff_t>(size_of(expand_.epilogue.type));
    if (depthwise_->planes()) {
      gemm.plane_pixels = depthwise_->row_pixels(in.width);
      gemm.plane_first = depthwise_->window().left;
    }
    run_gemm(gemm, src_);
    if (widens_) depthwise_->fill(to, DataType::kU8, in.width, dst);
  }

  void run_rows(const Extent& in, const Extent& out, const std::byte* src, std::byte* dst,
                int begin, int end, bool goes_on, const Scratch& layout, std::byte* memory) const {
    const int rows = layout.rows;
    std::byte* ring = memory;
    std::byte* expanded = ring + layout.ring.value();
    std::byte* filtered = expanded + layout.expanded.value();
    const std::size_t filtered_pixel =
        static_cast<std::size_t>(depthwise_->channels()) * size_of(depthwise_->dst_type());
    const std::size_t filtered_row = static_cast<std::size_t>(out.width) * filtered_pixel;
    depthwise_->run(
        in.height, in.width, begin, end, goes_on, rows, ring,
        [&](int y, std::byte* to) { fill(in, src, y, to, expanded); },
        [&](int y) {
          return filtered + static_cast<std::size_t>((y - begin) % rows) * filtered_row;
        },
        [&](int first, int last) {
          const Segment segment{filtered, static_cast<std::ptrdiff_t>(filtered_pixel),
                                depthwise_->channels()};
          const std::size_t pixel =
              static_cast<std::size_t>(first) * static_cast<std::size_t>(out.width);
          Gemm gemm = gemm_with(project_);
          gemm.segments = &segment;
          gemm.segment_count = 1;
          gemm.pixels = (last - first) * out.width;
          gemm.dst_stride = project_.channels * static_cast<std::ptrdiff_t>(size_of(dst_));
          gemm.dst = dst + pixel * static_cast<std::size_t>(gemm.dst_stride);
          gemm.residual_stride = gemm.dst_stride;
          gemm.residual = src + pixel * static_cast<std::size_t>(gemm.dst_stride);
          run_gemm(gemm, depthwise_->dst_type());
        });
  }

  DataType src_;
  DataType dst_;
  bool expands_;
  int rows_;
  DataType read_type_ =
      DataType::kF32;    // what the depthwise convolution reads, before it is widened
  bool widens_ = false;  // the expansion is u8 at first, which the depthwise kernel does not read
  int in_channels_ = 0;
  PackedConvolution expand_;
  std::optional<DepthwiseStage> depthwise_;
  PackedConvolution project_;
};

}  // namespace

constinit const OpType kBlock = {"Block", make<Block>};

}  // namespace camclassify
