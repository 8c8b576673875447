// Writes the sample networks of the tests into a folder, for fuzz_network to start from.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "runner/sample_networks.hpp"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: network_corpus FOLDER\n";
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  std::filesystem::create_directories(folder);
  for (const auto& sample : camclassify::test::sample_networks()) {
    std::ofstream(folder / (sample.name + ".onnx"), std::ios::binary) << sample.file;
  }
}
