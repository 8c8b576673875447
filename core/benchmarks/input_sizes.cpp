// What it takes to plan a network for inputs of another size:
//   input_sizes direct|onnxruntime NETWORK.onnx
// Prints, for some sizes, the time until the first run can begin, what more is resident after that
// run, and how long a run takes. The network's input is NHWC.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <memory>
#include <string_view>
#include <vector>

#include "camclassify/error.hpp"
#include "camclassify/network.hpp"
#include "resident_memory.hpp"

namespace {

using namespace camclassify;

constexpr int kRuns = 9;

template <class Step>
double milliseconds(Step step) {
  const auto start = std::chrono::steady_clock::now();
  step();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

double median_run(Network& network) {
  std::array<double, kRuns> times{};
  for (double& time : times) time = milliseconds([&] { network.run(); });
  std::ranges::sort(times);
  return times[kRuns / 2];
}

void measure(const Network& usual, std::int64_t width, std::int64_t height) {
  Shape shape = usual.inputs().front().shape;
  shape[1] = height, shape[2] = width;
  const std::vector<Shape> shapes = {shape};
  const double before = resident_megabytes();
  std::unique_ptr<Network> network;
  const double planned = milliseconds([&] { network = usual.with_inputs(shapes); });
  network->run();
  const double more = resident_megabytes() - before;
  std::cout << "| " << width << " x " << height << " | " << planned << " ms | " << more << " MB | "
            << median_run(*network) << " ms |\n";
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view runner = argc == 3 ? argv[1] : "";
  if (runner != "direct" && runner != "onnxruntime") {
    std::cerr << "usage: input_sizes direct|onnxruntime NETWORK.onnx\n";
    return 2;
  }
  try {
    NetworkOptions options;
    options.runner = runner == "direct" ? Runner::kDirect : Runner::kOnnxRuntime;
    options.any_size = true;
    const auto usual = open_network(std::filesystem::path(argv[2]), options);
    usual->run();
    std::cout << std::fixed << std::setprecision(2)
              << "| input | planned in | resident | a run |\n|---|---|---|---|\n";
    for (const auto& [width, height] : {std::pair{224, 224},
                                        {320, 192},
                                        {416, 256},
                                        {544, 320},
                                        {640, 640},
                                        {736, 416},
                                        {288, 512}})
      measure(*usual, width, height);
  } catch (const Error& error) {
    std::cerr << error.what() << '\n';
    return EXIT_FAILURE;
  }
}
