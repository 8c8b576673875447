#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace camclassify {

// How a camera's exposure changed between two pictures of one scene.
struct Exposure {
  std::array<std::uint8_t, 256> expected;  // what each level of the reference should look like now
  float noise = 0;                         // mean deviation of what follows that rule
};

// A tone curve through the median change of each band of levels: it follows gain, offset and gamma,
// and an object that came or went moves no median. Both of the same size, not empty.
Exposure fit_exposure(std::span<const std::uint8_t> reference, std::span<const std::uint8_t> luma);

}  // namespace camclassify
