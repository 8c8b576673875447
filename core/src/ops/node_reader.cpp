#include "ops/node_reader.hpp"

#include <array>
#include <cmath>
#include <utility>

namespace camclassify {
namespace {

constexpr std::array<std::pair<std::string_view, Activation>, 7> kActivations = {{
    {"none", Activation::kNone},
    {"relu", Activation::kRelu},
    {"relu6", Activation::kRelu6},
    {"silu", Activation::kSilu},
    {"hard_swish", Activation::kHardSwish},
    {"sigmoid", Activation::kSigmoid},
    {"table", Activation::kTable},
}};

Activation read_activation(const NodeInfo& node, std::string_view key, bool int8,
                           const std::vector<DataType>& outputs) {
  const std::string text = node.text(key, "none");
  for (const auto& [name, activation] : kActivations) {
    if (name != text) continue;
    bool allowed = int8 ? activation == Activation::kNone || activation == Activation::kRelu ||
                              activation == Activation::kTable || activation == Activation::kSigmoid
                        : activation != Activation::kTable;
    for (const DataType output : outputs) {
      if (int8 && activation == Activation::kTable) allowed &= output != DataType::kF32;
      if (int8 && activation == Activation::kSigmoid) allowed &= output == DataType::kF32;
    }
    if (allowed) return activation;
  }
  fail(node, std::string(key) + " '" + text + "' is not one that this op knows for its types");
}

// No sum may leave i32, no scaled sum the range that is rounded to i32.
void check_range(const NodeInfo& node, const Convolution& c, DataType src) {
  const double largest = src == DataType::kU8 ? 255 : 32768;
  const auto weights = c.weights.as<const std::int8_t>();
  const auto bias = c.bias.as<const std::int32_t>();
  const auto multiplier = c.multiplier.as<const float>();
  const std::size_t depth = static_cast<std::size_t>(c.depth());
  for (std::size_t o = 0; o < bias.size(); ++o) {
    double sum = std::abs(static_cast<double>(bias[o]));
    for (std::size_t i = 0; i < depth; ++i) sum += largest * std::abs(weights[o * depth + i]);
    if (!(multiplier[o] > 0) || !(sum < 2147483647.0) || !(sum * multiplier[o] < 1073741824.0)) {
      fail(node, "output channel " + std::to_string(o) +
                     " can overflow: its weights, bias or multiplier are too large, or the "
                     "multiplier is not positive");
    }
  }
}

void check_curve(const NodeInfo& node, std::span<const std::int16_t> table) {
  const int limit = table[128], shift = table[129], factor = table[130];
  bool good = limit >= 0 && shift >= 0 && shift < 15 && factor >= 0 && (limit << shift) <= 32767;
  for (std::size_t i = 0; i < 64; ++i) {
    good &= std::abs(table[i]) + std::abs(table[64 + i]) < 32767;
  }
  if (!good) fail(node, "its i16 table does not obey the limits of docs/ops.md");
}

}  // namespace

void fail(const NodeInfo& node, const std::string& problem) {
  throw BundleError("The network's " + std::string(node.type()) + " node '" +
                    std::string(node.name()) + "' cannot be used: " + problem + ".");
}

TensorView ConstantReader::constant(DataType type, const Shape& shape, std::string_view what) {
  std::optional<TensorView> view;
  if (position_ < node_.input_count()) view = node_.constant(position_);
  if (!view) {
    fail(node_,
         "input " + std::to_string(position_) + " must be a constant, its " + std::string(what));
  }
  ++position_;
  if (view->type != type || (!shape.empty() && view->shape != shape)) {
    fail(node_, "its " + std::string(what) + " (input " + std::to_string(position_ - 1) +
                    ") have the wrong type or shape");
  }
  return *view;
}

Convolution ConstantReader::next(DataType src, std::size_t rank,
                                 const std::vector<DataType>& outputs,
                                 std::string_view activation) {
  Convolution c;
  if (position_ >= node_.input_count()) fail(node_, "the weights of a convolution are missing");
  c.int8 = node_.input_type(position_) == DataType::kS8;
  c.weights = constant(c.int8 ? DataType::kS8 : DataType::kF32, {}, "weights");
  if (c.weights.shape.size() != rank)
    fail(node_, "its weights have the wrong number of dimensions");
  for (const std::int64_t extent : c.weights.shape) {
    if (extent <= 0 || extent > 1 << 16) fail(node_, "its weights have an extent out of range");
  }
  if (!is_sound(c.weights.shape)) fail(node_, "its weights are too large");
  const Shape vector = {c.weights.shape[0]};
  c.bias = constant(c.int8 ? DataType::kI32 : DataType::kF32, vector, "bias");
  if (c.int8) c.multiplier = constant(DataType::kF32, vector, "multiplier");
  c.activation = read_activation(node_, activation, c.int8, outputs);
  for (const DataType output : outputs) {
    if (!c.int8 && output != DataType::kF32) fail(node_, "fp32 weights need an f32 output");
    if (c.activation != Activation::kTable) continue;
    c.tables.push_back(output == DataType::kU8 ? constant(DataType::kU8, {256}, "table")
                                               : constant(DataType::kI16, {131}, "table"));
    if (output == DataType::kI16) check_curve(node_, c.tables.back().as<const std::int16_t>());
  }
  if (c.int8) check_range(node_, c, src);
  return c;
}

void ConstantReader::finish() const {
  if (position_ != node_.input_count()) {
    fail(node_, "it has " + std::to_string(node_.input_count()) + " inputs and uses " +
                    std::to_string(position_));
  }
}

Window read_window(const NodeInfo& node, int kernel, int default_stride, DataType src) {
  return read_window(node, kernel, kernel, default_stride, 2, src);
}

Window read_window(const NodeInfo& node, int kernel, int kernel_width, int default_stride,
                   int largest_stride, DataType src) {
  Window w;
  w.kernel = kernel;
  w.kernel_width = kernel_width;
  const std::int64_t stride = node.integer("stride", default_stride);
  if (stride < 1 || stride > largest_stride) {
    fail(node, "stride must be between 1 and " + std::to_string(largest_stride));
  }
  w.stride = static_cast<int>(stride);
  std::vector<std::int64_t> pads = node.integers("pads");
  if (pads.empty()) pads = {0, 0, 0, 0};
  if (pads.size() != 4) fail(node, "pads must be four numbers");
  for (std::size_t i = 0; i < pads.size(); ++i) {
    if (pads[i] < 0 || pads[i] >= (i % 2 == 0 ? kernel : kernel_width)) {
      fail(node, "pads must be smaller than the kernel");
    }
  }
  w.top = static_cast<int>(pads[0]);
  w.left = static_cast<int>(pads[1]);
  w.bottom = static_cast<int>(pads[2]);
  w.right = static_cast<int>(pads[3]);
  const std::int64_t value = node.integer("pad_value", 0);
  const std::int64_t low = src == DataType::kI16 ? -32768 : 0;
  const std::int64_t high = src == DataType::kU8 ? 255 : src == DataType::kI16 ? 32767 : 0;
  if (value < low || value > high) fail(node, "pad_value is not a value of what it pads");
  w.pad_value = static_cast<int>(value);
  return w;
}

std::vector<int> read_channels(const NodeInfo& node, std::string_view key, std::size_t count,
                               int all) {
  std::vector<std::int64_t> channels = node.integers(key);
  if (channels.empty()) channels = {all};
  std::vector<int> result;
  int rest = all;
  for (const std::int64_t each : channels) {
    if (each < 1 || each > rest) break;
    result.push_back(static_cast<int>(each));
    rest -= static_cast<int>(each);
  }
  if (result.size() != channels.size() || result.size() != count || rest != 0) {
    fail(node, std::string(key) + " does not go with its weights, inputs and outputs");
  }
  return result;
}

Epilogue read_residual(const NodeInfo& node, DataType type) {
  Epilogue e;
  const std::string text = node.text("residual", "none");
  if (text == "none") return e;
  if (text != "before" && text != "after") fail(node, "residual must be none, before or after");
  if (type == DataType::kI16) fail(node, "an i16 output cannot have a residual");
  e.residual = text == "before" ? Residual::kBeforeActivation : Residual::kAfterActivation;
  e.residual_multiplier = node.real("residual_multiplier", 1);
  e.activation_multiplier = node.real("activation_multiplier", 1);
  e.residual_offset = node.real("residual_offset", 0);
  for (const float factor : {e.residual_multiplier, e.activation_multiplier, e.residual_offset}) {
    if (!(std::abs(factor) < 1048576.0F)) fail(node, "a residual's multiplier is out of range");
  }
  return e;
}

void set_residual(Epilogue& epilogue, const Epilogue& residual) {
  epilogue.residual = residual.residual;
  epilogue.residual_multiplier = residual.residual_multiplier;
  epilogue.activation_multiplier = residual.activation_multiplier;
  epilogue.residual_offset = residual.residual_offset;
}

DataType read_inner_type(const NodeInfo& node, std::string_view key) {
  const std::string text = node.text(key, "u8");
  if (text == "u8") return DataType::kU8;
  if (text == "i16") return DataType::kI16;
  fail(node, std::string(key) + " must be u8 or i16");
}

Extent extent_of(std::span<const std::int64_t> shape) {
  if (shape.size() != 4) throw BundleError("An activation must have four dimensions, NHWC.");
  for (const std::int64_t extent : shape) {
    if (extent <= 0 || extent > 1 << 16) {
      throw BundleError("An activation's extent must be between 1 and 65536.");
    }
  }
  if (!is_sound(shape)) {
    throw BundleError("An activation has more than " + std::to_string(kMostElements) +
                      " elements.");
  }
  return {static_cast<int>(shape[0]), static_cast<int>(shape[1]), static_cast<int>(shape[2]),
          static_cast<int>(shape[3])};
}

}  // namespace camclassify
