#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "camclassify/image.hpp"

namespace camclassify {

// How a camera was held, as Exif's tag 0x0112 counts: 1 is upright, 2..8 are its mirrorings and
// quarter turns.
using Orientation = int;

// 1 if the JPEG says nothing, or nothing that makes sense.
Orientation exif_orientation(std::span<const std::byte> jpeg);

// The size after turning upright.
Size upright(Size size, Orientation orientation);

// Turns rows of `size` pixels with `channels` bytes each upright.
std::vector<std::uint8_t> upright(std::span<const std::uint8_t> pixels, Size size, int channels,
                                  Orientation orientation);

}  // namespace camclassify
