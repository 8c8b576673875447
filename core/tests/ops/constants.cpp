#include "ops/constants.hpp"

#include <algorithm>
#include <cmath>

namespace camclassify::testing {
namespace {

// Entries of any curve within the limits of docs/ops.md.
Tensor random_curve(Random& random) {
  Tensor table(DataType::kI16, {131});
  for (std::size_t i = 0; i < 128; ++i) table.set(i, uniform(random, -16000, 16000));
  const int shift = uniform(random, 0, 4);
  table.set(128, uniform(random, 1, 32767 >> shift));
  table.set(129, shift);
  table.set(130, uniform(random, 20000, 32767));
  return table;
}

}  // namespace

void limit_pairs(Tensor& weights, int most) {
  for (std::size_t i = 0; i < weights.size(); ++i) {
    weights.set(i, std::clamp<double>(weights[i], -most, most));
  }
}

void add_convolution(Random& random, Node& node, DataType src, const Shape& shape,
                     const std::vector<DataType>& outputs, const std::string& activation) {
  const std::int64_t depth = element_count(shape) / shape[0];
  if (src == DataType::kF32) {
    Tensor weights = random_tensor(random, DataType::kF32, shape);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      weights.set(i, weights[i] / std::sqrt(static_cast<double>(depth)));
    }
    node.constants.push_back(weights);
    node.constants.push_back(random_tensor(random, DataType::kF32, {shape[0]}));
    return;
  }
  Tensor weights = random_tensor(random, DataType::kS8, shape);
  // As the quantiser rounds them, in half the cases: a kernel of its own multiplies such weights,
  // and two steps at once where they are small enough: none, some, all.
  const int limits[] = {64, 45, 32};
  if (uniform(random, 0, 1) == 0) limit_pairs(weights, limits[uniform(random, 0, 2)]);
  node.constants.push_back(weights);
  Tensor bias(DataType::kI32, {shape[0]}), multiplier(DataType::kF32, {shape[0]});
  const double spread =
      (src == DataType::kU8 ? 255.0 : 20000.0) * 70 * std::sqrt(static_cast<double>(depth));
  const double range = outputs[0] == DataType::kU8 ? 100 : outputs[0] == DataType::kI16 ? 15000 : 3;
  for (std::size_t o = 0; o < bias.size(); ++o) {
    bias.set(o, std::floor(spread * uniform(random, -100, 200) / 100));
    multiplier.set(o, range / spread * uniform(random, 50, 150) / 100);
  }
  node.constants.push_back(bias);
  node.constants.push_back(multiplier);
  if (activation != "table") return;
  for (const DataType output : outputs) {
    node.constants.push_back(output == DataType::kU8 ? random_tensor(random, DataType::kU8, {256})
                                                     : random_curve(random));
  }
}

std::string random_activation(Random& random, DataType src, const std::vector<DataType>& outputs) {
  const char* fp32[] = {"none", "relu", "relu6", "silu", "hard_swish", "sigmoid"};
  if (src == DataType::kF32) return fp32[uniform(random, 0, 5)];
  bool any_f32 = false, all_f32 = true;
  for (const DataType output : outputs) {
    any_f32 |= output == DataType::kF32;
    all_f32 &= output == DataType::kF32;
  }
  const char* int8[] = {"none", "relu", "table"};
  if (all_f32 && uniform(random, 0, 1) == 0) return "sigmoid";
  return int8[uniform(random, 0, any_f32 ? 1 : 2)];
}

DataType random_output(Random& random, DataType src, bool f32_too) {
  if (src == DataType::kF32) return DataType::kF32;
  const DataType types[] = {DataType::kU8, DataType::kI16, DataType::kF32};
  return types[uniform(random, 0, f32_too ? 2 : 1)];
}

}  // namespace camclassify::testing
