#include "ops/reference.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace camclassify::testing {
namespace {

// One convolution: its constants, taken from a node's, and its activation.
struct Stage {
  const Tensor* weights;
  const Tensor* bias;
  const Tensor* multiplier = nullptr;
  std::vector<const Tensor*> tables;
  std::string activation;

  bool int8() const { return weights->type() == DataType::kS8; }
  std::int64_t outputs() const { return weights->shape()[0]; }
};

struct Window {
  std::int64_t stride = 1;
  std::vector<std::int64_t> pads = {0, 0, 0, 0};
  double pad_value = 0;
  std::int64_t groups = 1;
};

struct Addend {  // a residual
  std::string when = "none";
  const Tensor* tensor = nullptr;
  float factor = 1, activation_factor = 1, offset = 0;

  double at(std::size_t i) const { return tensor != nullptr ? (*tensor)[i] : 0; }
};

Stage take_stage(const Node& node, std::size_t& position, const std::string& activation,
                 const std::vector<DataType>& outputs) {
  Stage stage{
      &node.constants.at(position), &node.constants.at(position + 1), nullptr, {}, activation};
  position += 2;
  if (stage.int8()) stage.multiplier = &node.constants.at(position++);
  if (activation == "table") {
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      stage.tables.push_back(&node.constants.at(position++));
    }
  }
  return stage;
}

Window read_window(const Node& node, std::int64_t stride) {
  Window window;
  window.stride = node.integer("stride", stride);
  if (const auto pads = node.integers("pads"); !pads.empty()) window.pads = pads;
  window.pad_value = static_cast<double>(node.integer("pad_value", 0));
  window.groups = node.integer("groups", 1);
  return window;
}

Addend read_addend(const Node& node, const Tensor* tensor) {
  return {node.text("residual", "none"), tensor, node.real("residual_multiplier", 1),
          node.real("activation_multiplier", 1), node.real("residual_offset", 0)};
}

double activate(const std::string& name, double x) {
  if (name == "none") return x;
  if (name == "relu") return std::max(x, 0.0);
  if (name == "relu6") return std::clamp(x, 0.0, 6.0);
  if (name == "silu") return x / (1 + std::exp(-x));
  if (name == "hard_swish") return x * std::clamp(x + 3, 0.0, 6.0) / 6;
  if (name == "sigmoid") return 1 / (1 + std::exp(-x));
  throw std::invalid_argument(name);
}

float exact_sigmoid(float t) {
  const float x = std::min(std::max(-t, -87.0F), 87.0F);
  const float n = std::nearbyint(x * 1.44269504F);
  float r = x - n * 0.693359375F;
  r = r - n * -2.12194440e-4F;
  float p = 1.9875691500e-4F;
  for (const float c :
       {1.3981999507e-3F, 8.3334519073e-3F, 4.1665795894e-2F, 1.6666665459e-1F, 5.0000001201e-1F}) {
    p = p * r + c;
  }
  float e = p * (r * r) + r;
  e = e + 1;
  e = std::ldexp(e, static_cast<int>(n));
  return 1 / (1 + e);
}

double saturate(DataType type, double value) {
  return type == DataType::kU8 ? std::clamp(value, 0.0, 255.0)
                               : std::clamp(value, -32768.0, 32767.0);
}

int mulhrs(int a, int b) { return (a * b + 0x4000) >> 15; }

double curve(const Tensor& table, int t) {
  const auto entry = [&](int i) { return static_cast<int>(table[static_cast<std::size_t>(i)]); };
  const int a = std::min({std::abs(t), 32767, entry(128)});
  const int u = mulhrs(a << entry(129), entry(130));
  const int i = u >> 9, f = u & 511;
  return saturate(DataType::kI16, std::max(t, 0) + entry(i) + mulhrs(entry(64 + i), f << 6));
}

double finish_int8(const Stage& s, std::size_t channel, std::size_t output, DataType type,
                   double sum, const Addend& r, std::size_t r_index) {
  float t = static_cast<float>(static_cast<std::int32_t>(sum)) *
            static_cast<float>((*s.multiplier)[channel]);
  if (r.when == "before") t = t + static_cast<float>(r.at(r_index)) * r.factor;
  if (type == DataType::kF32) {
    if (s.activation == "sigmoid") return exact_sigmoid(t);
    return s.activation == "relu" ? std::max(t, 0.0F) : t;
  }
  double value = saturate(type, std::nearbyint(t));
  if (s.activation == "relu") value = std::max(value, 0.0);
  if (s.activation == "table" && type == DataType::kU8) {
    value = (*s.tables[output])[static_cast<std::size_t>(value)];
  } else if (s.activation == "table") {
    value = curve(*s.tables[output], static_cast<int>(value));
  }
  if (r.when == "after") {
    const float a = static_cast<float>(value) * r.activation_factor;
    const float b = static_cast<float>(r.at(r_index)) * r.factor;
    const float added = a + b;
    value = saturate(type, std::nearbyint(added + r.offset));
  }
  return value;
}

