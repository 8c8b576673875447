#pragma once

#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "camclassify/error.hpp"
#include "input.hpp"
#include "ops/op.hpp"

namespace camclassify::fuzz {

struct Constant {
  DataType type;
  Shape shape;
  std::vector<std::byte> bytes;
};

// A node with constants after its activations.
struct Node final : NodeInfo {
  std::string op;
  std::vector<DataType> activations, outputs;
  std::vector<Constant> constants;
  std::uint32_t absent = 0;  // outputs, by bit
  std::map<std::string, std::int64_t, std::less<>> integer_attributes;
  std::map<std::string, float, std::less<>> real_attributes;
  std::map<std::string, std::vector<std::int64_t>, std::less<>> list_attributes;
  std::map<std::string, std::string, std::less<>> text_attributes;

  std::string_view type() const override { return op; }
  std::string_view name() const override { return "fuzzed"; }
  std::size_t input_count() const override { return activations.size() + constants.size(); }
  std::size_t output_count() const override { return outputs.size(); }
  DataType input_type(std::size_t i) const override {
    if (i < activations.size()) return activations[i];
    if (i >= input_count()) throw BundleError("There is no such input.");
    return constants[i - activations.size()].type;
  }
  DataType output_type(std::size_t i) const override {
    if (i >= outputs.size()) throw BundleError("There is no such output.");
    return has_output(i) ? outputs[i] : DataType::kF32;
  }
  bool has_output(std::size_t i) const override { return i >= 32 || (absent >> i & 1) == 0; }
  std::optional<TensorView> constant(std::size_t i) const override {
    if (i < activations.size()) return std::nullopt;
    const Constant& c = constants.at(i - activations.size());
    return TensorView{c.type, c.shape, const_cast<std::byte*>(c.bytes.data())};
  }
  std::int64_t integer(std::string_view key, std::int64_t absent_value) const override {
    return find(integer_attributes, key, absent_value);
  }
  float real(std::string_view key, float absent_value) const override {
    return find(real_attributes, key, absent_value);
  }
  std::vector<std::int64_t> integers(std::string_view key) const override {
    return find(list_attributes, key, std::vector<std::int64_t>());
  }
  std::string text(std::string_view key, std::string_view absent_value) const override {
    return find(text_attributes, key, std::string(absent_value));
  }

 private:
  template <class T>
  static T find(const std::map<std::string, T, std::less<>>& map, std::string_view key,
                T absent_value) {
    const auto found = map.find(key);
    return found == map.end() ? absent_value : found->second;
  }
};

// Makes nodes that fit, but for a number or two of the Input, and now and then something else.
class NodeMaker {
 public:
  explicit NodeMaker(Input& input) : input_(input), int8_(input.one_in(2)), read_(DataType::kF32) {
    if (int8_) read_ = input.one_in(3) ? DataType::kI16 : DataType::kU8;
  }

  // The node, and afterwards in shapes() what its activations are.
  Node make() {
    static constexpr std::array kMakers = {
        &NodeMaker::stem,   &NodeMaker::pointwise, &NodeMaker::depthwise, &NodeMaker::convolve,
        &NodeMaker::block,  &NodeMaker::pool,      &NodeMaker::pyramid,   &NodeMaker::predictor,
        &NodeMaker::pooled, &NodeMaker::any_shape};
    (this->*input_.choice(kMakers))();
    if (odd()) node_.op = input_.choice(std::to_array<std::string>({"", "Block", "Stem"}));
    if (odd() && !node_.constants.empty()) node_.constants.pop_back();
    if (odd() && !node_.outputs.empty()) node_.outputs.pop_back();
    if (odd()) node_.outputs.push_back(any_type());
    if (odd() && !shapes_.empty()) shapes_[0].resize(input_.index(6), 1);
    return std::move(node_);
  }

  const std::vector<Shape>& shapes() const { return shapes_; }

 private:
  bool odd() { return input_.one_in(100); }

