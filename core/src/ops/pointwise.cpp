#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <limits>
#include <map>

#include "kernels/counting.hpp"
#include "kernels/packing.hpp"
#include "kernels/work_split.hpp"
#include "ops/node_reader.hpp"
#include "ops/op_table.hpp"

namespace camclassify {
namespace {

constexpr std::size_t kMostInputs = 8;

class Pointwise final : public Op {
 public:
  explicit Pointwise(const NodeInfo& node) : upsample_(node.integers("upsample")) {
    if (upsample_.empty()) upsample_ = {1};
    if (upsample_.size() > kMostInputs) fail(node, "it has more than eight inputs");
    for (const std::int64_t factor : upsample_) {
      if (factor != 1 && factor != 2) fail(node, "upsample must be 1 or 2");
    }
    if (node.input_count() < upsample_.size()) fail(node, "inputs are missing");
    src_ = node.input_type(0);
    for (std::size_t i = 0; i < upsample_.size(); ++i) {
      if (node.input_type(i) != src_) fail(node, "its inputs must have one type");
    }
    const DataType first = node.output_type(0);
    residual_ = read_residual(node, first);
    const bool has_residual = residual_.residual != Residual::kNone;
    const std::size_t constants = upsample_.size() + (has_residual ? 1 : 0);
    std::vector<DataType> types;
    for (std::size_t i = 0; i < node.output_count(); ++i) {
      types.push_back(output_type(node, i, constants));
    }
    ConstantReader reader(node, constants);
    const Convolution c = reader.next(src_, 2, types, "activation");
    reader.finish();
    if (c.int8 == (src_ == DataType::kF32))
      fail(node, "its input's type does not go with its weights");
    if (has_residual && (types.size() != 1 || node.input_type(upsample_.size()) != first ||
                         (c.int8 && first != DataType::kU8))) {
      fail(node, "a residual needs one output, of its own type, u8 in int8");
    }
    convolution_depth_ = c.depth();
    depths_ = segment_depths(node);
    pack(c, read_channels(node, "outputs", types.size(), c.outputs()), types);
  }

  std::vector<Shape> infer_shapes(std::span<const Shape> inputs) const override {
    const Extent in = upsampled(inputs[0], 0);
    int depth = 0;
    for (std::size_t i = 0; i < upsample_.size(); ++i) {
      const Extent e = upsampled(inputs[i], i);
      if (e.batch != in.batch || e.height != in.height || e.width != in.width) {
        throw BundleError("A Pointwise node's inputs differ in size.");
      }
      depth += e.channels;
    }
    if (depth != convolution_depth_) {
      throw BundleError("A Pointwise node's inputs do not fit its weights.");
    }
    std::vector<Shape> shapes;
    for (const Output& output : outputs_) {
      shapes.push_back({in.batch, in.height, in.width, output.channels});
    }
    if (residual_.residual != Residual::kNone && inputs[upsample_.size()] != shapes[0]) {
      throw BundleError("A Pointwise node's residual differs from its output in shape.");
    }
    return shapes;
  }

  Checked needed_scratch(std::span<const Shape> inputs, int threads) const override {
    return Checked(threads) * row_scratch(upsampled(inputs[0], 0).width);
  }

  void compute(std::span<const TensorView> inputs, std::span<const TensorView> outputs,
               std::span<std::byte> scratch, Parallel& parallel) const override {
    const Extent in = upsampled(inputs[0].shape, 0);
    const int pixels = pixels_of(in);
    const Chunks chunks(parallel, units(in, parallel.threads()), multiply_adds(pixels));
    if (splits_blocks(in, parallel.threads())) {
      return split_rows(parallel, chunks, [&](int, int begin, int end) {
        for_each_piece(begin, end, pixels,
                       [&](const Piece& piece) { run_piece(inputs, outputs, in, piece, nullptr); });
      });
    }
    const std::size_t slot = row_scratch(in.width).value();
    split_rows(parallel, chunks, [&](int thread, int begin, int end) {
      std::byte* own = scratch.data() + static_cast<std::size_t>(thread) * slot;
      for_each_run(in, begin, end, [&](int first, int last) {
        run_piece(inputs, outputs, in, {first, last, 0, all_blocks()}, own);
      });
    });
  }