double finish(const Stage& s, std::size_t channel, std::size_t output, DataType type, double sum,
              const Addend& r, std::size_t r_index) {
  if (s.int8()) return finish_int8(s, channel, output, type, sum, r, r_index);
  if (r.when == "before") sum += r.at(r_index);
  const double value = activate(s.activation, sum);
  return r.when == "after" ? value + r.at(r_index) : value;
}

// Output channels `first` .. of any convolution: weights [O, I, rows, columns], [O, I] or, with
// `depthwise`, [C, k, k].
Tensor convolve(const Tensor& x, const Stage& s, const Window& w, bool depthwise, DataType type,
                std::int64_t first, std::int64_t count, std::size_t output, const Addend& r) {
  const Shape& in = x.shape();
  const Shape& shape = s.weights->shape();
  const std::int64_t rows = shape.size() > 2 ? shape[shape.size() - 2] : 1;
  const std::int64_t columns = shape.size() > 2 ? shape.back() : 1;
  const std::int64_t depth = depthwise ? 1 : shape[1];
  const std::int64_t in_group = depthwise ? 1 : shape[0] / w.groups;  // outputs
  const std::int64_t height = (in[1] + w.pads[0] + w.pads[2] - rows) / w.stride + 1;
  const std::int64_t width = (in[2] + w.pads[1] + w.pads[3] - columns) / w.stride + 1;
  Tensor y(type, {in[0], height, width, count});
  std::size_t index = 0;
  for (std::int64_t n = 0; n < in[0]; ++n) {
    for (std::int64_t oy = 0; oy < height; ++oy) {
      for (std::int64_t ox = 0; ox < width; ++ox) {
        for (std::int64_t o = first; o < first + count; ++o, ++index) {
          double sum = (*s.bias)[static_cast<std::size_t>(o)];
          for (std::int64_t i = 0; i < depth; ++i) {
            for (std::int64_t ky = 0; ky < rows; ++ky) {
              for (std::int64_t kx = 0; kx < columns; ++kx) {
                const std::int64_t iy = oy * w.stride + ky - w.pads[0];
                const std::int64_t ix = ox * w.stride + kx - w.pads[1];
                const bool inside = iy >= 0 && iy < in[1] && ix >= 0 && ix < in[2];
                const std::int64_t channel = o / in_group * depth + i;
                const double value = inside
                                         ? x[static_cast<std::size_t>(
                                               ((n * in[1] + iy) * in[2] + ix) * in[3] + channel)]
                                         : w.pad_value;
                sum += value * (*s.weights)[static_cast<std::size_t>(
                                   ((o * depth + i) * rows + ky) * columns + kx)];
              }
            }
          }
          y.set(index, finish(s, static_cast<std::size_t>(o), output, type, sum, r, index));
        }
      }
    }
  }
  return y;
}

Tensor convolve(const Tensor& x, const Stage& s, const Window& w, bool depthwise, DataType type,
                const Addend& r = {}) {
  return convolve(x, s, w, depthwise, type, 0, s.outputs(), 0, r);
}

std::vector<Tensor> pointwise(const Node& node) {
  std::vector<std::int64_t> upsample = node.integers("upsample");
  if (upsample.empty()) upsample = {1};
  const Shape& first = node.activations[0].shape();
  const std::int64_t height = first[1] * upsample[0], width = first[2] * upsample[0];
  std::int64_t depth = 0;
  for (std::size_t i = 0; i < upsample.size(); ++i) depth += node.activations[i].shape()[3];
  Tensor x(node.activations[0].type(), {first[0], height, width, depth});
  std::size_t index = 0;
  for (std::int64_t n = 0; n < first[0]; ++n) {
    for (std::int64_t iy = 0; iy < height; ++iy) {
      for (std::int64_t ix = 0; ix < width; ++ix) {
        for (std::size_t i = 0; i < upsample.size(); ++i) {
          const Shape& in = node.activations[i].shape();
          for (std::int64_t c = 0; c < in[3]; ++c) {
            x.set(index++,
                  node.activations[i][static_cast<std::size_t>(
                      ((n * in[1] + iy / upsample[i]) * in[2] + ix / upsample[i]) * in[3] + c)]);
          }
        }
      }
    }
  }
  std::size_t position = 0;
  const Stage stage = take_stage(node, position, node.text("activation", "none"), node.outputs);
  std::vector<std::int64_t> channels = node.integers("outputs");
  if (channels.empty()) channels = {stage.outputs()};
  std::vector<Tensor> results;
  std::int64_t row = 0;
  for (std::size_t i = 0; i < channels.size(); ++i) {
    results.push_back(convolve(x, stage, {}, false, node.outputs[i], row, channels[i], i,
                               read_addend(node, &node.activations.back())));
    row += channels[i];
  }
  return results;
}