  DataType any_type() {
    return input_.choice(std::to_array({DataType::kU8, DataType::kI16, DataType::kF32,
                                        DataType::kS8, DataType::kI32, DataType::kI64}));
  }
  DataType output_type(bool f32_too = true) {
    if (odd()) return any_type();
    if (!int8_) return DataType::kF32;
    if (f32_too && input_.one_in(3)) return DataType::kF32;
    return input_.one_in(2) ? DataType::kI16 : DataType::kU8;
  }

  int channels() {
    if (!input_.one_in(12)) return input_.from(1, 40);
    return input_.choice(std::to_array({255, 256, 257, 4095, 4096, 4096, 4097, 65536}));
  }
  // Few enough weights to make quickly, however many channels the other side has.
  int fitting(int other) { return other > 512 ? input_.from(1, 2) : input_.from(1, 40); }

  std::int64_t extent() { return input_.number(input_.one_in(10) ? 65536 : input_.from(1, 12)); }
  Shape shape(std::int64_t channels) {
    return {input_.number(input_.one_in(5) ? 2 : 1), extent(), extent(), input_.number(channels)};
  }
  void activation(Shape shape) {
    node_.activations.push_back(odd() ? any_type() : read_);
    shapes_.push_back(std::move(shape));
  }

  void integer(const std::string& key, std::int64_t likely) {
    node_.integer_attributes[key] = input_.number(likely);
  }
  void list(const std::string& key, std::vector<std::int64_t> values) {
    if (odd()) values.resize(input_.index(8), 1);
    node_.list_attributes[key] = std::move(values);
  }
  void activation_function(const std::string& key) {
    static constexpr auto kFp32 =
        std::to_array<const char*>({"none", "relu", "relu6", "silu", "hard_swish", "sigmoid"});
    static constexpr auto kInt8 = std::to_array<const char*>({"none", "relu", "table", "sigmoid"});
    if (input_.one_in(3)) return;
    node_.text_attributes[key] = int8_ != odd() ? input_.choice(kInt8) : input_.choice(kFp32);
  }
  void residual() {
    node_.text_attributes["residual"] = input_.one_in(2) ? "before" : "after";
    for (const char* key : {"residual_multiplier", "activation_multiplier", "residual_offset"})
      if (input_.one_in(2)) node_.real_attributes[key] = input_.fraction();
  }
  void window(std::int64_t kernel, int largest_stride = 2) {
    integer("stride", input_.from(1, largest_stride));
    if (int8_) integer("pad_value", input_.from(0, 255));
    if (!input_.one_in(2)) return;
    std::vector<std::int64_t> pads(4);
    for (auto& pad : pads) pad = input_.number(input_.from(0, static_cast<int>(kernel) - 1));
    list("pads", pads);
  }

