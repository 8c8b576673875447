// Runs a network on many frames, and shows that memory does not grow and what a frame allocates:
//   soak_network direct|onnxruntime FRAMES THREADS NETWORK.onnx
// Every frame differs. Fails if more memory is resident at the end than after the first tenth,
// beyond what the allocator's bookkeeping may take, or if the direct runner called operator new
// even once.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <random>
#include <string_view>

#include "camclassify/error.hpp"
#include "camclassify/network.hpp"
#include "memory/allocation_count.hpp"
#include "resident_memory.hpp"

namespace {

using namespace camclassify;

constexpr double kAllowedMegabytes = 2;

// A word of noise somewhere in each input.
void change(Network& network, std::mt19937& random) {
  for (std::size_t i = 0; i < network.inputs().size(); ++i) {
    const TensorView input = network.input(i);
    const std::size_t bytes = input.bytes();
    const std::uint32_t noise = random();
    const std::size_t size = std::min(bytes, sizeof noise);
    std::memcpy(input.data + random() % (bytes - size + 1), &noise, size);
  }
}

int soak(Network& network, bool direct, long frames) {
  std::mt19937 random(0);
  network.run();
  double settled = 0;
  std::size_t allocations = 0;
  for (long frame = 0; frame < frames; ++frame) {
    change(network, random);
    const std::size_t before = test::allocation_count();
    network.run();
    allocations += test::allocation_count() - before;
    if ((frame + 1) % std::max(frames / 10, 1L) != 0) continue;
    const double now = resident_megabytes();
    if (settled == 0) settled = now;
    std::cout << frame + 1 << " frames, " << allocations << " allocations, " << now
              << " MB resident" << std::endl;
  }
  const double growth = resident_megabytes() - settled;
  std::cout << "growth after the first tenth: " << growth << " MB\n";
  const bool passed = growth <= kAllowedMegabytes && !(direct && allocations > 0);
  return passed ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view runner = argc == 5 ? argv[1] : "";
  if (runner != "direct" && runner != "onnxruntime") {
    std::cerr << "usage: soak_network direct|onnxruntime FRAMES THREADS NETWORK.onnx\n";
    return 2;
  }
  try {
    const bool direct = runner == "direct";
    NetworkOptions options;
    options.runner = direct ? Runner::kDirect : Runner::kOnnxRuntime;
    options.threads = std::atoi(argv[3]);
    const auto network = open_network(std::filesystem::path(argv[4]), options);
    return soak(*network, direct, std::strtol(argv[2], nullptr, 10));
  } catch (const Error& error) {
    std::cerr << error.what() << '\n';
    return EXIT_FAILURE;
  }
}