std::vector<Tensor> block(const Node& node) {
  const bool int8 = node.constants[0].type() == DataType::kS8;
  const auto inner = [&](const char* key) {
    if (!int8) return DataType::kF32;
    return node.text(key, "u8") == "u8" ? DataType::kU8 : DataType::kI16;
  };
  Tensor x = node.activations[0];
  std::size_t position = 0;
  if (node.integer("expand", 1) != 0) {
    const Stage s = take_stage(node, position, node.text("expand_activation", "none"), {x.type()});
    x = convolve(x, s, {}, false, inner("expand_type"));
  }
  const Stage s = take_stage(node, position, node.text("depthwise_activation", "none"), {x.type()});
  x = convolve(x, s, read_window(node, 1), true, inner("depthwise_type"));
  const Stage project = take_stage(node, position, node.text("activation", "none"), node.outputs);
  return {
      convolve(x, project, {}, false, node.outputs[0], read_addend(node, node.activations.data()))};
}

std::vector<Tensor> pool(const Node& node) {
  const Tensor& x = node.activations[0];
  const Shape& in = x.shape();
  const std::vector<std::int64_t> kernel = node.integers("kernel");
  const Window w = read_window(node, 1);
  const bool averages = node.text("kind", "max") == "average";
  const bool counts_pads = node.integer("count_pads", 0) != 0;
  const std::int64_t height = (in[1] + w.pads[0] + w.pads[2] - kernel[0]) / w.stride + 1;
  const std::int64_t width = (in[2] + w.pads[1] + w.pads[3] - kernel[1]) / w.stride + 1;
  Tensor y(x.type(), {in[0], height, width, in[3]});
  std::size_t index = 0;
  for (std::int64_t n = 0; n < in[0]; ++n) {
    for (std::int64_t oy = 0; oy < height; ++oy) {
      for (std::int64_t ox = 0; ox < width; ++ox) {
        for (std::int64_t c = 0; c < in[3]; ++c) {
          double largest = -1e30, sum = 0;
          int count = 0;
          for (std::int64_t ky = 0; ky < kernel[0]; ++ky) {
            for (std::int64_t kx = 0; kx < kernel[1]; ++kx) {
              const std::int64_t iy = oy * w.stride + ky - w.pads[0];
              const std::int64_t ix = ox * w.stride + kx - w.pads[1];
              const bool inside = iy >= 0 && iy < in[1] && ix >= 0 && ix < in[2];
              if (!inside && !counts_pads) continue;
              const double value =
                  inside ? x[static_cast<std::size_t>(((n * in[1] + iy) * in[2] + ix) * in[3] + c)]
                         : w.pad_value;
              if (inside) largest = std::max(largest, value);
              sum += value;
              ++count;
            }
          }
          double value = largest;
          if (averages && x.type() == DataType::kF32) value = sum / count;
          if (averages && x.type() != DataType::kF32) {
            value = std::nearbyint(static_cast<float>(sum) * (1.0F / static_cast<float>(count)));
          }
          y.set(index++, value);
        }
      }
    }
  }
  return {y};
}

std::vector<Tensor> spatial_pyramid_pool(const Node& node) {
  const Tensor& x = node.activations[0];
  const Shape& in = x.shape();
  std::vector<Tensor> results;
  for (const std::int64_t reach : {2, 4, 6}) {
    Tensor y(x.type(), in);
    std::size_t index = 0;
    for (std::int64_t n = 0; n < in[0]; ++n) {
      for (std::int64_t oy = 0; oy < in[1]; ++oy) {
        for (std::int64_t ox = 0; ox < in[2]; ++ox) {
          for (std::int64_t c = 0; c < in[3]; ++c, ++index) {
            double largest = x[index];
            for (auto iy = std::max<std::int64_t>(0, oy - reach);
                 iy <= std::min(in[1] - 1, oy + reach); ++iy) {
              for (auto ix = std::max<std::int64_t>(0, ox - reach);
                   ix <= std::min(in[2] - 1, ox + reach); ++ix) {
                largest = std::max(
                    largest,
                    x[static_cast<std::size_t>(((n * in[1] + iy) * in[2] + ix) * in[3] + c)]);
              }
            }
            y.set(index, largest);
          }
        }
      }
    }
    results.push_back(std::move(y));
  }
  return results;
}

