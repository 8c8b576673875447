#pragma once

#include <cstdint>
#include <span>

namespace camclassify {

// How a camera's exposure changed between two pictures of one scene: luma = gain * reference +
// offset.
struct Exposure {
  float gain = 1;
  float offset = 0;
  float noise = 0;  // mean absolute deviation of what follows that rule
};

// Least squares, repeated without the cells that fit worst: these show a change of the scene.
// Both of the same size, not empty.
Exposure fit_exposure(std::span<const std::uint8_t> reference, std::span<const std::uint8_t> luma);

}  // namespace camclassify
