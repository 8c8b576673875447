#include <algorithm>
#include <cstring>

#include "kernels/work_split.hpp"
#include "memory/alignment.hpp"
#include "ops/node_reader.hpp"
#include "ops/op_table.hpp"

namespace camclassify {
namespace {

constexpr int kReach = 2;  // of a 5x5 window to each side
constexpr std::size_t kOutputs = 3;
constexpr int kPictures = 2;  // of scratch

class SpatialPyramidPool final : public Op {
 public:
  explicit SpatialPyramidPool(const NodeInfo& node) : type_(node.input_type(0)) {
    if (node.input_count() != 1 || node.output_count() != kOutputs) {
      fail(node, "it must have one input and three outputs");
    }
    for (std::size_t i = 0; i < kOutputs; ++i) {
      if (node.has_output(i) && node.output_type(i) != type_)
        fail(node, "its outputs must have its input's type");
    }
  }

  std::vector<Shape> infer_shapes(std::span<const Shape> inputs) const override {
    extent_of(inputs[0]);
    return {kOutputs, inputs[0]};
  }

  // One picture of horizontal maxima, and one for an output that nobody wants but the next.
  Checked needed_scratch(std::span<const Shape> inputs, int) const override {
    return Checked(kPictures) * picture_bytes(extent_of(inputs[0]));
  }

  void compute(std::span<const TensorView> inputs, std::span<const TensorView> outputs,
               std::span<std::byte> scratch, Parallel& parallel) const override {
    const Extent e = extent_of(inputs[0].shape);
    const std::size_t image = e.elements() * size_of(type_);
    std::byte* rows = scratch.data();
    std::byte* spare = rows + picture_bytes(e).value();
    const Chunks chunks(parallel, e.height, comparisons(e));
    std::size_t count = outputs.size();  // up to the last that is wanted
    while (!outputs[count - 1].data) --count;
    for (std::size_t n = 0; n < static_cast<std::size_t>(e.batch); ++n) {
      const std::byte* src = inputs[0].data + n * image;
      for (const TensorView& output : outputs.first(count)) {
        std::byte* dst = output.data ? output.data + n * image : spare;
        split_rows(parallel, chunks, [&](int, int begin, int end) {
          for (int y = begin; y < end; ++y) row_maxima(e, src, y, rows);
        });
        split_rows(parallel, chunks, [&](int, int begin, int end) {
          for (int y = begin; y < end; ++y) column_maxima(e, rows, y, dst);
        });
        src = dst;
      }
    }
  }

  OpWork count(std::span<const Shape> inputs, int threads) const override {
    const Extent e = extent_of(inputs[0]);
    OpWork work;
    work.parts = Chunks(threads, e.height, comparisons(e)).parts();
    work.part_scratch_bytes = static_cast<std::int64_t>(needed_scratch(inputs, 1).value());
    work.read_bytes = bytes_of(inputs[0], type_);
    constexpr auto kWritten = static_cast<std::int64_t>(kOutputs);
    work.written_bytes = kWritten * work.read_bytes;
    work.rows = std::int64_t{e.batch} * e.height * kWritten * 2;  // along rows, then columns
    return work;
  }

 private:
  // Of one output, by which it is split over threads.
  static std::int64_t comparisons(const Extent& e) {
    return static_cast<std::int64_t>(e.elements()) * kReach * 4;
  }

  Checked picture_bytes(const Extent& e) const {
    return align_up(Checked(e.elements()) * size_of(type_));
  }

  void row_maxima(const Extent& e, const std::byte* src, int y, std::byte* dst) const {
    const std::size_t pixel = static_cast<std::size_t>(e.channels) * size_of(type_);
    const std::size_t width = static_cast<std::size_t>(e.width);
    const std::size_t start = static_cast<std::size_t>(y) * width * pixel;
    std::memcpy(dst + start, src + start, width * pixel);
    for (std::size_t shift = 1; shift <= kReach && shift < width; ++shift) {
      const std::size_t count = (width - shift) * static_cast<std::size_t>(e.channels);
      kernel_set().maximum(src + start + shift * pixel, dst + start, type_, count);
      kernel_set().maximum(src + start, dst + start + shift * pixel, type_, count);
    }
  }

  void column_maxima(const Extent& e, const std::byte* src, int y, std::byte* dst) const {
    const std::size_t count =
        static_cast<std::size_t>(e.width) * static_cast<std::size_t>(e.channels);
    const std::size_t row = count * size_of(type_);
    std::byte* to = dst + static_cast<std::size_t>(y) * row;
    std::memcpy(to, src + static_cast<std::size_t>(y) * row, row);
    for (int i = std::max(0, y - kReach); i <= std::min(e.height - 1, y + kReach); ++i) {
      if (i != y) {
        kernel_set().maximum(src + static_cast<std::size_t>(i) * row, to, type_, count);
      }
    }
  }

  DataType type_;
};

}  // namespace

constinit const OpType kSpatialPyramidPool = {"SpatialPyramidPool", make<SpatialPyramidPool>};

}  // namespace camclassify
