// Foreign bytes as a network file: read, cut to an output, written again, planned for the direct
// runner and, while it is small, run.
#include <cstdint>
#include <cstdlib>

#include "camclassify/error.hpp"
#include "camclassify/network.hpp"
#include "onnx/graph.hpp"
#include "onnx/model.hpp"

namespace {

using namespace camclassify;

constexpr std::int64_t kSmall = 1 << 14;  // elements of an input or output

bool is_small(std::span<const TensorInfo> tensors) {
  std::int64_t elements = 0;
  for (const auto& info : tensors) elements += element_count(info.shape);
  return elements < kSmall;
}

void rewrite(std::span<const std::byte> file) {
  Model model = read_onnx(file);
  if (!model.outputs.empty()) {
    const std::string first = model.outputs[0].name;
    prune(model, {&first, 1});
  }
  const std::string written = write_onnx(model);
  try {
    read_onnx(std::as_bytes(std::span(written)));
  } catch (const Error&) {
    std::abort();  // what was read once must read again
  }
}

void run(std::span<const std::byte> file) {
  const auto network = open_network(file, {.runner = Runner::kDirect});
  if (is_small(network->inputs()) && is_small(network->outputs())) network->run();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = std::as_bytes(std::span(data, size));
  for (const auto& attempt : {rewrite, run}) {
    try {
      attempt(file);
    } catch (const Error&) {
    }
  }
  return 0;
}
