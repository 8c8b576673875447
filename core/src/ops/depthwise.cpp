#include "kernels/work_split.hpp"
#include "ops/depthwise_stage.hpp"
#include "ops/op_table.hpp"

namespace camclassify {
namespace {

class Depthwise final : public Op {
 public:
  explicit Depthwise(const NodeInfo& node) : src_(node.input_type(0)), stage_(make_stage(node)) {}

  std::vector<Shape> infer_shapes(std::span<const Shape> inputs) const override {
    const Extent in = extent_of(inputs[0]);
    const int height = stage_.window().out_height(in.height);
    const int width = stage_.window().out_width(in.width);
    if (in.channels != stage_.channels() || height < 1 || width < 1) {
      throw BundleError("A Depthwise node's input does not fit its weights.");
    }
    return {{in.batch, height, width, in.channels}};
  }

  Checked needed_scratch(std::span<const Shape> inputs, int threads) const override {
    return Checked(threads) * stage_.ring_bytes(extent_of(inputs[0]).width, 1);
  }

  void compute(std::span<const TensorView> inputs, std::span<const TensorView> outputs,
               std::span<std::byte> scratch, Parallel& parallel) const override {
    const Extent in = extent_of(inputs[0].shape), out = extent_of(outputs[0].shape);
    const std::size_t ring = stage_.ring_bytes(in.width, 1).value();
    const std::size_t row =
        static_cast<std::size_t>(in.width) * static_cast<std::size_t>(in.channels);
    const std::size_t out_row = static_cast<std::size_t>(out.width) *
                                static_cast<std::size_t>(out.channels) * size_of(outputs[0].type);
    const Chunks chunks(parallel, out.height, work_of(out));
    for (int n = 0; n < in.batch; ++n) {
      LastRows last;
      const std::byte* src =
          inputs[0].data + static_cast<std::size_t>(n) * in.elements() * size_of(src_);
      std::byte* dst = outputs[0].data + static_cast<std::size_t>(n * out.height) * out_row;
      split_rows(parallel, chunks, [&](int thread, int begin, int end) {
        stage_.run(
            in.height, in.width, begin, end, last.goes_on(thread, begin, end), 1,
            scratch.data() + static_cast<std::size_t>(thread) * ring,
            [&](int y, std::byte* to) {
              const std::byte* from = src + static_cast<std::size_t>(y) * row * size_of(src_);
              stage_.fill(from, src_, in.width, to);
            },
            [&](int y) { return dst + static_cast<std::size_t>(y) * out_row; }, [](int, int) {});
      });
    }
  }

  OpWork count(std::span<const Shape> inputs, int threads) const override {
    const Shape written = infer_shapes(inputs)[0];
    const Extent in = extent_of(inputs[0]), out = extent_of(written);
    OpWork work;
    const Chunks chunks(threads, out.height, work_of(out));
    work.parts = chunks.parts();
    work.weight_bytes = stage_.weight_bytes();
    work.read_bytes = bytes_of(inputs[0], src_);
    work.written_bytes = bytes_of(written, stage_.dst_type());
    work.part_scratch_bytes = static_cast<std::int64_t>(stage_.ring_bytes(in.width, 1).value());
    for_each_share(chunks, [&](int begin, int end) {
      work.rows += in.batch * stage_.filled_rows(in.height, begin, end);
    });
    if (stage_.planes()) work.padded_bytes = in.batch * work.parts * work.part_scratch_bytes;
    work.copied_bytes =
        work.rows * in.width * in.channels * static_cast<std::int64_t>(size_of(stage_.row_type()));
    work.depthwise = stage_.count(in.width, std::int64_t{in.batch} * out.height);
    return work;
  }

 private:
  // By which it is split over threads.
  std::int64_t work_of(const Extent& out) const {
    const int kernel = stage_.window().kernel;
    return static_cast<std::int64_t>(out.elements()) * kernel * kernel * kDepthwiseWork;
  }

  DepthwiseStage make_stage(const NodeInfo& node) const {
    ConstantReader reader(node, 1);
    const DataType dst = node.output_type(0);
    const Convolution c = reader.next(src_, 3, {dst}, "activation");
    reader.finish();
    return make_depthwise_stage(node, c, src_, dst);
  }

  DataType src_;
  DepthwiseStage stage_;
};

}  // namespace

constinit const OpType kDepthwise = {"Depthwise", make<Depthwise>};

}  // namespace camclassify
