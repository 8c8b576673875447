#include <algorithm>
#include <cmath>

#include "kernels/counting.hpp"
#include "kernels/packing.hpp"
#include "kernels/work_split.hpp"
#include "ops/node_reader.hpp"
#include "ops/op_table.hpp"

namespace camclassify {
namespace {

constexpr std::size_t kMostPixels = 2147483647 / 255;  // whose sum an i32 holds
constexpr float kMostMultiplier = 1e9F;                // no product of a sum and both overflows

class PooledHead final : public Op {
 public:
  explicit PooledHead(const NodeInfo& node)
      : src_(node.input_type(0)),
        feature_multiplier_(node.real("feature_multiplier", 1)),
        pooled_multiplier_(node.real("pooled_multiplier", 1)) {
    if (src_ != DataType::kF32 && src_ != DataType::kU8) fail(node, "its input must be f32 or u8");
    for (std::size_t i = 0; i < node.output_count(); ++i) {
      if (node.output_type(i) != DataType::kF32) fail(node, "its outputs must be f32");
    }
    for (const float factor : {feature_multiplier_, pooled_multiplier_}) {
      if (!(std::abs(factor) < kMostMultiplier)) fail(node, "its multipliers are out of range");
    }
    const std::size_t classifiers =
        node.output_count() - std::min<std::size_t>(node.output_count(), 1);
    if (node.input_count() == 1 && classifiers == 0) return;
    ConstantReader reader(node, 1);
    const Convolution c = reader.next(src_, 2, {DataType::kF32}, "");
    reader.finish();
    if (c.int8 == (src_ == DataType::kF32))
      fail(node, "its input's type does not go with its weights");
    depth_ = c.depth();
    int first = 0;
    for (const int rows : read_channels(node, "outputs", classifiers, c.outputs())) {
      classifiers_.push_back(pack_pointwise(c, c.weights.data, first, rows, {&depth_, 1}, src_,
                                            DataType::kF32, nullptr));
      first += rows;
    }
  }

  std::vector<Shape> infer_shapes(std::span<const Shape> inputs) const override {
    const Extent in = extent_of(inputs[0]);
    if (depth_ > 0 && in.channels != depth_) {
      throw BundleError("A PooledHead node's input does not fit its weights.");
    }
    if (src_ == DataType::kU8 && in.pixels() > kMostPixels) {
      throw BundleError("A PooledHead node's input has more pixels than it can add up.");
    }
    std::vector<Shape> shapes = {{in.batch, in.channels}};
    for (const PackedConvolution& c : classifiers_) shapes.push_back({in.batch, c.channels});
    return shapes;
  }

  Checked needed_scratch(std::span<const Shape> inputs, int) const override {
    return Checked(2) * pooled_bytes(extent_of(inputs[0]).channels);
  }

  void compute(std::span<const TensorView> inputs, std::span<const TensorView> outputs,
               std::span<std::byte> scratch, Parallel& parallel) const override {
    const Extent in = extent_of(inputs[0].shape);
    const std::size_t channels = static_cast<std::size_t>(in.channels);
    for (std::size_t n = 0; n < static_cast<std::size_t>(in.batch); ++n) {
      float* features = outputs[0].data ? outputs[0].as<float>().data() + n * channels
                                        : reinterpret_cast<float*>(scratch.data());
      std::byte* pooled = scratch.data() + pooled_bytes(in.channels).value();
      pool(in, inputs[0].data + n * in.elements() * size_of(src_), features, pooled);
      for (std::size_t i = 0; i < classifiers_.size(); ++i) {
        if (!outputs[i + 1].data) continue;
        const std::size_t rows = static_cast<std::size_t>(classifiers_[i].channels);
        classify(classifiers_[i], pooled, outputs[i + 1].as<float>().data() + n * rows, parallel);
      }
    }
  }

  OpWork count(std::span<const Shape> inputs, int threads) const override {
    OpWork work;
    work.part_scratch_bytes = static_cast<std::int64_t>(needed_scratch(inputs, 1).value());
    work.read_bytes = bytes_of(inputs[0], src_);
    work.pooled = element_count(inputs[0]);
    work.rows = work.pooled / inputs[0][3];
    for (const Shape& written : infer_shapes(inputs)) {
      work.written_bytes += bytes_of(written, DataType::kF32);
    }
    for (const PackedConvolution& classifier : classifiers_) {
      work.weight_bytes += static_cast<std::int64_t>(classifier.weights.size());
      work.products.push_back(count_product(classifier, src_, 1, inputs[0][0]));
      const Chunks chunks(threads, block_count(classifier), multiply_adds(classifier));
      work.parts = std::max(work.parts, chunks.parts());
    }
    return work;
  }

 private:
  static Checked pooled_bytes(int channels) { return align_up(Checked(channels) * sizeof(float)); }

  // The features, and in `pooled` what the classifiers read: the same, or their u8.
  void pool(const Extent& in, const std::byte* src, float* features, std::byte* pooled) const {
    const std::size_t channels = static_cast<std::size_t>(in.channels);
    if (src_ == DataType::kF32) {
      kernel_set().sum_f32(reinterpret_cast<const float*>(src), features, in.pixels(), channels);
      const float share = 1.0F / static_cast<float>(in.pixels());
      float* mean = reinterpret_cast<float*>(pooled);
      for (std::size_t c = 0; c < channels; ++c) mean[c] = features[c] *= share;
      return;
    }
    // The sums are read before the bytes that replace them are written: a u8 is never ahead.
    auto* sums = reinterpret_cast<std::int32_t*>(pooled);
    auto* bytes = reinterpret_cast<std::uint8_t*>(pooled);
    kernel_set().sum_u8(reinterpret_cast<const std::uint8_t*>(src), sums, in.pixels(), channels);
    for (std::size_t c = 0; c < channels; ++c) {
      features[c] = static_cast<float>(sums[c]) * feature_multiplier_;
      const float scaled = std::clamp(features[c] * pooled_multiplier_, 0.0F, 255.0F);
      bytes[c] = static_cast<std::uint8_t>(std::nearbyint(scaled));
    }
  }

  static std::int64_t multiply_adds(const PackedConvolution& classifier) {
    return std::int64_t{classifier.channels} * classifier.depth;
  }

  void classify(const PackedConvolution& classifier, const std::byte* pooled, float* logits,
                Parallel& parallel) const {
    const Segment segment{pooled, 0, depth_};
    const Chunks chunks(parallel, block_count(classifier), multiply_adds(classifier));
    split_rows(parallel, chunks, [&](int, int first, int last) {
      Gemm gemm = gemm_with(classifier);
      gemm.segments = &segment;
      gemm.segment_count = 1;
      gemm.pixels = 1;
      gemm.dst = reinterpret_cast<std::byte*>(logits);
      keep_blocks(gemm, classifier, first, last);
      run_gemm(gemm, src_);
    });
  }

  DataType src_;
  float feature_multiplier_;
  float pooled_multiplier_;
  int depth_ = 0;
  std::vector<PackedConvolution> classifiers_;
};

}  // namespace

constinit const OpType kPooledHead = {"PooledHead", make<PooledHead>};

}  // namespace camclassify
