#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "camclassify/image.hpp"

namespace camclassify {

// The fine pattern of a luma plane: how much lighter each cell is than those around it. Light and
// shadow hardly change it, a thing that comes between does.
struct Texture {
  Size size;
  std::vector<std::int8_t> contrasts;  // quarters of grey levels, times 9, at most 127 either way
};

Texture texture_of(const Plane& luma);

// How alike the patterns of a part of both are, -1..1; absent if one of them hardly shows any.
std::optional<float> likeness(const Texture& before, const Texture& now, const Box& part);

// Whether one picture is the other shifted, by up to 3 cells each way, as a camera in the wind
// shifts it.
bool is_shifted(const Texture& before, const Texture& now);

}  // namespace camclassify
