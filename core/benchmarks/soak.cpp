// Classifies many frames and shows that memory does not grow:
//   soak BUNDLE FRAMES SNAPSHOT...
// The snapshots come in turn, every second frame past an open gate. Fails if more memory is
// resident at the end than after the first tenth, beyond what the allocator's bookkeeping may take.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <span>
#include <vector>

#include "camclassify/engine.hpp"
#include "camclassify/error.hpp"
#include "resident_memory.hpp"

namespace {

using namespace camclassify;

constexpr double kAllowedMegabytes = 2;

std::vector<char> read(const char* path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(std::string(path) + " cannot be opened.");
  return {std::istreambuf_iterator<char>(file), {}};
}

int soak(const char* bundle, long frames, const std::vector<std::vector<char>>& snapshots) {
  EngineOptions options;
  options.bundle = bundle;
  Engine engine(options);
  double settled = 0;
  for (long frame = 0; frame < frames; ++frame) {
    Request request;
    request.camera = "soak";
    request.use_gate = frame % 2 == 0;
    const auto& snapshot = snapshots[static_cast<std::size_t>(frame) % snapshots.size()];
    engine.classify(std::as_bytes(std::span(snapshot)), request);
    if ((frame + 1) % std::max(frames / 10, 1L) != 0) continue;
    const double now = resident_megabytes();
    if (settled == 0) settled = now;
    std::cout << frame + 1 << " frames, " << now << " MB resident" << std::endl;
  }
  const double growth = resident_megabytes() - settled;
  std::cout << "growth after the first tenth: " << growth << " MB\n";
  return growth <= kAllowedMegabytes ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "usage: soak BUNDLE FRAMES SNAPSHOT...\n";
    return 2;
  }
  try {
    std::vector<std::vector<char>> snapshots;
    for (int i = 3; i < argc; ++i) snapshots.push_back(read(argv[i]));
    return soak(argv[1], std::strtol(argv[2], nullptr, 10), snapshots);
  } catch (const Error& error) {
    std::cerr << error.what() << '\n';
    return EXIT_FAILURE;
  }
}