  OpWork count(std::span<const Shape> inputs, int threads) const override {
    const Extent in = upsampled(inputs[0], 0);
    const int pixels = pixels_of(in);
    OpWork work;
    work.part_scratch_bytes = static_cast<std::int64_t>(row_scratch(in.width).value());
    for (std::size_t i = 0; i < upsample_.size(); ++i) {
      work.read_bytes += bytes_of(inputs[i], src_);
      if (upsample_[i] == 2)
        work.copied_bytes += std::int64_t{pixels} * depths_[i] * bytes_of({}, src_);
    }
    for (const Output& output : outputs_) {
      const std::int64_t values = std::int64_t{pixels} * output.channels;
      work.weight_bytes += static_cast<std::int64_t>(output.packed.weights.size());
      work.written_bytes += values * bytes_of({}, output.packed.epilogue.type);
      if (residual_.residual != Residual::kNone) work.residual += values;
    }
    const Chunks chunks(threads, units(in, threads), multiply_adds(pixels));
    work.parts = chunks.parts();
    std::map<int, int, std::greater<>> runs;  // by pixels
    for_each_chunk(chunks, [&](int begin, int end) {
      if (splits_blocks(in, threads)) {
        return for_each_piece(begin, end, pixels,
                              [&](const Piece& piece) { count_piece(piece, 1, work); });
      }
      for_each_run(in, begin, end, [&](int first, int last) { ++runs[last - first]; });
    });
    for (const auto& [length, times] : runs) count_piece({0, length, 0, all_blocks()}, times, work);
    return work;
  }

 private:
  struct Output {
    int channels;
    PackedConvolution packed;
  };

  // Of an output that is absent: with tables, that of its table, which is there all the same.
  DataType output_type(const NodeInfo& node, std::size_t output, std::size_t constants) const {
    constexpr std::size_t kBeforeTables = 3;  // weights, bias, multiplier
    const bool from_table = !node.has_output(output) && src_ != DataType::kF32 &&
                            node.text("activation", "none") == "table";
    if (!from_table) return node.output_type(output);
    const std::size_t table = constants + kBeforeTables + output;
    if (table >= node.input_count()) fail(node, "a table is missing");
    return node.input_type(table);
  }

  // Channels of each input: what the attribute `inputs` says, or the same for all.
  std::vector<int> segment_depths(const NodeInfo& node) const {
    const int inputs = static_cast<int>(upsample_.size());
    if (node.integers("inputs").empty() && convolution_depth_ % inputs == 0) {
      std::vector<int> depths(upsample_.size(), convolution_depth_ / inputs);
      return depths;
    }
    return read_channels(node, "inputs", upsample_.size(), convolution_depth_);
  }

  void pack(const Convolution& c, const std::vector<int>& channels,
            const std::vector<DataType>& types) {
    int first = 0;
    for (std::size_t i = 0; i < channels.size(); ++i) {
      const TensorView* table = c.tables.empty() ? nullptr : &c.tables[i];
      Output output{channels[i], pack_pointwise(c, c.weights.data, first, channels[i], depths_,
                                                src_, types[i], table)};
      set_residual(output.packed.epilogue, residual_);
      outputs_.push_back(std::move(output));
      first += channels[i];
    }
  }

  // Calls visit(output, first block, behind the last of its blocks) for all that are in a piece.
  template <class Visit>
  void for_each_output(const Piece& piece, const Visit& visit) const {
    int before = 0;
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      const int blocks = block_count(outputs_[i].packed);
      const int first = std::clamp(piece.first_block - before, 0, blocks);
      const int last = std::clamp(piece.last_block - before, 0, blocks);
      if (first < last) visit(i, first, last);
      before += blocks;
    }
  }

  void count_piece(const Piece& piece, int times, OpWork& work) const {
    const int pixels = piece.last_pixel - piece.first_pixel;
    if (pixels == 0 || times == 0) return;
    for_each_output(piece, [&](std::size_t i, int first, int last) {
      work.products.push_back(count_blocks(outputs_[i].packed, src_, pixels, times, first, last));
    });
  }

  static int pixels_of(const Extent& in) { return in.batch * in.height * in.width; }

  // What threads share out among themselves: tiles of all blocks of channels, rows that are
  // upsampled, or else tiles of all channels, as then all pixels are one long row.
  int units(const Extent& in, int threads) const {
    if (upsamples()) return in.batch * in.height;
    const int tiles = common_tiles(pixels_of(in));
    return splits_blocks(in, threads) ? tiles * all_blocks() : tiles;
  }

  // Calls run(first, last) for the pixels of these units, so many at a time that they stay in the
  // second-level cache while all outputs are computed from them.
  template <class Run>
  void for_each_run(const Extent& in, int begin, int end, const Run& run) const {
    constexpr int kCache = 128 * 1024;
    const int kept = kCache / (convolution_depth_ * static_cast<int>(size_of(src_)));
    const int longest = upsamples() ? in.width : std::max(4, kept / kCommonTile + 1) * kCommonTile;
    const int unit = upsamples() ? in.width : kCommonTile;
    const int behind = std::min(end * unit, pixels_of(in));
    for (int first = begin * unit; first < behind; first += longest) {
      run(first, std::min(first + longest, behind));
    }
  }

