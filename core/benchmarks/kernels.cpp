// Every kernel at shapes of the default bundle's networks, and of a YOLOX's, against what this
// machine's arithmetic units can do at most, measured in the same run. One thread.
//
//   build/core/benchmarks/kernels
//
// Times are processor time, the shortest of many rounds: other programs disturb them little.

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "camclassify/instruction_set.hpp"
#include "kernels/vector.hpp"
#include "ops/constants.hpp"
#include "ops/node.hpp"
#include "ops/op_table.hpp"

namespace camclassify {
namespace {

using testing::add_convolution;
using testing::Node;
using testing::Random;
using testing::Tensor;

class OneThread final : public Parallel {
 public:
  int threads() const override { return 1; }
  void run(int count, Task task) override {
    for (int i = 0; i < count; ++i) task(i, 0);
  }
};

double processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

template <class Function>
double shortest_seconds(int rounds, const Function& function) {
  double shortest = 1e9;
  for (int i = 0; i < rounds; ++i) {
    const double start = processor_seconds();
    function();
    shortest = std::min(shortest, processor_seconds() - start);
  }
  return shortest;
}

constexpr int kChains = 12;  // enough independent sums to hide the latency
constexpr int kSteps = 20'000;

// Multiply-adds a second with everything in registers.
double peak_f32() {
  volatile float sink = 0.5F;
  const double seconds = shortest_seconds(200, [&] {
    const VF a = hn::Set(DF(), sink);
    VF acc[kChains];
    unroll<kChains>([&](auto i) CAMCLASSIFY_ALWAYS_INLINE { acc[i] = hn::Set(DF(), 0.1F * i); });
    for (int step = 0; step < kSteps; ++step) {
      unroll<kChains>([&](auto i) CAMCLASSIFY_ALWAYS_INLINE { acc[i] = hn::MulAdd(acc[i], a, a); });
    }
    VF sum = a;
    unroll<kChains>([&](auto i) CAMCLASSIFY_ALWAYS_INLINE { sum = hn::Add(sum, acc[i]); });
    sink = std::min(hn::ReduceSum(DF(), sum), 0.5F);
  });
  return static_cast<double>(kChains) * kSteps * kLanes / seconds;
}

HWY_NOINLINE int chains_of_dot_products(int quad) {
  alignas(64) std::byte weights[kQuadWeightBytes] = {};
  const auto a = broadcast_quads(quad);
  const auto w = load_quad_weights(weights);
  const auto limited = hn::BitCast(hn::RebindToSigned<D8>(), hn::Set(DI(), quad));
  VI acc[kChains];
  unroll<kChains>([&](auto i) CAMCLASSIFY_ALWAYS_INLINE { acc[i] = hn::Set(DI(), i); });
  for (int step = 0; step < kSteps; ++step) {
    unroll<kChains>([&](auto i) CAMCLASSIFY_ALWAYS_INLINE {
      if constexpr (kMultipliesPairs) {
        // Multiplies the sum itself: the compiler would do a constant product only once.
        dot_limited_quads(acc[i], hn::BitCast(D8(), acc[i]), limited);
      } else {
        dot_quads(acc[i], a, w);
      }
    });
  }
  VI sum = hn::Zero(DI());
  unroll<kChains>([&](auto i) CAMCLASSIFY_ALWAYS_INLINE { sum = hn::Add(sum, acc[i]); });
  return hn::ReduceSum(DI(), sum);
}

double peak_int8() {
  volatile int sink = 0x01020304;
  const double seconds = shortest_seconds(200, [&] { sink = chains_of_dot_products(sink); });
  return static_cast<double>(kChains) * kSteps * kLanes * 4 / seconds;
}

struct Layer {
  std::string op;
  int size;     // height and width of the input
  int in, out;  // channels
  int kernel = 1, stride = 1;
  int expanded = 0;  // channels inside a Block
};

// Weights as the quantiser rounds them: no two neighbours add up to more than 128.
void limit_weights(Node& node) {
  for (Tensor& constant : node.constants) {
    if (constant.type() == DataType::kS8) testing::limit_pairs(constant);
  }
}

// In fp32, or in int8 with i16 where a depthwise convolution reads.
Node make_node(const Layer& layer, bool int8) {
  Random random(1);
  Node node;
  node.op = layer.op;
  const std::string activation = int8 ? "table" : "silu";
  const DataType narrow = int8 ? DataType::kU8 : DataType::kF32;
  const DataType wide = int8 ? DataType::kI16 : DataType::kF32;
  const bool stem = layer.op == "Stem";
  const DataType src = layer.op == "Depthwise" ? wide : narrow;
  node.activations.push_back(testing::random_tensor(random, stem ? DataType::kU8 : src,
                                                    {1, layer.size, layer.size, layer.in}));
  node.outputs = {stem ? wide : narrow};
  node.text_attributes["activation"] = activation;
  node.integer_attributes["stride"] = layer.stride;
  const int pad = layer.kernel / 2;
  const int before = stem ? pad - 1 : pad;
  node.list_attributes["pads"] = {before, before, before, before};
  if (layer.op == "Pointwise") {
    add_convolution(random, node, src, {layer.out, layer.in}, node.outputs, activation);
  } else if (layer.op == "Convolution") {
    add_convolution(random, node, src, {layer.out, layer.in, layer.kernel, layer.kernel},
                    node.outputs, activation);
  } else if (stem) {
    add_convolution(random, node, src, {layer.out, 3, layer.kernel, layer.kernel}, node.outputs,
                    activation);
  } else if (layer.op == "Depthwise") {
    add_convolution(random, node, src, {layer.in, layer.kernel, layer.kernel}, node.outputs,
                    activation);
  } else {
    const char* inner = int8 ? "none" : "relu6";
    node.text_attributes["expand_activation"] = node.text_attributes["depthwise_activation"] =
        inner;
    node.text_attributes["activation"] = "none";
    add_convolution(random, node, narrow, {layer.expanded, layer.in}, {narrow}, inner);
    add_convolution(random, node, narrow, {layer.expanded, layer.kernel, layer.kernel}, {narrow},
                    inner);
    add_convolution(random, node, narrow, {layer.out, layer.expanded}, node.outputs, "none");
  }
  limit_weights(node);
  return node;
}

double multiply_adds(const Layer& layer) {
  const double in = static_cast<double>(layer.size) * layer.size;
  const double out = in / (layer.stride * layer.stride);
  const double area = layer.kernel * layer.kernel;
  if (layer.op == "Depthwise") return out * layer.in * area;
  if (layer.op == "Block") {
    return layer.expanded * (in * layer.in + out * area + out * layer.out);
  }
  return out * layer.in * layer.out * area;
}

double seconds_of(const Node& node) {
  const std::unique_ptr<Op> op = make_op(node);
  std::vector<Shape> shapes;
  std::vector<TensorView> inputs, outputs;
  for (std::size_t i = 0; i < node.input_count(); ++i) {
    shapes.push_back(node.input(i).shape());
    inputs.push_back(node.input(i).view());
  }
  const std::vector<Shape> inferred = op->infer(shapes);
  std::vector<Tensor> results;
  results.emplace_back(node.outputs[0], inferred[0]);
  outputs.push_back(results[0].view());
  std::vector<std::byte> memory(op->scratch_bytes(shapes, 1) + 64);
  void* aligned = memory.data();
  std::size_t space = memory.size();
  std::align(64, memory.size() - 64, aligned, space);
  OneThread parallel;
  return shortest_seconds(60, [&] {
    op->run(inputs, outputs, {static_cast<std::byte*>(aligned), memory.size() - 64}, parallel);
  });
}

void measure() {
  const double peak[] = {peak_f32(), peak_int8()};
  std::printf("%s; peak %.0f GMAC/s fp32, %.0f GMAC/s int8\n",
              std::string(instruction_set()).c_str(), peak[0] / 1e9, peak[1] / 1e9);
  std::printf("%-44s %10s %8s %6s %10s %8s %6s\n", "", "fp32 us", "GMAC/s", "peak", "int8 us",
              "GMAC/s", "peak");
  const Layer layers[] = {
      {"Stem", 416, 3, 16, 6, 2},       {"Depthwise", 208, 16, 16, 3, 2},
      {"Depthwise", 104, 16, 16, 3, 1}, {"Depthwise", 52, 64, 64, 3, 1},
      {"Depthwise", 26, 64, 64, 3, 1},  {"Depthwise", 7, 1152, 1152, 5, 1},
      {"Pointwise", 104, 16, 32},       {"Pointwise", 104, 32, 32},
      {"Pointwise", 52, 64, 64},        {"Pointwise", 26, 128, 64},
      {"Pointwise", 13, 256, 256},      {"Pointwise", 7, 192, 1152},
      {"Block", 112, 16, 24, 3, 2, 96}, {"Block", 56, 24, 24, 3, 1, 144},
      {"Block", 28, 40, 40, 5, 1, 240}, {"Block", 14, 112, 112, 5, 1, 672},
      {"Convolution", 104, 24, 24, 3},  {"Convolution", 80, 128, 128, 3},
      {"Convolution", 20, 256, 256, 3},
  };
  for (const Layer& layer : layers) {
    std::string name = layer.op + " " + std::to_string(layer.size) + "x" +
                       std::to_string(layer.size) + "x" + std::to_string(layer.in);
    if (layer.expanded > 0) name += " -> " + std::to_string(layer.expanded);
    if (layer.kernel > 1) {
      name += ", " + std::to_string(layer.kernel) + "x" + std::to_string(layer.kernel) + " / " +
              std::to_string(layer.stride);
    }
    name += " -> " + std::to_string(layer.out);
    std::printf("%-44s", name.c_str());
    for (const bool int8 : {false, true}) {
      const double seconds = seconds_of(make_node(layer, int8));
      const double rate = multiply_adds(layer) / seconds;
      std::printf(" %10.1f %8.1f %5.0f%%", seconds * 1e6, rate / 1e9, 100 * rate / peak[int8]);
    }
    std::printf("\n");
    std::fflush(stdout);
  }
}

}  // namespace
}  // namespace camclassify

int main() { camclassify::measure(); }
