#include "ops/op.hpp"

#include <algorithm>
#include <string>

#include "camclassify/error.hpp"

namespace camclassify {

std::vector<Shape> Op::infer(std::span<const Shape> inputs) const {
  std::vector<Shape> shapes = infer_shapes(inputs);
  if (!std::ranges::all_of(shapes, is_sound)) {
    throw BundleError("An op of the network would make a tensor of more than " +
                      std::to_string(kMostElements) + " elements.");
  }
  return shapes;
}

std::size_t Op::scratch_bytes(std::span<const Shape> inputs, int threads) const {
  const std::size_t bytes = needed_scratch(inputs, threads).value();
  if (bytes > kMostBufferBytes) {
    throw BundleError("An op of the network needs more than " +
                      std::to_string(kMostBufferBytes >> 20) + " MB of memory while it runs.");
  }
  return bytes;
}

OpWork Op::work(std::span<const Shape> inputs, int threads) const {
  infer(inputs);
  return count(inputs, threads);
}

void Op::run(std::span<const TensorView> inputs, std::span<const TensorView> outputs,
             std::span<std::byte> scratch, Parallel& parallel) const {
  const auto is_wanted = [](const TensorView& output) { return output.data != nullptr; };
  if (std::ranges::any_of(outputs, is_wanted)) compute(inputs, outputs, scratch, parallel);
}

}  // namespace camclassify