  // A few elements that differ, repeated, so that a huge constant needs few of the fuzzer's bytes.
  void constant(DataType type, Shape shape, float scale = 1) {
    constexpr std::size_t kDifferent = 61;
    if (odd()) shape.push_back(1);
    if (odd()) type = any_type();
    const std::size_t bytes = static_cast<std::size_t>(element_count(shape)) * size_of(type);
    const std::size_t pattern = std::min(bytes, kDifferent * size_of(type));
    Constant c{type, std::move(shape), std::vector<std::byte>(bytes)};
    std::uint32_t state = input_.seed();
    const bool any = input_.one_in(20);
    for (std::size_t at = 0; at < pattern; at += size_of(type)) {
      state = state * 1664525 + 1013904223;
      if (type == DataType::kF32) {
        const float value = any && state % 7 == 3
                                ? input_.fraction()
                                : scale * static_cast<float>(state >> 8) / (1 << 24);
        std::memcpy(&c.bytes[at], &value, sizeof(value));
      } else {
        const int shift = type == DataType::kI32 && !any ? 14 : 7;
        const std::int64_t value = static_cast<std::int32_t>(state) >> shift;
        std::memcpy(&c.bytes[at], &value, size_of(type));
      }
    }
    for (std::size_t at = pattern; at < bytes; at += pattern)
      std::memcpy(&c.bytes[at], c.bytes.data(), std::min(pattern, bytes - at));
    node_.constants.push_back(std::move(c));
  }
  void curve() {
    constexpr std::size_t kEntries = 128, kAll = 131;
    constant(DataType::kI16, {kAll});
    auto& bytes = node_.constants.back().bytes;
    if (bytes.size() != kAll * 2) return;
    for (std::size_t i = 0; i < kEntries; ++i)  // small enough for two to be added
      bytes[2 * i + 1] = static_cast<std::byte>(std::to_integer<int>(bytes[2 * i + 1]) / 4);
    const std::array<std::int16_t, 3> last = {static_cast<std::int16_t>(input_.number(3000)),
                                              static_cast<std::int16_t>(input_.number(2)),
                                              static_cast<std::int16_t>(input_.number(25000))};
    std::memcpy(&bytes[2 * kEntries], last.data(), sizeof(last));
  }
  void convolution(const Shape& shape, const std::vector<DataType>& outputs,
                   const std::string& activation) {
    constant(int8_ ? DataType::kS8 : DataType::kF32, shape);
    constant(int8_ ? DataType::kI32 : DataType::kF32, {shape[0]});
    if (!int8_) return;
    constant(DataType::kF32, {shape[0]}, 0.01F);
    if (node_.text(activation, "none") != "table") return;
    for (const DataType output : outputs) {
      if ((output == DataType::kU8) != odd()) {
        constant(DataType::kU8, {256});
      } else {
        curve();
      }
    }
  }

  void stem() {
    node_.op = "Stem";
    activation(shape(3));
    if (!odd()) node_.activations[0] = DataType::kU8;
    node_.outputs = {output_type()};
    const int kernel = input_.from(1, 7);
    activation_function("activation");
    window(kernel);
    convolution(
        {channels(), odd() ? input_.from(1, 4) : 3, kernel, odd() ? input_.from(1, 7) : kernel},
        node_.outputs, "activation");
  }

  void pointwise() {
    node_.op = "Pointwise";
    const int out = channels(), each = fitting(out);
    const auto inputs = static_cast<std::size_t>(input_.from(1, 4));
    const std::int64_t depth = each * static_cast<std::int64_t>(inputs);
    std::vector<std::int64_t> depths(inputs, each), upsample(inputs, 1);
    if (input_.one_in(2)) depths = input_.parts(depth, inputs);
    const std::int64_t height = input_.from(1, 5), width = input_.from(1, 5);
    for (std::size_t i = 0; i < inputs; ++i) {
      const std::int64_t factor = input_.one_in(4) ? 2 : 1;
      upsample[i] = input_.number(factor);
      activation({1, input_.number(height * 2 / factor), input_.number(width * 2 / factor),
                  std::clamp<std::int64_t>(depths[i], 1, 1 << 16)});
    }
    list("upsample", upsample);
    if (input_.one_in(2) || depths.front() != each) list("inputs", depths);
    const auto outputs = static_cast<std::size_t>(input_.one_in(2) ? input_.from(2, 4) : 1);
    for (std::size_t i = 0; i < outputs; ++i) node_.outputs.push_back(output_type());
    if (outputs > 1 || input_.one_in(4)) list("outputs", input_.parts(out, outputs));
    if (outputs == 1 && input_.one_in(3)) {
      residual();
      if (int8_) node_.outputs = {DataType::kU8};
      node_.activations.push_back(node_.outputs[0]);
      shapes_.push_back({1, height * 2, width * 2, out});
    }
    activation_function("activation");
    convolution({out, depth}, node_.outputs, "activation");
  }

