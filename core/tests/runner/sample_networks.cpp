#include "runner/sample_networks.hpp"

#include <random>

#include "onnx/onnx_builder.hpp"

namespace camclassify::test {
namespace {

using Names = std::vector<std::string>;
using Attributes = std::vector<OnnxBuilder::Attribute>;
using Ints = std::vector<std::int64_t>;

// Adds nodes with random weights.
class Sample {
 public:
  explicit Sample(bool is_int8) : is_int8_(is_int8) {}

  DataType activation_type() const { return is_int8_ ? DataType::kU8 : DataType::kF32; }

  Sample& inner(const std::string& name, const Shape& shape) {
    onnx.inner(name, activation_type(), shape);
    return *this;
  }

  // The constants of a convolution.
  Names convolution(const Shape& weights) {
    const std::string prefix = std::to_string(count_++);
    Names names{prefix + ".weights", prefix + ".bias"};
    const std::int64_t outputs = weights[0];
    if (is_int8_) {
      onnx.initializer(names[0], DataType::kS8, weights, random<std::int8_t>(weights, -127, 127));
      onnx.initializer(names[1], DataType::kI32, {outputs},
                       random<std::int32_t>({outputs}, -1000, 20000));
      names.push_back(prefix + ".multiplier");
      onnx.initializer(names[2], DataType::kF32, {outputs}, random<float>({outputs}, 2e-3, 8e-3));
    } else {
      onnx.initializer(names[0], DataType::kF32, weights, random<float>(weights, -0.5, 0.5));
      onnx.initializer(names[1], DataType::kF32, {outputs}, random<float>({outputs}, -0.5, 0.5));
    }
    return names;
  }

  Sample& node(const std::string& type, const Names& activations,
               const std::vector<Names>& constants, const Names& outputs,
               const Attributes& attributes = {}) {
    Names inputs = activations;
    for (const auto& names : constants) inputs.insert(inputs.end(), names.begin(), names.end());
    onnx.node("camclassify", type, type + std::to_string(count_++), inputs, outputs, attributes);
    return *this;
  }

  OnnxBuilder onnx;

 private:
  template <class T>
  std::vector<T> random(const Shape& shape, double low, double high) {
    std::uniform_real_distribution<double> distribution(low, high);
    std::vector<T> values(static_cast<std::size_t>(element_count(shape)));
    for (auto& value : values) value = static_cast<T>(distribution(random_));
    return values;
  }

