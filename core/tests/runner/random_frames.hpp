#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "camclassify/network.hpp"

// Runs networks whose only input is a picture.
namespace camclassify::test {

using Bytes = std::vector<std::byte>;

inline void fill(Network& network, unsigned seed) {
  std::mt19937 random(seed);
  std::ranges::generate(network.input(0).as<std::uint8_t>(),
                        [&] { return static_cast<std::uint8_t>(random()); });
}

inline Bytes copy(const TensorView& view) { return {view.data, view.data + view.bytes()}; }

inline std::vector<Bytes> outputs_of(Network& network) {
  std::vector<Bytes> outputs;
  for (std::size_t i = 0; i < network.outputs().size(); ++i)
    outputs.push_back(copy(network.output(i)));
  return outputs;
}

// What the network makes of a random picture.
inline std::vector<Bytes> run(Network& network, unsigned seed) {
  fill(network, seed);
  network.run();
  return outputs_of(network);
}

}  // namespace camclassify::test