  void depthwise() {
    node_.op = "Depthwise";
    const int count = channels(), kernel = input_.one_in(2) ? 3 : odd() ? 4 : 5;
    activation(shape(count));
    node_.outputs = {output_type(false)};
    window(kernel);
    activation_function("activation");
    convolution({count, kernel, kernel}, node_.outputs, "activation");
  }

  void convolve() {
    node_.op = "Convolution";
    const bool is_3x3 = input_.one_in(2);  // which has a way of its own
    const int rows = is_3x3 ? 3 : input_.from(1, odd() ? 17 : 4);
    const int columns = is_3x3 ? 3 : input_.from(1, odd() ? 17 : 4);
    const int groups = input_.one_in(3) ? input_.from(2, 5) : 1;
    const int depth = groups > 1 ? input_.from(1, 9) : channels();
    const int outputs = fitting(depth) * groups;
    activation(shape(static_cast<std::int64_t>(depth) * groups));
    node_.outputs = {output_type()};
    if (groups > 1 || input_.one_in(4)) integer("groups", groups);
    window(std::min(rows, columns), 5);
    if (input_.one_in(4)) {
      residual();
      if (int8_) node_.outputs = {DataType::kU8};
      integer("stride", 1);
      activation({1, input_.from(1, 12), input_.from(1, 12), outputs});
    }
    activation_function("activation");
    convolution({outputs, depth, rows, columns}, node_.outputs, "activation");
  }

  void pool() {
    node_.op = "Pooling";
    activation(shape(channels()));
    node_.outputs = {odd() ? any_type() : node_.activations[0]};
    const int rows = input_.from(1, odd() ? 65 : 5), columns = input_.from(1, odd() ? 65 : 5);
    list("kernel", {rows, columns});
    window(std::min(rows, columns), 5);
    if (input_.one_in(2)) node_.text_attributes["kind"] = odd() ? "least" : "average";
    if (input_.one_in(2)) integer("count_pads", 1);
  }

  void block() {
    node_.op = "Block";
    const int inner = channels(), kernel = input_.one_in(2) ? 3 : 5;
    const bool expands = !input_.one_in(3), adds = input_.one_in(3);
    const int depth = expands ? fitting(inner) : inner;
    const int out = adds && inner <= 512 ? depth : fitting(inner);
    activation(shape(depth));
    node_.outputs = {adds ? node_.activations[0] : output_type()};
    integer("expand", expands ? 1 : 0);
    integer("rows", input_.from(0, 5));
    window(kernel);
    if (adds) {
      residual();
      integer("stride", 1);
    }
    std::vector<DataType> expanded = {DataType::kF32}, filtered = expanded;
    if (int8_) {
      for (auto& [type, key] :
           {std::pair<std::vector<DataType>&, const char*>{expanded, "expand_type"},
            {filtered, "depthwise_type"}}) {
        const bool wide = input_.one_in(2);
        type = {wide ? DataType::kI16 : DataType::kU8};
        node_.text_attributes[key] = wide ? "i16" : "u8";
      }
    }
    for (const char* key : {"expand_activation", "depthwise_activation", "activation"})
      activation_function(key);
    if (expands) convolution({inner, depth}, expanded, "expand_activation");
    convolution({inner, kernel, kernel}, filtered, "depthwise_activation");
    convolution({out, inner}, node_.outputs, "activation");
  }

  void pyramid() {
    node_.op = "SpatialPyramidPool";
    activation(shape(channels()));
    node_.outputs.assign(3, node_.activations[0]);
    if (odd()) node_.outputs[input_.index(3)] = any_type();
  }