  bool is_int8_;
  int count_ = 0;
  std::mt19937 random_{1};
};

// Trunk, spatial pyramid, upsampling and two levels of predictors, like the scene network.
std::string scene(bool is_int8, std::int64_t size) {
  Sample sample(is_int8);
  const std::int64_t half = size / 2, quarter = size / 4;
  const std::int64_t anchors = half * half + quarter * quarter;
  sample.onnx.input("picture", DataType::kU8, {1, size, size, 3})
      .output("boxes", DataType::kF32, {1, anchors, 4})
      .output("people", DataType::kF32, {1, anchors, 1})
      .output("animals", DataType::kF32, {1, anchors, 2});
  sample.inner("stem", {1, half, half, 8})
      .inner("small", {1, quarter, quarter, 8})
      .inner("left", {1, quarter, quarter, 5})
      .inner("right", {1, quarter, quarter, 3})
      .inner("block", {1, quarter, quarter, 5})
      .inner("joined", {1, quarter, quarter, 8})
      .inner("pool5", {1, quarter, quarter, 8})
      .inner("pool9", {1, quarter, quarter, 8})
      .inner("pool13", {1, quarter, quarter, 8})
      .inner("deep", {1, quarter, quarter, 8})
      .inner("fine", {1, half, half, 8});
  const Ints same{1, 1, 1, 1};
  sample
      .node("Stem", {"picture"}, {sample.convolution({8, 3, 3, 3})}, {"stem"},
            {{"pads", Ints{0, 0, 1, 1}}, {"activation", "relu"}})
      .node("Depthwise", {"stem"}, {sample.convolution({8, 3, 3})}, {"small"},
            {{"stride", 2}, {"pads", same}, {"activation", "relu"}})
      .node("Pointwise", {"small"}, {sample.convolution({8, 8})}, {"left", "right"},
            {{"outputs", Ints{5, 3}}, {"activation", "relu"}})
      .node("Block", {"left"},
            {sample.convolution({12, 5}), sample.convolution({12, 3, 3}),
             sample.convolution({5, 12})},
            {"block"},
            {{"pads", same},
             {"expand_activation", "relu"},
             {"depthwise_activation", "relu"},
             {"residual", "before"},
             {"residual_multiplier", 0.5F}})
      .node("Pointwise", {"block", "right"}, {sample.convolution({8, 8})}, {"joined"},
            {{"inputs", Ints{5, 3}}, {"upsample", Ints{1, 1}}, {"activation", "relu"}})
      .node("SpatialPyramidPool", {"joined"}, {}, {"pool5", "pool9", "pool13"})
      .node("Pointwise", {"joined", "pool5", "pool9", "pool13"}, {sample.convolution({8, 32})},
            {"deep"}, {{"upsample", Ints{1, 1, 1, 1}}, {"activation", "relu"}})
      .node("Pointwise", {"deep", "stem"}, {sample.convolution({8, 16})}, {"fine"},
            {{"upsample", Ints{2, 1}}, {"activation", "relu"}})
      .node("Predictor", {"fine", "deep"}, {sample.convolution({7, 8}), sample.convolution({7, 8})},
            {"boxes", "people", "animals"},
            {{"levels", 2}, {"outputs", Ints{4, 1, 2}}, {"sigmoid", Ints{0, 1, 1}}});
  return sample.onnx.file();
}

// Trunk and pooled classifiers, like the object network.
std::string object(bool is_int8, std::int64_t size) {
  Sample sample(is_int8);
  sample.onnx.input("picture", DataType::kU8, {1, size, size, 3})
      .output("features", DataType::kF32, {1, 9})
      .output("logits", DataType::kF32, {1, 5});
  sample.inner("stem", {1, size / 2, size / 2, 4}).inner("block", {1, size / 4, size / 4, 9});
  sample
      .node("Stem", {"picture"}, {sample.convolution({4, 3, 3, 3})}, {"stem"},
            {{"pads", Ints{0, 0, 1, 1}}, {"pad_value", 127}, {"activation", "relu"}})
      .node("Block", {"stem"}, {sample.convolution({4, 5, 5}), sample.convolution({9, 4})},
            {"block"},
            {{"expand", 0},
             {"stride", 2},
             {"pads", Ints{1, 1, 2, 2}},
             {"depthwise_activation", "relu"},
             {"activation", "relu"}})
      .node("PooledHead", {"block"}, {sample.convolution({5, 9})}, {"features", "logits"},
            {{"feature_multiplier", 0.01F}, {"pooled_multiplier", 50.F}});
  return sample.onnx.file();
}

}  // namespace

std::string two_headed_network(bool is_int8, const Shape& declared) {
  Sample sample(is_int8);
  sample.onnx.input("picture", DataType::kU8, {1, 16, 16, 3})
      .output("left", DataType::kF32, {1, 2})
      .output("right", DataType::kF32, {1, 5})
      .output("own", DataType::kF32, {1, 3});
  sample.inner("stem", declared).inner("layer", {1, 8, 8, 6});
  sample
      .node("Stem", {"picture"}, {sample.convolution({4, 3, 3, 3})}, {"stem"},
            {{"pads", Ints{0, 0, 1, 1}}, {"activation", "relu"}})
      .node("PooledHead", {"stem"}, {sample.convolution({2, 4})}, {"", "left"},
            {{"feature_multiplier", 0.01F}, {"pooled_multiplier", 50.F}})
      .node("Pointwise", {"stem"}, {sample.convolution({6, 4})}, {"layer"},
            {{"activation", "relu"}})
      .node("PooledHead", {"layer"}, {sample.convolution({5, 6})}, {"", "right"},
            {{"feature_multiplier", 0.01F}, {"pooled_multiplier", 50.F}})
      .node("PooledHead", {"stem"}, {sample.convolution({3, 4})}, {"", "own"},
            {{"feature_multiplier", 0.01F}, {"pooled_multiplier", 50.F}});
  return sample.onnx.file();
}

std::vector<SampleNetwork> sample_networks(std::int64_t size) {
  return {{"scene_fp32", scene(false, size)},
          {"scene_int8", scene(true, size)},
          {"object_fp32", object(false, size)},
          {"object_int8", object(true, size)}};
}

}  // namespace camclassify::test