std::vector<Tensor> predictor(const Node& node) {
  const std::vector<std::int64_t> channels = node.integers("outputs");
  const std::vector<std::int64_t> sigmoid = node.integers("sigmoid");
  const std::int64_t batch = node.activations[0].shape()[0];
  std::vector<Tensor> results;
  std::int64_t row = 0;
  for (std::size_t o = 0; o < channels.size(); ++o) {
    std::vector<Tensor> levels;
    std::size_t position = 0;
    std::int64_t anchors = 0;
    for (const Tensor& x : node.activations) {
      const Stage s = take_stage(node, position, sigmoid[o] != 0 ? "sigmoid" : "none", {});
      levels.push_back(convolve(x, s, {}, false, DataType::kF32, row, channels[o], 0, {}));
      anchors += x.shape()[1] * x.shape()[2];
    }
    Tensor y(DataType::kF32, {batch, anchors, channels[o]});
    std::size_t index = 0;
    for (std::int64_t n = 0; n < batch; ++n) {
      for (const Tensor& level : levels) {
        const std::size_t image = level.size() / static_cast<std::size_t>(batch);
        for (std::size_t i = 0; i < image; ++i) {
          y.set(index++, level[static_cast<std::size_t>(n) * image + i]);
        }
      }
    }
    results.push_back(std::move(y));
    row += channels[o];
  }
  return results;
}

std::vector<Tensor> pooled_head(const Node& node) {
  const Tensor& x = node.activations[0];
  const Shape& in = x.shape();
  const bool int8 = x.type() == DataType::kU8;
  Tensor features(DataType::kF32, {in[0], in[3]});
  Tensor pooled(x.type(), {in[0], 1, 1, in[3]});
  const std::int64_t pixels = in[1] * in[2];
  for (std::int64_t n = 0; n < in[0]; ++n) {
    for (std::int64_t c = 0; c < in[3]; ++c) {
      double sum = 0;
      for (std::int64_t p = 0; p < pixels; ++p) {
        sum += x[static_cast<std::size_t>((n * pixels + p) * in[3] + c)];
      }
      const std::size_t i = static_cast<std::size_t>(n * in[3] + c);
      const float feature = int8 ? static_cast<float>(sum) * node.real("feature_multiplier", 1)
                                 : static_cast<float>(sum / static_cast<double>(pixels));
      features.set(i, feature);
      pooled.set(i, int8 ? saturate(DataType::kU8,
                                    std::nearbyint(feature * node.real("pooled_multiplier", 1)))
                         : feature);
    }
  }
  std::vector<Tensor> results = {features};
  if (node.constants.empty()) return results;
  std::size_t position = 0;
  const Stage s = take_stage(node, position, "none", {});
  std::vector<std::int64_t> rows = node.integers("outputs");
  if (rows.empty()) rows = {s.outputs()};
  std::int64_t first = 0;
  for (const std::int64_t count : rows) {
    const Tensor y = convolve(pooled, s, {}, false, DataType::kF32, first, count, 0, {});
    Tensor logits(DataType::kF32, {in[0], count});
    for (std::size_t i = 0; i < y.size(); ++i) logits.set(i, y[i]);
    results.push_back(logits);
    first += count;
  }
  return results;
}

}  // namespace

std::vector<Tensor> reference(const Node& node) {
  if (node.op == "Pointwise") return pointwise(node);
  if (node.op == "Block") return block(node);
  if (node.op == "Pooling") return pool(node);
  if (node.op == "SpatialPyramidPool") return spatial_pyramid_pool(node);
  if (node.op == "Predictor") return predictor(node);
  if (node.op == "PooledHead") return pooled_head(node);
  std::size_t position = 0;
  const bool depthwise = node.op == "Depthwise";
  const Stage s = take_stage(node, position, node.text("activation", "none"), node.outputs);
  const Window window = read_window(node, node.op == "Stem" ? 2 : 1);
  return {convolve(node.activations[0], s, window, depthwise, node.outputs[0],
                   read_addend(node, &node.activations.back()))};
}

}  // namespace camclassify::testing