  void predictor() {
    node_.op = "Predictor";
    const int levels = input_.from(1, 3);
    integer("levels", levels);
    std::vector<std::int64_t> columns;
    if (input_.one_in(8)) {
      // More outputs than any network has, all alike, so that few bytes make them.
      columns.assign(input_.choice(std::to_array<std::size_t>({16, 300, 32768, 65536})),
                     input_.choice(std::to_array<std::int64_t>({1, 65536})));
      columns.push_back(input_.from(1, 64));
    } else {
      columns.resize(static_cast<std::size_t>(input_.from(1, 4)));
      for (auto& count : columns) count = input_.number(input_.from(1, 20));
    }
    std::uint64_t sum = 0;
    for (const std::int64_t count : columns) sum += static_cast<std::uint64_t>(count);
    const std::int64_t rows = std::clamp<std::int64_t>(static_cast<std::int32_t>(sum), 1, 1 << 12);
    node_.outputs.assign(columns.size(), DataType::kF32);
    if (odd()) node_.outputs[0] = any_type();
    node_.list_attributes["sigmoid"].assign(columns.size(), input_.from(0, 1));
    node_.list_attributes["outputs"] = columns;
    const int depth = fitting(static_cast<int>(rows));
    for (int i = 0; i < levels; ++i) activation(shape(depth));
    for (int i = 0; i < levels; ++i) convolution({rows, depth}, {DataType::kF32}, "");
  }

  void pooled() {
    node_.op = "PooledHead";
    const int depth = channels();
    activation(shape(depth));
    if (int8_ && !odd()) node_.activations[0] = DataType::kU8;
    const auto classifiers = static_cast<std::size_t>(input_.from(0, 3));
    if (!odd()) node_.outputs.assign(classifiers + 1, DataType::kF32);
    if (input_.one_in(2)) node_.real_attributes["feature_multiplier"] = input_.fraction();
    if (input_.one_in(2)) node_.real_attributes["pooled_multiplier"] = input_.fraction() * 100;
    if (classifiers == 0) return;
    const int rows = fitting(depth);
    if (classifiers > 1 || input_.one_in(2)) list("outputs", input_.parts(rows, classifiers));
    convolution({rows, depth}, {DataType::kF32}, "");
  }

  void any_shape() {
    node_.op = input_.choice(
        std::to_array<std::string>({"Rearrange", "Concatenation", "Elementwise", "Softmax"}));
    Shape shape(static_cast<std::size_t>(input_.from(0, odd() ? 8 : 6)));
    for (auto& extent : shape) extent = input_.number(input_.from(1, 6));
    const int inputs = node_.op == "Concatenation" ? input_.from(1, 4) : input_.from(1, 2);
    read_ = DataType::kF32;
    for (int i = 0; i < inputs; ++i) {
      Shape own = shape;
      if (!own.empty() && input_.one_in(2)) own[input_.index(own.size())] = input_.from(1, 6);
      activation(std::move(own));
    }
    if (input_.one_in(4)) {
      node_.activations.pop_back();
      constant(DataType::kF32, shapes_.back());
      shapes_.pop_back();
    }
    node_.outputs = {odd() ? any_type() : DataType::kF32};
    integer("axis", input_.from(0, 5));
    node_.text_attributes["kind"] = input_.choice(
        std::to_array<const char*>({"add", "subtract", "multiply", "divide", "maximum", "minimum",
                                    "sigmoid", "exponential", "logarithm", "none"}));
    if (input_.one_in(2)) {
      std::vector<std::int64_t> order(shape.size());
      for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::int64_t>(i);
      if (!order.empty()) std::swap(order[input_.index(order.size())], order.back());
      list("order", order);
    }
    if (input_.one_in(2)) {
      std::vector<std::int64_t> starts, sizes, steps;
      for (const std::int64_t extent : shape) {
        starts.push_back(input_.number(0));
        sizes.push_back(input_.number(extent));
        steps.push_back(input_.number(1));
      }
      list("starts", starts);
      list("sizes", sizes);
      if (input_.one_in(2)) list("steps", steps);
    }
    if (input_.one_in(4)) list("shape", {input_.number(element_count(shape))});
  }

  Input& input_;
  bool int8_;
  DataType read_;  // by its activations
  Node node_;
  std::vector<Shape> shapes_;
};

}  // namespace camclassify::fuzz
