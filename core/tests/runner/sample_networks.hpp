#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "camclassify/tensor.hpp"

namespace camclassify::test {

struct SampleNetwork {
  std::string name;
  std::string file;  // ONNX
};

// Small networks of fused ops with random weights, which between them use every op, in fp32 and in
// int8. The input is "picture", u8 1 x size x size x 3; `size` is a
// multiple of 4.
std::vector<SampleNetwork> sample_networks(std::int64_t size = 16);

// ONNX file of a trunk with heads "left" (one layer) and "right" (two), and an output "own".
// `declared`: what the file says about the shape of what the heads read, which is {1, 8, 8, 4}.
std::string two_headed_network(bool is_int8, const Shape& declared = {1, 8, 8, 4});

}  // namespace camclassify::test