  // Of the channels of all outputs.
  int all_blocks() const {
    int blocks = 0;
    for (const Output& output : outputs_) blocks += block_count(output.packed);
    return blocks;
  }

  // Whether threads share the weights out among themselves, and not the pixels: those are fewer,
  // and stay in the second-level cache.
  bool splits_blocks(const Extent& in, int threads) const {
    constexpr std::int64_t kCache = 256 * 1024;
    std::int64_t weights = 0;
    for (const Output& output : outputs_) {
      weights += static_cast<std::int64_t>(output.packed.weights.size());
    }
    const std::int64_t read =
        std::int64_t{pixels_of(in)} * convolution_depth_ * static_cast<std::int64_t>(size_of(src_));
    const std::int64_t tiles = std::int64_t{common_tiles(pixels_of(in))} * all_blocks();
    return threads > 1 && !upsamples() && read < weights && read <= kCache &&
           tiles <= std::numeric_limits<int>::max();
  }

  // By which it is split over threads.
  std::int64_t multiply_adds(int pixels) const {
    std::int64_t channels = 0;
    for (const Output& output : outputs_) channels += output.channels;
    return channels * pixels * convolution_depth_;
  }

  bool upsamples() const {
    return std::ranges::any_of(upsample_, [](std::int64_t f) { return f == 2; });
  }

  Extent upsampled(const Shape& shape, std::size_t input) const {
    Extent e = extent_of(shape);
    if (e.channels != depths_[input]) {
      throw BundleError("A Pointwise node's input has a different number of channels than stated.");
    }
    e.height *= static_cast<int>(upsample_[input]);
    e.width *= static_cast<int>(upsample_[input]);
    return e;
  }

  // One row of each input that is upsampled.
  Checked row_scratch(int width) const {
    Checked bytes = 0;
    for (std::size_t i = 0; i < upsample_.size(); ++i) {
      if (upsample_[i] == 2) bytes = bytes + row_bytes(width, i);
    }
    return bytes;
  }

  Checked row_bytes(int width, std::size_t input) const {
    return align_up(Checked(width) * depths_[input] * size_of(src_));
  }

  // Blocks of all outputs' channels; whole rows where an input is upsampled.
  void run_piece(std::span<const TensorView> inputs, std::span<const TensorView> outputs,
                 const Extent& in, const Piece& piece, std::byte* scratch) const {
    const int first = piece.first_pixel;
    std::array<Segment, kMostInputs> segments;
    for (std::size_t i = 0; i < upsample_.size(); ++i) {
      const std::size_t pixel = static_cast<std::size_t>(depths_[i]) * size_of(src_);
      const std::byte* data = inputs[i].data + static_cast<std::size_t>(first) * pixel;
      if (upsample_[i] == 2) {
        const int row = first / in.width;  // counted over the batch: heights are even
        const std::byte* from =
            inputs[i].data + static_cast<std::size_t>(row / 2 * (in.width / 2)) * pixel;
        for (int x = 0; x < in.width; ++x) {
          // NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): who upsamples has scratch
          std::memcpy(scratch + static_cast<std::size_t>(x) * pixel,
                      from + static_cast<std::size_t>(x / 2) * pixel, pixel);
        }
        data = scratch;
        scratch += row_bytes(in.width, i).value();
      }
      segments[i] = {data, static_cast<std::ptrdiff_t>(pixel), depths_[i]};
    }
    for_each_output(piece, [&](std::size_t i, int begin, int end) {
      if (!outputs[i].data) return;
      Gemm gemm = gemm_with(outputs_[i].packed);
      gemm.segments = segments.data();
      gemm.segment_count = static_cast<int>(upsample_.size());
      gemm.pixels = piece.last_pixel - first;
      gemm.dst_stride =
          outputs_[i].channels * static_cast<std::ptrdiff_t>(size_of(outputs[i].type));
      gemm.dst = outputs[i].data + first * gemm.dst_stride;
      if (gemm.epilogue.residual != Residual::kNone) {
        gemm.residual_stride = gemm.dst_stride;
        gemm.residual = inputs[upsample_.size()].data + first * gemm.dst_stride;
      }
      keep_blocks(gemm, outputs_[i].packed, begin, end);
      run_gemm(gemm, src_);
    });
  }

  std::vector<std::int64_t> upsample_;
  DataType src_ = DataType::kF32;
  Epilogue residual_;
  int convolution_depth_ = 0;
  std::vector<int> depths_;
  std::vector<Output> outputs_;
};

}  // namespace

constinit const OpType kPointwise = {"Pointwise", make<Pointwise>};

}  // namespace camclassify
